import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import base from './vitest.config.ts'

/**
 * The files that start first, in this order, because they take the longest. The mishaps on MiniStack come last, so that they do not coincide with
 * the runs of 50 workers.
 */
const first = ['localstack', 'ministack', 'localstack-mishaps', 'crashes', 'ministack-mishaps']

class LongestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const place = first.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`))
      return place === -1 ? first.length : place
    }
    return Promise.resolve(files.toSorted((a, b) => placeOf(a) - placeOf(b)))
  }
}

/** An endpoint in the environment replaces the emulators that the suite starts itself. */
const named = Boolean(process.env['BURST_E2E_ENDPOINT'])

export default defineConfig({
  ...base,
  // Three files run at a time, because they mostly wait. Each file starts its own emulator. The projects of the other tests are left out.
  test: {
    env: base.test?.env ?? {},
    include: named ? ['test/e2e-aws/endpoint.test.ts'] : ['test/e2e-aws/**/*.test.ts'],
    exclude: named ? [] : ['test/e2e-aws/endpoint.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
  },
})
