import { defineConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** An endpoint in the environment replaces the emulators that the suite starts itself. */
const named = Boolean(process.env['BURST_E2E_ENDPOINT'])

export default defineConfig({
  ...base,
  // Two files at a time, because they mostly wait. The projects of the other tests are left out.
  test: {
    env: base.test?.env ?? {},
    include: named ? ['test/e2e-aws/endpoint.test.ts'] : ['test/e2e-aws/**/*.test.ts'],
    exclude: named ? [] : ['test/e2e-aws/endpoint.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
  },
})
