import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { UnhandledErrors } from './.ci/unhandled-errors.ts'
import base from './vitest.config.ts'

/** The files that start first, in this order, because they take the longest. */
const first = ['localstack-mishaps', 'crashes', 'ministack-mishaps', 'localstack', 'ministack']

class LongestFirst extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const placeOf = ({ moduleId }: TestSpecification): number => {
      const place = first.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`))
      return place === -1 ? first.length : place
    }
    return Promise.resolve(files.toSorted((a, b) => placeOf(a) - placeOf(b)))
  }
}

/** `true` if the environment names an endpoint. If so, the tests use this endpoint. If not, the suite starts emulators. */
const named = Boolean(process.env['BURST_E2E_ENDPOINT'])

const all = 'test/e2e-aws/**/*.test.ts'
const endpoint = 'test/e2e-aws/journeys/endpoint.test.ts'
/**
 * The tests of runs with 50 workers. Only one of these test files runs at a time, because each worker is a process. If other tests ran at the same
 * time, an emulator might accept no message for three reporting intervals, and the workers would stop.
 */
const fanOut = 'test/e2e-aws/journeys/*-fan-out.test.ts'

export default defineConfig({
  ...base,
  // This object replaces `test` of `base`, because the projects of `base` do not contain the tests in `test/e2e-aws`.
  test: {
    env: base.test?.env ?? {},
    testTimeout: 360_000,
    hookTimeout: 300_000,
    sequence: { sequencer: LongestFirst },
    projects: named
      ? [{ extends: true, test: { name: 'endpoint', include: [endpoint] } }]
      : [
          {
            extends: true,
            test: {
              name: 'side by side',
              include: [all],
              exclude: [fanOut, endpoint],
              // Three files run at the same time, because the tests mostly wait. Each file starts its own emulator.
              maxWorkers: 3,
            },
          },
          { extends: true, test: { name: 'alone', include: [fanOut], maxWorkers: 1, sequence: { groupOrder: 1 } } },
        ],
    ...(process.env['CI'] && {
      reporters: ['default', 'json', new UnhandledErrors()],
      outputFile: { json: '.vitest/e2e.json' },
    }),
  },
})
