import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { BenchStore } from './bench-store.ts'
import { copyShard } from './copy-shard.ts'
import { type Minute, ShardDrive, prepare } from './drive.ts'
import type { Finalised } from './finalise-program.ts'
import { type Shape, shapes, shardsOf } from './shape.ts'
import { Synthetic } from './synthetic.ts'

/**
 * `npm run bench:reduce -- [wide] [wider] [long] [longer] [--shards N] [--minutes N] [--out file.json]`: measures the merging and finalising of large
 * runs. `--shards` is the number of shards that are merged message by message: 2 by default, or `all`. The other shards are copies of the merged
 * shards, with different workers.
 */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    shards: { type: 'string', default: '2' },
    /** The length of the run in minutes. Default: the length that the shape defines. */
    minutes: { type: 'string' },
    out: { type: 'string', default: join(import.meta.dirname, '../../burst-results/bench-reduce.json') },
  },
})

/**
 * The measurements of one shape. The CPU times include all threads of the process. Other work on the machine can affect the measurements. If several
 * shards are merged, the first shard is the warm-up: `messages`, `messagesPerS`, `windowMs` and `windowCost` do not include it.
 */
interface Result {
  shape: Shape
  shards: { all: number; merged: number }
  messages: number
  /** The number of messages that one reducer on one core merges per second of CPU time, and per second of the wall clock. */
  messagesPerS: { cpu: number; wall: number }
  /** The size of the shard state at the end of each minute, in characters, for the shard that was merged last. */
  stateSizes: number[]
  /** The CPU time per window of one shard, in milliseconds, for each minute. */
  windowMs: number[]
  /** The CPU time of a window at the end of the run, divided by the CPU time of a window at the beginning (after the first minute). */
  windowCost: number
  finalised: Finalised
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}

async function measure(shape: Shape): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'burst-bench-reduce-'))
  try {
    const store = new BenchStore(folder)
    const plan = await prepare(shape, store)
    const all = shardsOf(shape, plan)
    const merged = values.shards === 'all' ? all : Math.min(all, Number(values.shards))
    const { minutes, requests } = await mergeShards(shape, store, merged)
    for (let to = merged; to < all; to++) {
      await copyShard(store, { from: to % merged, to, slicesPerShard: plan.slicesPerShard })
    }
    await store.flush()
    say(`${shape.title}: the report`)
    const finalised = await finalisedIn(folder)
    checkCounts(finalised, { requests, copies: all / merged })
    return { shape, shards: { all, merged }, ...figuresOf(minutes), finalised }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function mergeShards(
  shape: Shape,
  store: BenchStore,
  merged: number,
): Promise<{ minutes: Minute[][]; requests: number }> {
  const synthetic = new Synthetic(shape)
  const minutes: Minute[][] = []
  let requests = 0
  for (let shard = 0; shard < merged; shard++) {
    say(`${shape.title}: shard ${shard + 1} of ${merged}`)
    const drive = new ShardDrive(shape, { store, synthetic, shard })
    const mine: Minute[] = []
    for (let minute = 0; minute < shape.minutes; minute++) {
      if (minute > 0 && minute % 60 === 0) say(`  minute ${minute} of ${shape.minutes}`)
      mine.push(await drive.minute(minute))
    }
    minutes.push(mine)
    requests += drive.requests
  }
  return { minutes, requests }
}

async function finalisedIn(folder: string): Promise<Finalised> {
  const program = join(import.meta.dirname, 'finalise-program.ts')
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=burst-source', program, folder])
  return JSON.parse(stdout) as Finalised
}

/**
 * Throws if the report is incomplete, because a reducer that loses data must not be measured. Also throws if the number of requests in the report
 * differs from the number of requests in the messages. The numbers are not compared if some merged shards were copied more often than others.
 */
function checkCounts({ requests, complete, lost }: Finalised, expected: { requests: number; copies: number }): void {
  if (Number.isInteger(expected.copies) && requests !== expected.requests * expected.copies) {
    throw new Error(`${requests} requests are in the report, but ${expected.requests * expected.copies} were sent`)
  }
  if (!complete) throw new Error(`the report is not complete: ${lost.join('; ')}`)
}

function figuresOf(shards: readonly Minute[][]): Omit<Result, 'shape' | 'shards' | 'finalised'> {
  const warm = shards.length > 1 ? shards.slice(1) : shards
  const every = warm.flat()
  const sum = (of: (minute: Minute) => number): number => every.reduce((total, one) => total + of(one), 0)
  const windowMs = (warm[0] ?? []).map((_, minute) => {
    const cpu = warm.reduce((total, one) => total + (one[minute]?.cpuMs ?? 0), 0)
    return cpu / warm.length / 12
  })
  const part = Math.max(1, Math.floor((windowMs.length - 1) / 5))
  const [early, late] = [windowMs.slice(1, 1 + part), windowMs.slice(-part)].map(mean) as [number, number]
  return {
    messages: sum(({ messages }) => messages),
    messagesPerS: {
      cpu: (1000 * sum(({ messages }) => messages)) / sum(({ cpuMs }) => cpuMs),
      wall: (1000 * sum(({ messages }) => messages)) / sum(({ wallMs }) => wallMs),
    },
    stateSizes: (shards.at(-1) ?? []).map(({ stateSize }) => stateSize),
    windowMs,
    windowCost: late / early,
  }
}

function mean(all: readonly number[]): number {
  return all.reduce((sum, one) => sum + one, 0) / all.length
}

function lineOf({ shape, shards, messagesPerS, stateSizes, windowCost, finalised }: Result): string {
  const mib = (size: number): string => `${(size / 2 ** 20).toFixed(2)} MiB`
  return [
    `${shape.title}: ${shards.merged} of ${shards.all} shards merged message by message`,
    `  messages/s per reducer     ${messagesPerS.cpu.toFixed(0)} by CPU time, ${messagesPerS.wall.toFixed(0)} by the wall clock (goal: 300)`,
    `  state of a shard           ${mib(stateSizes[1] ?? 0)} after 2 min, ${mib(stateSizes.at(-1) ?? 0)} at the end of the run, maximum ${mib(Math.max(...stateSizes))} (goal: 2 MiB)`,
    `  cost per window            ×${windowCost.toFixed(2)} from the start to the end of the run (goal: 1.10)`,
    `  report                     ${finalised.cpuS.toFixed(1)} s CPU, ${finalised.wallS.toFixed(1)} s, ${finalised.memoryMb.toFixed(0)} MiB, report.json ${finalised.reportMb.toFixed(1)} MB, report.html ${finalised.htmlMb.toFixed(1)} MB`,
    '',
  ].join('\n')
}

const load = { start: loadavg()[0] ?? 0, end: 0 }
const asked = Object.entries(shapes).filter(([name]) => positionals.length === 0 || positionals.includes(name))
const results: Result[] = []
for (const [, shape] of asked) {
  const minutes = Number(values.minutes ?? shape.minutes)
  const result = await measure({ ...shape, minutes })
  results.push(result)
  process.stdout.write(`${lineOf(result)}\n`)
}
load.end = loadavg()[0] ?? 0
process.stdout.write(
  `load average ${load.start.toFixed(1)} before and ${load.end.toFixed(1)} after the measurements; Node ${process.version}\n`,
)
await mkdir(dirname(values.out), { recursive: true })
await writeFile(values.out, `${JSON.stringify({ node: process.version, load, results }, null, 2)}\n`)
say(`written to ${values.out}`)
