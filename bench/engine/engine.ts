import { type Figure, figureOf } from '../measuring/figure.ts'
import { runProgram } from '../measuring/program.ts'
import type { Suite, SuiteOptions } from '../measuring/suite.ts'
import { withTarget } from '../target/with-target.ts'
import type { EngineRun, EngineRunOptions } from './engine-run.ts'

const users = 100

interface Work {
  key: string
  title: string
  path: string
  goals: { requestsPerSecond: string; cpuPerRequest?: string }
}

const works: readonly Work[] = [
  { key: 'engine', title: '11 bytes', path: '/', goals: { requestsPerSecond: '≥ 0.70', cpuPerRequest: '≤ 1.45' } },
  { key: 'engineJson', title: '.json() of 1 KB', path: '/json', goals: { requestsPerSecond: '≥ 0.50' } },
]

/**
 * Measures how many requests burst's real worker sends per second on one core, and its CPU time per request. The baseline is a bare loop of undici's
 * `Client.dispatch`.
 */
export const engine: Suite = async (options) => {
  const figures: Figure[] = []
  for (const work of works) figures.push(...(await measure(work, options)))
  return figures
}

async function measure({ key, title, path, goals }: Work, { rounds, seconds, say }: SuiteOptions): Promise<Figure[]> {
  const raw: EngineRun[] = []
  const burst: EngineRun[] = []
  await withTarget(async ({ origin }) => {
    const options: EngineRunOptions = { origin, path, users, seconds }
    for (let round = 1; round <= rounds; round++) {
      say(`${key}: round ${round} of ${rounds}`)
      raw.push(await runProgram<EngineRun>('engine/raw.ts', options))
      burst.push(await runProgram<EngineRun>('engine/burst.ts', options))
    }
  })
  const of = (pick: (run: EngineRun) => number): [number[], { title: string; values: number[] }] => [
    burst.map(pick),
    { title: 'Client.dispatch', values: raw.map(pick) },
  ]
  const { requestsPerSecond, cpuPerRequest } = goals
  return [
    figureOf(
      { key: `${key}.requestsPerSecond`, title: `requests per core, ${title}`, unit: '/s', goal: requestsPerSecond },
      ...of((run) => run.requestsPerSecond),
    ),
    figureOf(
      {
        key: `${key}.cpuPerRequest`,
        title: `CPU per request, ${title}`,
        unit: 'µs',
        ...(cpuPerRequest !== undefined && { goal: cpuPerRequest }),
      },
      ...of((run) => run.cpuPerRequestUs),
    ),
  ]
}
