import { type Fleet, fleetAt } from './fleet.ts'
import { handOversOf } from './turns.ts'
import { areaUnder } from '../plan/load/load.ts'
import type { Billing, RunPlan } from '../plan/plan.ts'
import { counted } from '../words.ts'

/** A total amount in US dollars, and the lines that add up to this amount. */
export interface Cost {
  usd: number
  lines: { what: string; usd: number }[]
}

export interface Quote extends Cost {
  workers: number
  /** The memory of the workers in GB, multiplied by their running time in seconds. */
  gbSeconds: number
  /** The number of requests that the quote assumes: one request per user per second, or one request per arrival. */
  requests: number
}

/** AWS's list prices in US dollars for us-east-1. Other regions differ by a few percent. The free tier is not subtracted. */
const prices = {
  gbSecond: { arm64: 1.333_34e-5, x86_64: 1.666_67e-5 },
  invocation: 2e-7,
  queueRequest: 5e-7,
  storePut: 5e-6,
  storeGet: 4e-7,
  egressGb: 0.09,
} as const

/** The bytes that a request sends in addition to its body: headers, TLS, and acknowledgements of the response. */
const requestBytes = 500
const dataSent = 'data sent to the target'

/** The time in seconds for which a worker waits for the start of the other workers. */
const waitingS = 15
/** Memory (`Mb`) is in mebibytes, durations (`S`) are in seconds. `merge`: one merge of messages. `finalise`: making the report. */
const others = { coordinatorMb: 1024, mergeMb: 1769, mergeS: 0.3, finaliseMb: 3008, finaliseS: 20 } as const

/**
 * Returns the expected cost of a run. The number of requests is not known in advance. The quote assumes requests without a body: one request per user
 * per second, or one request per arrival.
 */
export function quoteOf(plan: RunPlan, rates: Pick<Billing, 'workerMb' | 'architecture'>): Quote {
  const fleet = fleetAt(plan)
  const workers = fleet.slices.length
  const seconds = ((fleet.profile.endMs ?? 0) + plan.timing.drainMs / 2) / 1000 + waitingS
  const handOvers = handOversOf(fleet)
  const overlapS = (handOvers * ((plan.handOver?.aheadMs ?? 0) + plan.timing.drainMs / 2)) / 1000
  const gbSeconds = (workers * seconds + overlapS) * (rates.workerMb / 1024)
  const messages = workers * (seconds / (plan.flushMs / 1000) + 1) + handOvers
  // The quote of a search assumes the highest load of the search for the whole time, because the actual load is not known in advance.
  const profile = plan.search ? { ...fleet.profile, points: [{ atMs: 0, level: plan.search.max }] } : fleet.profile
  const requests = Math.round(areaUnder(profile))
  const lines = [
    ...linesFor(plan, fleet, {
      gbSeconds,
      workerSeconds: workers * seconds,
      seconds,
      messages,
      architecture: rates.architecture,
    }),
    egress(requests * requestBytes),
  ]
  return { ...total(lines), workers, gbSeconds, requests }
}

/** The measurements from which the cost of a run is computed. */
export interface Spent {
  /** The total running time of all attempts. The running time of an attempt lasts from its launch to its last message. */
  workerSeconds: number
  /** The time from the launch of the run to its last message. */
  seconds: number
  messages: number
  /** The number of sent requests, including redirects and interrupted requests. */
  requests: number
  /** The number of bytes in the bodies of the sent requests. */
  bytesOut: number
}

/**
 * Returns the cost of a run at list prices, computed from the observed running time of the workers. If the run is not billed, `usd` is 0 and `lines`
 * is empty.
 */
export function costOf(plan: RunPlan, fleet: Fleet, spent: Spent): Cost {
  if (!plan.billing) return { usd: 0, lines: [] }
  const { workerMb, architecture } = plan.billing
  const gbSeconds = spent.workerSeconds * (workerMb / 1024)
  return total([
    ...linesFor(plan, fleet, { ...spent, gbSeconds, architecture }),
    egress(spent.bytesOut + spent.requests * requestBytes),
  ])
}

function egress(bytes: number): Cost['lines'][number] {
  return { what: dataSent, usd: (bytes / 1e9) * prices.egressGb }
}

interface Amounts {
  gbSeconds: number
  workerSeconds: number
  seconds: number
  messages: number
  architecture: Billing['architecture']
}

function linesFor(plan: RunPlan, fleet: Fleet, amounts: Amounts): Cost['lines'] {
  const { gbSeconds, workerSeconds, seconds, messages, architecture } = amounts
  const { shards, slices } = fleet
  const workers = slices.length
  const perGbSecond = prices.gbSecond[architecture]
  const merges = Math.max(messages / 10, (shards * seconds) / (plan.flushMs / 1000))
  const overheadGbSeconds =
    (others.coordinatorMb * seconds + others.mergeMb * others.mergeS * merges + others.finaliseMb * others.finaliseS) /
    1024
  const polls = workerSeconds / (plan.timing.controlPollMs / 1000)
  const invocations = workers + merges + 2
  const puts = workers + 2 * merges
  return [
    { what: counted(workers, 'worker'), usd: gbSeconds * perGbSecond },
    {
      what: 'coordinator and reducers',
      usd: overheadGbSeconds * perGbSecond + invocations * prices.invocation,
    },
    {
      what: 'queue and store',
      usd: 3 * messages * prices.queueRequest + puts * prices.storePut + (polls + 3 * workers) * prices.storeGet,
    },
  ]
}

function total(lines: Cost['lines']): Cost {
  const rounded = lines.map(({ what, usd }) => ({ what, usd: Number(usd.toFixed(6)) }))
  return { usd: Number(rounded.reduce((sum, { usd }) => sum + usd, 0).toFixed(6)), lines: rounded }
}
