import { defineConfig, mergeConfig } from 'vitest/config'
import base from './vitest.config.ts'

/** An endpoint that somebody names takes the place of the emulators that the suite starts itself. */
const named = Boolean(process.env['BURST_E2E_ENDPOINT'])
const files = named ? ['test/e2e-aws/endpoint.test.ts'] : ['test/e2e-aws/*.test.ts']
const config = mergeConfig(base, defineConfig({ test: { testTimeout: 300_000, maxWorkers: 1 } }))

export default {
  ...config,
  test: { ...config.test, include: files, exclude: named ? [] : ['test/e2e-aws/endpoint.test.ts'] },
}
