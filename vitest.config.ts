import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** The layers, one after another; test/layers says what each needs. `--project local` runs one. */
export default defineConfig({
  resolve: { alias: { '#bytes': fileURLToPath(new URL('./src/model/bytes.ts', import.meta.url)) } },
  test: {
    testTimeout: 60_000,
    hookTimeout: 120_000,
    setupFiles: process.env['FAIRLEAD_SEED'] === undefined ? [] : ['test/support/fixed-seed.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'local',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['test/api/**', 'test/in-browser/**', 'test/in-image/**', 'test/in-cluster/**'],
          sequence: { groupOrder: 0 },
          // vitest would leave one of two cores alone; these wait for NGINX and for other programs half of the time.
          maxWorkers: 2,
          // A process of its own would load everything anew for each file; no file changes a module.
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/in-browser/**/*.test.ts'],
          globalSetup: 'test/in-browser/tools.ts',
          testTimeout: 180_000,
          sequence: { groupOrder: 1 },
          maxWorkers: 1,
        },
      },
      {
        extends: true,
        test: {
          name: 'api',
          include: ['test/api/**/*.test.ts'],
          globalSetup: 'test/api/tools.ts',
          testTimeout: 180_000,
          sequence: { groupOrder: 2 },
          // They wait for servers most of the time, each for its own.
          maxWorkers: 3,
        },
      },
      {
        extends: true,
        test: {
          name: 'image',
          include: ['test/in-image/**/*.test.ts'],
          globalSetup: 'test/in-image/tools.ts',
          sequence: { groupOrder: 3 },
          testTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'cluster',
          include: ['test/in-cluster/**/*.test.ts'],
          globalSetup: 'test/in-cluster/tools.ts',
          sequence: { groupOrder: 4 },
          maxWorkers: 1,
          testTimeout: 180_000,
        },
      },
    ],
  },
})
