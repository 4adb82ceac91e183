import { type Figure, figureOf } from '../measuring/figure.ts'
import { runProgram } from '../measuring/program.ts'
import type { Suite, SuiteOptions } from '../measuring/suite.ts'
import { withTarget } from '../target/with-target.ts'
import type { OfferOptions, Offered } from './offered.ts'

interface Load {
  key: string
  title: string
  perSecond: number
  goals: { started?: string; late: string }
}

const loads: readonly Load[] = [
  { key: 'arrivals', title: '10,000/s', perSecond: 10_000, goals: { started: '0.99 to 1.01', late: '≤ 5 ms' } },
  // One core cannot send requests at this rate. The worker drops each arrival that is more than 100 ms late.
  { key: 'arrivalsBeyond', title: '60,000/s', perSecond: 60_000, goals: { late: '≤ 100 ms' } },
]

/**
 * Measures two loads: arrivals at a rate that one core can send, and arrivals at a higher rate. Each load has three measurements: the lateness of the
 * requests, the started arrivals as a fraction of the planned arrivals, and the counted (started or dropped) arrivals as a fraction of the planned
 * arrivals.
 */
export const arrivals: Suite = async (options) => {
  const figures: Figure[] = []
  for (const load of loads) figures.push(...(await measure(load, options)))
  return figures
}

async function measure(
  { key, title, perSecond, goals }: Load,
  { rounds, seconds, say }: SuiteOptions,
): Promise<Figure[]> {
  const runs: Offered[] = []
  await withTarget(async ({ origin }) => {
    const options: OfferOptions = { origin, perSecond, seconds }
    for (let round = 1; round <= rounds; round++) {
      say(`${key}: round ${round} of ${rounds}`)
      runs.push(await runProgram<Offered>('arrivals/offer.ts', options))
    }
  })
  const figure = (name: string, about: Partial<Figure>, pick: (run: Offered) => number): Figure =>
    figureOf(
      {
        key: `${key}.${name}`,
        title: `${about.title}, ${title}`,
        unit: about.unit ?? '',
        ...(about.goal && { goal: about.goal }),
      },
      runs.map(pick),
    )
  return [
    figure(
      'started',
      { title: 'fraction of planned arrivals that were started', ...(goals.started && { goal: goals.started }) },
      (run) => run.started / run.wanted,
    ),
    figure(
      'late',
      { title: 'lateness of requests, p99', unit: 'ms', goal: goals.late },
      (run) => run.lateP99Ms ?? Number.NaN,
    ),
    figure(
      'counted',
      { title: 'fraction of planned arrivals that were started or dropped', goal: '1' },
      (run) => run.counted / run.offered,
    ),
  ]
}
