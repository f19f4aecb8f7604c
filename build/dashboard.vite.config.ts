import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** The page of the admin port: src/dashboard to dist/dashboard. */
export default defineConfig({
  root: at('../src/dashboard'),
  base: './',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: at('../dist/dashboard'),
    emptyOutDir: true,
    target: 'es2022',
    // A file of its own for each asset: the content security policy has no room for data: URLs.
    assetsInlineLimit: 0,
    modulePreload: false,
    reportCompressedSize: false,
  },
  logLevel: 'warn',
})
