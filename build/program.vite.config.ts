import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/**
 * What bin/fairlead starts, in few files: dist/program, from what tsc has compiled. Node looks for, opens and links
 * each of 800 modules else, which is half of the time of a start. Packages stay where npm puts them.
 */
export default defineConfig({
  root: at('..'),
  publicDir: false,
  resolve: { alias: { '#bytes': at('../dist/model/bytes.js') } },
  build: {
    ssr: true,
    outDir: at('../dist/program'),
    emptyOutDir: true,
    target: 'node20',
    minify: false,
    rolldownOptions: {
      input: {
        main: at('../dist/cli/main.js'),
        // A thread and a process of their own.
        'log-thread': at('../dist/observe/logs/thread.js'),
        'log-store': at('../dist/observe/logs/raw/process.js'),
      },
      output: { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
    },
  },
  logLevel: 'warn',
})
