import { defineConfig } from 'vitest/config'

export default defineConfig({
  ssr: { resolve: { conditions: ['burst-source', 'node', 'import', 'module', 'default'] } },
  resolve: { conditions: ['burst-source'] },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Whole runs measure themselves; more than two at once would measure each other.
    maxWorkers: 2,
    coverage: {
      provider: 'v8',
      include: ['core/**/*.ts', 'functions/**/*.ts', 'cli/**/*.ts', 'index.ts'],
      reporter: ['text-summary'],
    },
  },
})
