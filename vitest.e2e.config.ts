import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import base from './vitest.config.ts'

/** Starts the journeys first, because they take longer than the other files. */
class JourneysFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isJourney = ({ moduleId }: TestSpecification) => /(local|mini)stack(-mishaps)?\.test\.ts$/.test(moduleId)
    return Promise.resolve([...files.filter(isJourney), ...files.filter((file) => !isJourney(file))])
  }
}

/** An endpoint in the environment replaces the emulators that the suite starts itself. */
const named = Boolean(process.env['BURST_E2E_ENDPOINT'])

export default defineConfig({
  ...base,
  // Four files run at a time, because they mostly wait. Each file starts its own emulator. The projects of the other tests are left out.
  test: {
    env: base.test?.env ?? {},
    include: named ? ['test/e2e-aws/endpoint.test.ts'] : ['test/e2e-aws/**/*.test.ts'],
    exclude: named ? [] : ['test/e2e-aws/endpoint.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 4,
    sequence: { sequencer: JourneysFirst },
  },
})
