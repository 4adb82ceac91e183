import { type Expr, array, burst, call, num, object, str } from '../../scenario/code.ts'
import { type Frame, note } from '../frame.ts'
import { type Part, partNamed, partsOf } from '../http/objects.ts'
import type { Node } from '../syntax.ts'
import { type Profile, highest, profileOf, sumOf } from './profile.ts'
import { durationText, listIn, numberIn, secondsIn, textIn } from './values.ts'

/** One scenario of a k6 script. */
export interface Workload {
  name: string
  /** The name of the exported function that the scenario runs. */
  exec: string
  kind: 'users' | 'arrivals'
  profile: Profile
  maxUsers: number | null
  /** The node of the scenario in the option `scenarios`. Absent if the workload comes from options outside of `scenarios`. */
  node?: Node
  tags: Map<string, string>
}

/** Returns the workloads that the options describe. The list is empty if the options describe no workload. */
export function workloadsOf(options: readonly Part[], frame: Frame): Workload[] {
  const node = partNamed(options, 'scenarios')
  const scenarios = partsOf(node, frame)
  if (!scenarios) {
    if (node) note(node, frame, 'these scenarios cannot be determined')
    return [shortcut(options, frame)].filter((one) => one !== null)
  }
  return scenarios.flatMap((part) => {
    if (!('key' in part)) return []
    const parts = partsOf(part.value, frame)
    const found = parts && workload(part.key, parts, { node: part.value, frame })
    if (!found) note(part.value, frame, `the scenario ${part.key} is not translated`)
    return found ? [found] : []
  })
}

/** Translates options outside of scenarios: `stages`, or `vus` with `duration` or `iterations`. */
function shortcut(options: readonly Part[], frame: Frame): Workload | null {
  const base = { name: 'default', exec: 'default', kind: 'users', maxUsers: null, tags: new Map() } as const
  const vus = numberIn(options, 'vus', frame)
  const stages = stagesIn(options, frame)
  if (stages) return { ...base, profile: profileOf(0, vus ?? 0, stages) }
  const seconds = secondsIn(options, 'duration', frame)
  noteIterations(options, vus, frame)
  if (seconds !== null) return { ...base, profile: level(0, vus ?? 1, seconds) }
  return vus === null ? null : { ...base, profile: level(0, vus, 600) }
}

function level(start: number, value: number, seconds: number): Profile {
  return profileOf(start, value, [{ seconds, to: value }])
}

function noteIterations(options: readonly Part[], sharedBy: number | null, frame: Frame): void {
  const node = partNamed(options, 'iterations')
  const iterations = numberIn(options, 'iterations', frame)
  if (!node || iterations === null) return
  const each = Math.max(1, Math.round(iterations / Math.max(1, sharedBy ?? 1)))
  note(node, frame, `pass --iterations ${each} to burst run; the number applies to each user`)
}

function stagesIn(parts: readonly Part[], frame: Frame): { seconds: number; to: number }[] | null {
  const stages = listIn(parts, 'stages', frame)
  if (!stages || stages.length === 0) return null
  const found = stages.map((stage) => ({
    seconds: secondsIn(stage, 'duration', frame),
    to: numberIn(stage, 'target', frame),
  }))
  return found.some(({ seconds, to }) => seconds === null || to === null)
    ? null
    : (found as { seconds: number; to: number }[])
}

interface Place {
  node: Node
  frame: Frame
}

function workload(name: string, parts: readonly Part[], { node, frame }: Place): Workload | null {
  const start = secondsIn(parts, 'startTime', frame) ?? 0
  const executor = textIn(parts, 'executor', frame) ?? ''
  const found = profileFor(executor, parts, { start, frame })
  if (!found) return null
  if (partNamed(parts, 'env')) note(node, frame, 'env is not translated: set its variables with --var')
  const tags = partsOf(partNamed(parts, 'tags'), frame) ?? []
  return {
    name,
    exec: textIn(parts, 'exec', frame) ?? 'default',
    kind: executor.includes('arrival') ? 'arrivals' : 'users',
    profile: found,
    node,
    maxUsers: numberIn(parts, 'maxVUs', frame) ?? numberIn(parts, 'preAllocatedVUs', frame),
    tags: new Map(
      tags.flatMap((part) => ('key' in part ? [[part.key, textIn(tags, part.key, frame) ?? ''] as const] : [])),
    ),
  }
}

interface From {
  start: number
  frame: Frame
}

function profileFor(executor: string, parts: readonly Part[], from: From): Profile | null {
  const maker = Object.hasOwn(profiles, executor) ? profiles[executor] : undefined
  return maker ? maker(parts, from) : null
}

type ProfileMaker = (parts: readonly Part[], from: From) => Profile | null

/** The executors of k6. Each function computes the load of an executor from the executor's options. */
const profiles: Readonly<Record<string, ProfileMaker>> = {
  'constant-vus': (parts, { start, frame }) => {
    const seconds = secondsIn(parts, 'duration', frame)
    return seconds === null ? null : level(start, usersIn(parts, frame), seconds)
  },
  'constant-arrival-rate': (parts, { start, frame }) => {
    const seconds = secondsIn(parts, 'duration', frame)
    const rate = numberIn(parts, 'rate', frame)
    return seconds === null || rate === null ? null : level(start, rate * perSecond(parts, frame), seconds)
  },
  'per-vu-iterations': (parts, from) => iterations(parts, 1, from),
  'shared-iterations': (parts, from) => iterations(parts, usersIn(parts, from.frame), from),
  'ramping-vus': (parts, { start, frame }) => {
    const stages = stagesIn(parts, frame)
    return stages && profileOf(start, numberIn(parts, 'startVUs', frame) ?? 1, stages)
  },
  'ramping-arrival-rate': (parts, { start, frame }) => {
    const factor = perSecond(parts, frame)
    const rates = stagesIn(parts, frame)?.map((stage) => ({ ...stage, to: stage.to * factor }))
    return rates ? profileOf(start, (numberIn(parts, 'startRate', frame) ?? 0) * factor, rates) : null
  },
}

function usersIn(parts: readonly Part[], frame: Frame): number {
  return numberIn(parts, 'vus', frame) ?? 1
}

function perSecond(parts: readonly Part[], frame: Frame): number {
  return 1 / (secondsIn(parts, 'timeUnit', frame) ?? 1)
}

/** @param among the number of users that share the iterations */
function iterations(parts: readonly Part[], among: number, { start, frame }: From): Profile {
  noteIterations(parts, among, frame)
  return level(start, usersIn(parts, frame), secondsIn(parts, 'maxDuration', frame) ?? 600)
}

/** Adds up all workloads, and returns the stages of the sum; null if the sum has no stages. */
export function loadExpr(workloads: readonly Workload[]): Expr | null {
  const [first] = workloads
  const lines = sumOf(workloads.map(({ profile }) => profile)).filter(({ seconds }) => seconds > 0)
  if (!first || lines.length === 0) return null
  const most = workloads.reduce((sum, { maxUsers }) => sum + (maxUsers ?? 0), 0)
  return array(first.kind === 'arrivals' ? lines.map((line) => arrivalStage(line, most)) : userStages(lines))
}

type Line = ReturnType<typeof sumOf>[number]

function arrivalStage({ seconds, from, to }: Line, most: number): Expr {
  const options = most > 0 ? [object([{ key: 'maxUsers', value: num(most) }])] : []
  const duration = str(durationText(seconds))
  return from === to
    ? call(burst('arrivals'), num(from), duration, ...options)
    : call(burst('rampArrivals'), num(from), num(to), duration, ...options)
}

function userStages(lines: readonly Line[]): Expr[] {
  let present = 0
  return lines.flatMap(({ seconds, from, to }, index) => {
    // If a profile begins with at most one user and then rises, the load begins with a ramp instead of a jump at 0 s.
    const jump =
      from !== present && !(index === 0 && from <= 1 && to > 1) ? [call(burst('ramp'), num(from), str('0s'))] : []
    present = to
    const duration = str(durationText(seconds))
    return [...jump, from === to ? call(burst('hold'), duration) : call(burst('ramp'), num(to), duration)]
  })
}

/** Returns the weight of each workload: whole numbers in proportion to the highest values of the workloads. */
export function weightsOf(workloads: readonly Workload[]): number[] {
  const peaks = workloads.map(({ profile }) => Math.round(highest(profile) * 1000))
  const divisor = peaks.reduce(greatestDivisor, 0)
  return peaks.map((peak) => peak / Math.max(1, divisor))
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b)
}
