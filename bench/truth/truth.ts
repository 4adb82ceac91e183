import { type Figure, figureOf } from '../measuring/figure.ts'
import { localRun } from '../measuring/local-run.ts'
import type { Suite, SuiteOptions } from '../measuring/suite.ts'
import { PinnedChildren } from '../measuring/pinned-children.ts'
import type { Truth } from '../../test/targets/measuring/exact-delay-target.ts'
import type { Reference } from '../../test/targets/measuring/reference-client.ts'

const seconds = 8

/** The differences, in milliseconds, between the measured percentiles of the latency and the percentiles that the target recorded. */
interface Errors {
  p50: number
  p99: number
}

interface Load {
  key: string
  title: string
  users: number
  /** The members of the user class. The members contain the requests and the code between the requests. */
  members: string
  goals?: Errors
}

const spin = (ms: number): string => `const end = performance.now() + ${ms}; while (performance.now() < end);`
const loads: readonly Load[] = [
  {
    key: 'truth.calm',
    title: '20 users, 0.2 s apart',
    users: 20,
    members: `wait = between(0.1, 0.3); @task async go() { await this.http.get('/') }`,
  },
  {
    key: 'truth.work01',
    title: 'saturated by 0.1 ms of user code',
    users: 400,
    members: `@task async go() { await this.http.get('/'); ${spin(0.1)} }`,
    goals: { p50: 2, p99: 15 },
  },
  {
    key: 'truth.work2',
    title: 'saturated by 2 ms of user code',
    users: 60,
    members: `@task async go() { await this.http.get('/'); ${spin(2)} }`,
    goals: { p50: 2, p99: 15 },
  },
]

/**
 * Compares the latencies that burst reports with the latencies that the target recorded. The target takes 20 ms for each response. The baseline is
 * the error of a client with bare sockets. The client runs at the same time and has a separate target.
 */
export const truth: Suite = async (options) => {
  const figures: Figure[] = []
  for (const load of loads) figures.push(...(await measure(load, options)))
  return figures
}

async function measure(load: Load, { rounds, say }: SuiteOptions): Promise<Figure[]> {
  const burst: Errors[] = []
  const bare: Errors[] = []
  for (let round = 1; round <= rounds; round++) {
    say(`${load.key}: round ${round} of ${rounds}`)
    const both = await measureOnce(load)
    burst.push(both.burst)
    bare.push(both.bare)
  }
  return (['p50', 'p99'] as const).map((p) =>
    figureOf(
      {
        key: `${load.key}.${p}`,
        title: `error of ${p}, ${load.title}`,
        unit: 'ms',
        ...(load.goals && { goal: `≤ ${load.goals[p]} ms` }),
      },
      burst.map((errors) => errors[p]),
      { title: 'bare sockets', values: bare.map((errors) => errors[p]) },
    ),
  )
}

async function measureOnce({ users, members }: Load): Promise<{ burst: Errors; bare: Errors }> {
  const children = new PinnedChildren()
  try {
    const target = await children.start('measuring/exact-delay-target.ts', { slowMs: 20 })
    const other = await children.start('measuring/exact-delay-target.ts', { slowMs: 20 })
    const client = await children.start('measuring/reference-client.ts', { origin: other.origin })
    const { report } = await localRun({
      scenario: `import { HttpUser, between, scenario, task } from 'burst'
class U extends HttpUser {
  ${members}
}
export default scenario({ host: '${target.origin}', users: [U] })`,
      flags: ['-u', String(users), '-t', String(seconds), '--workers', '1'],
    })
    const measured = await client.ask<Reference>('finish')
    return {
      burst: above(report.totals.latencyMs, await target.ask<Truth>('truth')),
      bare: above(measured, await other.ask<Truth>('truth')),
    }
  } finally {
    await children.close()
  }
}

function above(measured: { p50: number | null; p99: number | null }, { p50, p99 }: Truth): Errors {
  return { p50: (measured.p50 ?? Number.NaN) - p50, p99: (measured.p99 ?? Number.NaN) - p99 }
}
