import * as v from 'valibot'
import { byKey, count, gauge, moment, run, slice, text, textCaps, upTo } from '../input/bounds.ts'
import { decode, unreadable } from '../input/decode.ts'
import { mostAbortRules } from '../thresholds/abort-rule.ts'
import { usersCap } from './option-checks.ts'
import { networkSchema } from '../hosts/network.ts'
import type { RunPlan } from './plan.ts'

/** The schema of a stored plan. The schema refuses unknown fields, because the plan and the stages of a run always come from the same build. */

/** The maximum number of characters of a plan. */
const planCap = 64 * 1024 * 1024
/** The maximum number of characters of a variable's value. */
const valueCap = 1024 * 1024
const mostSlices = 100_000
const mostNames = 10_000

const name = text(textCaps.key)
const names = v.pipe(v.array(name), v.maxLength(mostNames))
/** A duration above 0, in milliseconds. */
const span = v.pipe(v.number(), v.finite(), v.gtValue(0))
const weight = v.pipe(v.number(), v.finite(), v.minValue(0))
const values = v.pipe(
  v.unknown(),
  v.check((given) => !Array.isArray(given), 'a list instead of an object with a value for each name'),
  byKey(name, text(valueCap)),
  v.check((given) => Object.keys(given).length <= mostNames, `more than ${mostNames} variables`),
)

const points = v.pipe(
  v.array(v.strictObject({ atMs: gauge, level: v.pipe(v.number(), v.minValue(0), v.maxValue(1e9)) })),
  v.maxLength(100_000),
  v.check(
    (given) => given.every((point, k) => k === 0 || point.atMs >= (given[k - 1]?.atMs ?? 0)),
    'the points are not in chronological order',
  ),
)
export const profile = v.strictObject({ points, endMs: v.nullable(gauge) })

const oneSlice = v.strictObject({ slice, first: count, stride: v.pipe(count, v.minValue(1)), count })
/** The slices of the plan, or of a change of the load. Refuses a list in which two slices have the same number. */
export const slices = v.pipe(
  v.array(oneSlice),
  v.maxLength(mostSlices),
  v.check((given) => new Set(given.map((one) => one.slice)).size === given.length, 'the same slice occurs twice'),
)
const allSlices = v.pipe(
  slices,
  v.minLength(1),
  v.check((given) => given.every((one, k) => one.slice === k), 'the slices are not numbered from 0'),
)

const task = v.strictObject({ name, weight, tags: names })
const plannedClass = v.strictObject({
  name,
  weight,
  count: v.nullable(upTo(usersCap)),
  tags: names,
  unpaced: v.exactOptional(v.literal(true)),
  tasks: v.pipe(v.array(task), v.maxLength(mostNames)),
})

const timing = v.strictObject({
  startLeadMs: gauge,
  startNoticeMs: gauge,
  controlPollMs: span,
  leaseMs: span,
  drainMs: gauge,
  stopMs: gauge,
  graceMs: gauge,
})
const handOver = v.strictObject({ intervalMs: span, aheadMs: gauge, waitMs: gauge })
const billing = v.strictObject({
  workerMb: v.pipe(count, v.minValue(1)),
  architecture: v.picklist(['arm64', 'x86_64']),
  estimateUsd: gauge,
})

const threshold = v.strictObject({ expression: name, at: v.nullable(name) })
const abortRule = v.strictObject({ ...threshold.entries, overMs: span })

const level = v.pipe(v.number(), v.gtValue(0), v.maxValue(usersCap))
const search = v.strictObject({
  start: level,
  max: level,
  whole: v.boolean(),
  stepMs: span,
  settleMs: span,
  precision: v.pipe(v.number(), v.gtValue(0), v.maxValue(1)),
  until: v.pipe(v.array(threshold), v.minLength(1), v.maxLength(100)),
})

export const planSchema = v.strictObject({
  schemaVersion: v.literal(1),
  run,
  name,
  scenario: name,
  host: name,
  hostUserinfo: v.exactOptional(name),
  seed: name,
  bundle: v.pipe(v.string(), v.hash(['sha256'], 'not a SHA-256')),
  build: name,
  backend: v.picklist(['local', 'aws']),
  region: name,
  cores: v.exactOptional(v.pipe(count, v.minValue(1))),
  createdAt: moment,
  model: v.picklist(['users', 'arrivals']),
  profile,
  users: upTo(usersCap),
  freshUser: v.boolean(),
  classes: v.pipe(v.array(plannedClass), v.minLength(1), v.maxLength(mostNames)),
  slices: allSlices,
  slicesPerShard: v.pipe(slice, v.minValue(1)),
  windowMs: span,
  flushMs: span,
  timing,
  handOver: v.exactOptional(handOver),
  iterations: v.nullable(v.pipe(v.number(), v.integer(), v.minValue(1))),
  thresholds: v.pipe(v.array(threshold), v.maxLength(mostNames)),
  abortOn: v.exactOptional(v.pipe(v.array(abortRule), v.maxLength(mostAbortRules))),
  search: v.exactOptional(search),
  connections: v.picklist(['per-user', 'shared']),
  insecure: v.exactOptional(v.boolean()),
  network: v.exactOptional(networkSchema),
  proxyUserinfo: v.exactOptional(values),
  vars: values,
  env: v.exactOptional(values),
  failOnError: v.boolean(),
  failOnInconclusive: v.exactOptional(v.boolean()),
  cpuProfile: v.exactOptional(v.boolean()),
  samples: v.exactOptional(v.boolean()),
  traceContext: v.exactOptional(v.boolean()),
  signed: v.exactOptional(v.boolean()),
  hooks: v.strictObject({
    beforeRun: v.boolean(),
    afterRun: v.boolean(),
    onRequest: v.boolean(),
    onEvent: v.exactOptional(v.literal(true)),
  }),
  billing: v.exactOptional(billing),
  words: v.pipe(v.array(text(textCaps.body)), v.maxLength(mostNames)),
})

/** The variables of a run. They may be secret, so burst stores them separately from the plan of the run. */
const variablesSchema = v.strictObject({
  vars: values,
  env: v.exactOptional(values),
  hostUserinfo: v.exactOptional(name),
  proxyUserinfo: v.exactOptional(values),
})
export type Variables = v.InferOutput<typeof variablesSchema>

/**
 * Parses a stored plan.
 * @throws BurstError (97) that names the fault and its place in the JSON
 */
export function decodePlan(body: string): RunPlan {
  return decode(planSchema, bounded(body, 'the plan of a run'), 'the plan of a run')
}

/**
 * Parses the stored variables of a run.
 * @throws BurstError (97) that names the fault and its place in the JSON
 */
export function decodeVariables(body: string): Variables {
  const what = 'the file with the variables of a run'
  return decode(variablesSchema, bounded(body, what), what)
}

function bounded(body: string, what: string): string {
  if (body.length <= planCap) return body
  throw unreadable(what, `it has ${body.length} characters, more than ${planCap}`)
}
