import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** An endpoint that somebody names takes the place of the emulators that the suite starts itself. */
const named = Boolean(process.env['BURST_E2E_ENDPOINT'])

export default defineConfig({
  ...base,
  // Two files at a time, since they wait most of the time; and nothing of the other tests: their projects stay out.
  test: {
    include: named ? ['test/e2e-aws/endpoint.test.ts'] : ['test/e2e-aws/*.test.ts'],
    exclude: named ? [] : ['test/e2e-aws/endpoint.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
  },
})
