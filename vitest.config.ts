import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import { UnhandledErrors } from './.ci/unhandled-errors.ts'

// These tests take measurements. Tests that run at the same time would distort the measurements. The package test is also in this list, because it
// rebuilds `dist`, which other tests read.
const alone = ['test/e2e/{truth,plan}.test.ts', 'test/cli/commands/demo.test.ts', 'test/package/package.test.ts']
// Tests of whole runs with exact counts.
const wholeRuns = 'test/e2e/**/*.test.ts'

// More test files than cores run at the same time, because most tests spend more time waiting than using the CPU.
const filesAtATime = 3

export default defineConfig({
  ssr: { resolve: { conditions: ['burst-source', 'node', 'import', 'default'] } },
  resolve: { conditions: ['burst-source'] },
  test: {
    globalSetup: 'test/page-build.ts',
    // The processes that tests start compile the same sources again and again. With a cache, compilation needs only half as much CPU time.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, '.vitest/compiled') },
    // The timeout is long, because the machine may be busy.
    testTimeout: 180_000,
    hookTimeout: 120_000,
    // `expect.poll` waits for up to 30 s until a condition is met, because the machine may be busy.
    expect: { poll: { timeout: 30_000 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: ['test/**/*.test.ts'],
          exclude: [...alone, wholeRuns, 'test/e2e-aws/**'],
          maxWorkers: filesAtATime,
        },
      },
      {
        extends: true,
        test: {
          name: 'whole runs',
          include: [wholeRuns],
          exclude: alone,
          maxWorkers: filesAtATime,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: 'alone', include: alone, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
    ...(process.env['CI'] && {
      reporters: ['default', 'json', new UnhandledErrors()],
      outputFile: { json: '.vitest/results.json' },
    }),
    coverage: {
      provider: 'v8',
      include: ['core/**/*.ts', 'functions/**/*.ts', 'cli/**/*.ts', 'index.ts'],
      reporter: ['text-summary'],
      thresholds: { 'core/**': { lines: 90, statements: 90, functions: 90, branches: 90 } },
    },
  },
})
