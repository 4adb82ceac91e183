import { parseArgs } from 'node:util'
import { type ChildTarget, runInChild } from '../../test/targets/child.ts'
import { figureOf } from '../measuring/figure.ts'
import { type SliceUse, measureInTurn } from '../measuring/in-turn.ts'
import { generatorCore, loadNow, pin } from '../measuring/machine.ts'
import type { Received } from '../target/target.ts'
import { withTarget } from '../target/with-target.ts'
import { type Rung, rungs } from './rungs.ts'

/**
 * `npm run bench:ladder -- [--rounds 9] [--path /json] [--only dispatch,worker]`: measures how the CPU time of a request is divided among the layers
 * of the engine.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    path: { type: 'string', default: '/' },
    only: { type: 'string', default: rungs.map(({ name }) => name).join(',') },
  },
})
const users = 100
const slice = { settleMs: 800, sliceMs: 800 }
/** A program is warmed up when it has sent this number of requests in one time slice. */
const warmRequests = 2_000

const chosen = rungs.filter(({ name }) => values.only.split(',').includes(name))
const used = new Map<string, number[]>(chosen.map(({ name }) => [name, []]))
const children: ChildTarget[] = []
// Kills the child processes, because a paused child process would outlive this process.
process.once('exit', () => children.forEach(({ pid }) => process.kill(pid, 'SIGKILL')))
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

await withTarget(async (target) => {
  const received = async (): Promise<number> => (await target.ask<Received>('received')).requests
  const measure = (name: string, { pid }: ChildTarget): Promise<SliceUse> =>
    measureInTurn({ name, pid }, { ...slice, received })
  for (const { name } of chosen) {
    const options = { rung: name, origin: target.origin, path: values.path, users }
    const child = await runInChild('../../bench/engine/rung.ts', options, ['--conditions=burst-source'])
    children.push(child)
    await pin(child.pid, generatorCore)
    while ((await measure(name, child)).requests < warmRequests);
  }
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [at, child] of children.entries()) {
      const { name, cpuUs, requests } = await measure((chosen[at] as Rung).name, child)
      used.get(name)?.push(cpuUs / requests)
    }
  }
  for (const { pid } of children) process.kill(pid, 'SIGCONT')
  await Promise.all(children.splice(0).map((child) => child.close()))
})

/**
 * Returns the table row of a rung. The row contains the CPU time of the rung, the difference from the rung in the previous row, and the ratio to the
 * rung in the first row.
 */
function rowOf({ name, adds }: Rung, at: number): string {
  const own = valuesOf(at)
  const { value, ratio } = figureOf({ key: name, title: name, unit: 'µs' }, own, { title: '', values: valuesOf(0) })
  const more = at === 0 ? '' : moreThan(own, valuesOf(at - 1))
  return `| + ${adds} | ${value.median.toFixed(1)} | ${more} | ${ratio?.median.toFixed(2)} |`
}

function valuesOf(at: number): readonly number[] {
  return used.get((chosen[at] as Rung).name) as number[]
}

function moreThan(own: readonly number[], before: readonly number[]): string {
  const differences = own.map((value, round) => value - (before[round] as number))
  const { median, least, greatest } = figureOf({ key: '', title: '', unit: 'µs' }, differences).value
  return `${median.toFixed(1)} (${least.toFixed(1)} to ${greatest.toFixed(1)})`
}

const head =
  '| rung | CPU per request, µs | difference from the previous rung, µs | ratio to `dispatch` |\n|---|---|---|---|'
process.stdout.write(`${head}\n${chosen.map(rowOf).join('\n')}\n\n`)
process.stdout.write(
  `medians of ${values.rounds} interleaved rounds, Node ${process.version}, load average ${loadNow()}\n`,
)
