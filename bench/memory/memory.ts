import { setTimeout as sleep } from 'node:timers/promises'
import { type Figure, figureOf } from '../measuring/figure.ts'
import { localRun } from '../measuring/local-run.ts'
import { type ProcessUse, treeOf } from '../measuring/processes.ts'
import { runProgram } from '../measuring/program.ts'
import type { Suite, SuiteOptions } from '../measuring/suite.ts'
import { withTarget } from '../target/with-target.ts'
import type { PacedOptions, PacedRun } from './paced-run.ts'

const everyS = 5
const seconds = 15

type BurstRun = PacedRun & { lagP99Ms: number }

interface Crowd {
  users: number
  goals: { rss: string; cpu?: string; lag?: string }
}

const crowds: readonly Crowd[] = [
  { users: 900, goals: { rss: '≤ 130 MiB' } },
  { users: 5_000, goals: { rss: '≤ 300 MiB', cpu: '≤ 0.20', lag: '≤ 10 ms' } },
]

/** Measures the memory, CPU time, latency and lag of one worker. Each user of the worker has a connection and sends a request every 5 s. */
export const memory: Suite = async (options) => {
  const figures: Figure[] = []
  for (const crowd of crowds) figures.push(...(await measure(crowd, options)))
  return figures
}

async function measure({ users, goals }: Crowd, { rounds, say }: SuiteOptions): Promise<Figure[]> {
  const bare: PacedRun[] = []
  const burst: BurstRun[] = []
  await withTarget(async ({ origin }) => {
    const options: PacedOptions = { origin, users, everyS, seconds }
    for (let round = 1; round <= rounds; round++) {
      say(`memory, ${users} users: round ${round} of ${rounds}`)
      bare.push(await runProgram<PacedRun>('memory/bare.ts', options))
      burst.push(await runBurst(options))
    }
  })
  return figuresOf({ users, goals }, burst, bare)
}

function figuresOf({ users, goals }: Crowd, burst: readonly BurstRun[], bare: readonly PacedRun[]): Figure[] {
  const figure = (
    about: { name: string; title: string; unit: string; goal?: string | undefined },
    of: keyof PacedRun,
  ) =>
    figureOf(
      {
        key: `memory${users}.${about.name}`,
        title: `${about.title}, ${users} users`,
        unit: about.unit,
        ...(about.goal !== undefined && { goal: about.goal }),
      },
      burst.map((run) => run[of]),
      { title: 'undici alone', values: bare.map((run) => run[of]) },
    )
  return [
    figure({ name: 'rss', title: 'memory of the worker', unit: 'MiB', goal: goals.rss }, 'rssMb'),
    figure({ name: 'cpu', title: 'share of a core', unit: '', goal: goals.cpu }, 'cpuShare'),
    figure({ name: 'latencyP50', title: 'p50 latency of immediate responses', unit: 'ms' }, 'latencyP50Ms'),
    figure({ name: 'latencyP99', title: 'p99 latency of immediate responses', unit: 'ms' }, 'latencyP99Ms'),
    figureOf(
      {
        key: `memory${users}.lagP99`,
        title: `lag p99, ${users} users`,
        unit: 'ms',
        ...(goals.lag !== undefined && { goal: goals.lag }),
      },
      burst.map((run) => run.lagP99Ms),
    ),
  ]
}

async function runBurst({ origin, users }: PacedOptions): Promise<BurstRun> {
  let cpuShare = Number.NaN
  const { report } = await localRun({
    scenario: `import { HttpUser, pacing, scenario, task } from 'burst'
class U extends HttpUser {
  wait = pacing(${everyS})
  @task async go() { await this.http.get('/').expect(200) }
}
export default scenario({ host: '${origin}', users: [U] })`,
    flags: ['-u', String(users), '-r', String(users / everyS), '-t', String(seconds), '--workers', '1'].concat([
      '--users-per-worker',
      String(users),
    ]),
    during: async (pid) => {
      cpuShare = await steadyShare(pid)
    },
  })
  const [worker] = report.workers
  const { p50, p99 } = report.totals.latencyMs
  return {
    rssMb: worker?.rssMb ?? Number.NaN,
    cpuShare,
    latencyP50Ms: p50 ?? Number.NaN,
    latencyP99Ms: p99 ?? Number.NaN,
    lagP99Ms: worker?.lagMs.p99 ?? Number.NaN,
  }
}

/** Returns the fraction of a core that the worker uses while all users run. The worker is the process that uses the most CPU time. */
async function steadyShare(pid: number): Promise<number> {
  await sleep((everyS + 4) * 1_000)
  const fromMs = performance.now()
  const before = await treeOf(pid)
  await sleep((seconds - everyS - 5) * 1_000)
  const elapsedMs = performance.now() - fromMs
  const after = await treeOf(pid)
  const [busiest = Number.NaN] = after.map((one) => usedSince(before, one) / elapsedMs).toSorted((a, b) => b - a)
  return busiest
}

function usedSince(before: readonly ProcessUse[], { pid, cpuMs }: ProcessUse): number {
  return cpuMs - (before.find((one) => one.pid === pid)?.cpuMs ?? 0)
}
