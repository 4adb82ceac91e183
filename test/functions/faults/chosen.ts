import type { RandomStream } from '../../../core/random.ts'
import { type Faults, type Span, noFaults } from './faulty-ports.ts'
import { type Fate, noFate } from './fate.ts'

/** The faults and the load that one seed selects. */
export interface Chosen {
  /** Descriptions of the faults, for the message of a failed test. */
  kinds: string[]
  faults: Faults
  fate: Fate
  /** The length of the load, in milliseconds. */
  loadMs: number
  /** The interval between hand-overs of a worker's users, in milliseconds; null if workers never hand over. */
  intervalMs: number | null
  runs: 1 | 2
  /** The longest time that an invocation of a coordinator may take, in milliseconds. If it is undefined, the time limit of Lambda applies. */
  coordinatorMs: number | undefined
}

type Change = { -readonly [K in keyof Faults]?: Faults[K] } & { -readonly [K in keyof Fate]?: Fate[K] } & Pick<
    Partial<Chosen>,
    'loadMs' | 'runs'
  >

const slices = 3

/** Each kind of fault, with the function that draws its values. Times are milliseconds since the plan was made; the load begins at 5 s. */
const kinds: Record<string, (random: RandomStream, createdAt: number) => Change> = {
  'conditional writes fail': (random) => ({ writeFails: random.int(5, 40) / 100 }),
  'conditional writes are done and answered with an error': (random) => ({
    writeDoneButFails: random.int(5, 40) / 100,
  }),
  'the store answers 503': (random, createdAt) => ({ storeDown: spanIn(random, { createdAt, mostMs: 9000 }) }),
  'the store answers after 10 s': (random, createdAt) => ({ storeSlow: spanIn(random, { createdAt, mostMs: 20_000 }) }),
  'messages come twice': (random) => ({ twice: random.int(20, 100) / 100 }),
  'messages come late and shuffled': (random) => ({ late: 0.3, lateMs: random.int(5000, 40_000) }),
  'messages come hours late': () => ({ late: 0.1, lateMs: 3 * 3_600_000 }),
  'senders are told of errors for messages that are queued': (random) => ({
    sendDoneButFails: random.int(10, 60) / 100,
  }),
  'invocations are refused': (random) => ({ invokeFails: random.int(10, 60) / 100 }),
  'invocations come twice': (random) => ({ invokedTwice: random.int(30, 100) / 100 }),
  'invocations never come': (random) => {
    const invokedNever = random.int(10, 40) / 100
    return { invokedNever, stagesNever: invokedNever / 2 }
  },
  'invocations come an hour late': () => ({ invokedLate: 0.2, lateMs: 3_600_000 }),
  'a worker is killed': (random) => ({ killed: new Map([[workerOf(random), random.int(5500, 70_000)]]) }),
  'workers are killed again and again': (random) => ({
    killed: new Map([0, 1, 2].map((attempt) => [`1-${attempt}`, random.int(6000, 20_000) + 18_000 * attempt])),
  }),
  'a worker stands still': (random) => {
    const fromMs = random.int(6000, 50_000)
    return { frozen: new Map([[workerOf(random), [fromMs, fromMs + random.int(2000, 30_000)] as const]]) }
  },
  'the coordinator dies': (random) => ({ coordinatorCalls: [random.int(1, 400)] }),
  'coordinators die one after the other': (random) => ({ coordinatorCalls: [random.int(1, 120), random.int(1, 120)] }),
  'a merge dies': (random) => ({ mergeCalls: new Map([[random.int(0, 30), random.int(0, 6)]]) }),
  'the reducer of a shard is down for 3 minutes': () => ({
    shardDown: { shard: 0, span: [25_000, 205_000] },
    loadMs: 240_000,
  }),
  'clocks are off by 200 ms': (random) => ({ offsetsMs: [0, 1, 2].map(() => random.int(-200, 200)) }),
  'a message cannot be read': () => ({ poison: true }),
  'the reducer that makes the report dies': (random) => ({ finaliseCalls: [random.int(0, 40)] }),
  'reducers that make the report die one after the other': (random) => ({
    finaliseCalls: [random.int(0, 40), random.int(0, 40), random.int(0, 40)],
  }),
  'the store answers 503 while the report is made': (random) => ({ reportDownMs: random.int(1000, 120_000) }),
  'the store answers after 10 s while the report is made': (random) => ({ reportSlowMs: random.int(5000, 60_000) }),
  'the store is throttled while the report is made': (random) => ({ reportThrottled: random.int(5, 60) / 100 }),
  'writes are answered with an error while the report is made': (random) => ({
    reportDoneButFails: random.int(10, 60) / 100,
  }),
  'the coordinator dies, and the next one comes after the lease has ended': (random) => ({
    coordinatorCalls: [random.int(20, 400)],
    followMs: random.int(40_000, 90_000),
  }),
  'two runs at the same time': () => ({ runs: 2 }),
}

function workerOf(random: RandomStream): string {
  return `${random.int(0, slices - 1)}-${random.int(0, 1)}`
}

function spanIn(random: RandomStream, { createdAt, mostMs }: { createdAt: number; mostMs: number }): Span {
  const fromMs = createdAt + random.int(0, 60_000)
  return [fromMs, fromMs + random.int(1000, mostMs)]
}

/**
 * The time limit of each invocation of a coordinator, in milliseconds. One third of the runs have this limit. A coordinator hands over when its
 * invocation has less than 90 s left, so these runs have several coordinators.
 */
const shortMs = 125_000

/**
 * The name of a fault that one in six runs has. In such a run, a reducer freezes, the queue delivers the messages of this reducer again, and the
 * reducer then continues.
 */
const frozenReducer = 'a reducer freezes and wakes up'
/** The names of faults that some of the runs have in addition to their other faults. */
const dyingWorker = 'a worker is killed at one of its calls'
const throttledStore = 'the store is throttled'

/**
 * Draws one to three kinds of faults from the random stream of a seed.
 * @param lengths the random stream for the lengths of invocations and for additional faults
 */
export function chosenFor(random: RandomStream, lengths: RandomStream, createdAt: number): Chosen {
  const names = Object.keys(kinds)
  const mine = new Set(Array.from({ length: random.int(1, 3) }, () => random.pick(names)))
  const drawn = [...mine].map((name) => kinds[name]?.(random, createdAt) ?? {})
  const all: Change = Object.assign({}, ...drawn)
  const intervalMs = random.chance(0.4) ? 30_000 : null
  const coordinatorMs = lengths.chance(1 / 3) ? shortMs : undefined
  const more = rareFor(lengths)
  return {
    kinds: [...mine, ...more.kinds],
    faults: { ...noFaults, ...only(all, Object.keys(noFaults)), ...more.faults },
    fate: { ...noFate, ...only(all, Object.keys(noFate)), ...more.fate },
    loadMs: all.loadMs ?? 60_000,
    intervalMs,
    runs: all.runs ?? 1,
    coordinatorMs,
  }
}

/** Draws the faults that only some of the runs have, in addition to their other faults. */
function rareFor(random: RandomStream): {
  kinds: string[]
  faults: Pick<Faults, 'storeThrottled'>
  fate: Pick<Fate, 'frozenMerges' | 'workerCalls'>
} {
  const frozenMerges = random.chance(1 / 6) ? frozenMergeOf(random) : noFate.frozenMerges
  const workerCalls = random.chance(1 / 6) ? new Map([[workerOf(random), random.int(0, 120)]]) : noFate.workerCalls
  const storeThrottled = random.chance(1 / 8) ? random.int(2, 20) / 100 : 0
  const kinds = [
    ...(frozenMerges.size > 0 ? [frozenReducer] : []),
    ...(workerCalls.size > 0 ? [dyingWorker] : []),
    ...(storeThrottled > 0 ? [throttledStore] : []),
  ]
  return { kinds, faults: { storeThrottled }, fate: { frozenMerges, workerCalls } }
}

function frozenMergeOf(random: RandomStream): Map<number, Span> {
  return new Map([[random.int(0, 30), [random.int(0, 150), random.int(61_000, 90_000)]]])
}

function only(all: object, names: readonly string[]): object {
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)))
}
