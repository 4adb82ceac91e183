import { setTimeout as sleep } from 'node:timers/promises'
import { type Figure, figureOf } from '../measuring/figure.ts'
import { localRun } from '../measuring/local-run.ts'
import { pssMbOf, treeOf } from '../measuring/processes.ts'
import { runProgram } from '../measuring/program.ts'
import type { Suite } from '../measuring/suite.ts'
import type { Received } from '../target/target.ts'
import { withTarget } from '../target/with-target.ts'
import type { ChildTarget } from '../../test/targets/child.ts'

/** The time between two measurements of the memory, in milliseconds. */
const lookMs = 200

interface Started {
  /** The time from the start of the program until the target received the first request. */
  firstRequestMs: number
  /** The time from the last request to the end of the program, including the writing of the report; 0 for the baseline. */
  reportMs: number
  /** The greatest sum of the resident memory of all processes, in MiB. A page that several processes share is counted once per process. */
  treeMb: number
  /** The greatest sum of the proportional memory (PSS) of all processes, in MiB. A page that several processes share is counted only once. */
  treePssMb: number
}

/**
 * Measures `burst run --local` with one user: the time from its start to its first request, the time from its last request to its end, and
 * the memory of all its processes.
 */
export const startup: Suite = async ({ rounds, say }) => {
  const bare: Started[] = []
  const burst: Started[] = []
  await withTarget(async (target) => {
    for (let round = 1; round <= rounds; round++) {
      say(`startup: round ${round} of ${rounds}`)
      bare.push(await startBare(target))
      burst.push(await startBurst(target))
    }
  })
  return figuresOf(burst, bare)
}

function figuresOf(burst: readonly Started[], bare: readonly Started[]): Figure[] {
  const title = 'undici alone'
  return [
    figureOf(
      { key: 'startup.firstRequest', title: 'start to first request', unit: 'ms', goal: '≤ 1,000 ms' },
      burst.map((one) => one.firstRequestMs),
      { title, values: bare.map((one) => one.firstRequestMs) },
    ),
    figureOf(
      { key: 'startup.report', title: 'last request to end of program', unit: 'ms', goal: '≤ 2,000 ms' },
      burst.map((one) => one.reportMs),
    ),
    figureOf(
      { key: 'startup.tree', title: 'memory of all processes, 1 user', unit: 'MiB', goal: '≤ 220 MiB' },
      burst.map((one) => one.treeMb),
      { title, values: bare.map((one) => one.treeMb) },
    ),
    figureOf(
      { key: 'startup.treePss', title: 'memory of all processes, shared pages counted once', unit: 'MiB' },
      burst.map((one) => one.treePssMb),
      { title, values: bare.map((one) => one.treePssMb) },
    ),
  ]
}

async function startBare(target: ChildTarget): Promise<Started> {
  const spawnedAtMs = Date.now()
  const { rssMb, pssMb } = await runProgram<{ rssMb: number; pssMb: number }>('startup/bare.ts', {
    origin: target.origin,
  })
  const { firstAtMs } = await target.ask<Received>('received')
  return { firstRequestMs: firstAtMs - spawnedAtMs, reportMs: 0, treeMb: rssMb, treePssMb: pssMb }
}

async function startBurst(target: ChildTarget): Promise<Started> {
  let [treeMb, treePssMb] = [0, 0]
  let running = true
  const watch = async (pid: number): Promise<void> => {
    while (running) {
      const used = await treeOf(pid)
      const pssMb = await Promise.all(used.map((one) => pssMbOf(one.pid)))
      treeMb = Math.max(treeMb, sumOf(used.map(({ rssMb }) => rssMb)))
      treePssMb = Math.max(treePssMb, sumOf(pssMb))
      running = used.length > 0
      await sleep(lookMs)
    }
  }
  const { spawnedAtMs, exitedAtMs } = await localRun({
    scenario: `import { HttpUser, constant, scenario, task } from 'burst'
class U extends HttpUser {
  wait = constant(0.02)
  @task async go() { await this.http.get('/').expect(200) }
}
export default scenario({ host: '${target.origin}', users: [U] })`,
    flags: ['-u', '1', '-t', '2'],
    // The processes are not pinned, because in a normal run they may use all cores.
    pinned: false,
    during: watch,
  })
  const { firstAtMs, lastAtMs } = await target.ask<Received>('received')
  return { firstRequestMs: firstAtMs - spawnedAtMs, reportMs: exitedAtMs - lastAtMs, treeMb, treePssMb }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
