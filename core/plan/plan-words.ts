import { type Profile, type ProfilePoint, peakLevel } from './load/load.ts'
import { isIpv6Url } from '../hosts/host-literal.ts'
import { networkWords } from '../hosts/network.ts'
import type { RunOptions } from './options.ts'
import type { PlannedClass, RunPlan } from './plan.ts'
import { counted, few, grouped, percent, span } from '../words.ts'
import { mostSteps } from './planned-search.ts'

/** The maximum number of pieces of a load that the summary lists. For a load with more pieces, the summary gives only the range of the load. */
const piecesCap = 6

/** Returns a summary of the plan, with one line for each fact. */
export function planWords(plan: Omit<RunPlan, 'words'>, options: RunOptions): string[] {
  const lines = [
    plan.search ? searchWords(plan, plan.search) : loadWords(plan),
    plan.classes.length > 1 ? classWords(plan.classes) : '',
    plan.model === 'users' ? paceWords(plan.classes) : '',
    plan.iterations === null ? '' : `each user ends after ${count(plan.iterations, 'iteration')}`,
    ...tagWords(options),
    workerWords(plan, options),
    plan.insecure ? 'certificates are not verified' : '',
    ...networkWords(plan.network),
    ...unreachedWords(plan),
    `seed ${plan.seed}`,
    ...abortWords(plan),
    plan.thresholds.length === 0 ? '' : `thresholds: ${plan.thresholds.map((one) => one.expression).join('; ')}`,
  ]
  return lines.filter((line) => line !== '')
}

function unreachedWords({ backend, host }: Omit<RunPlan, 'words'>): string[] {
  return backend === 'aws' && isIpv6Url(host) ? [`workers on AWS have no IPv6, so they cannot reach ${host}`] : []
}

function loadWords({ profile, model, users, freshUser }: Omit<RunPlan, 'words'>): string {
  const unit = model === 'users' ? 'user' : 'arrival'
  const rate = model === 'users' ? '' : ' per second'
  const pieces = profilePieces(profile, (level) => `${count(level, unit)}${rate}`)
  if (model === 'users') return pieces
  const pool = freshUser
    ? count(users, 'new user at a time', 'new users at a time')
    : count(users, 'pooled user', 'pooled users')
  return `${pieces}, with at most ${pool}, which is enough if an iteration takes at most ${span(sufficientMs(users, profile))}`
}

/** Returns the longest duration of an iteration for which the pool suffices at the peak rate (Little's law). */
function sufficientMs(users: number, profile: Profile): number {
  const ms = (users / peakLevel(profile)) * 1000
  return ms < 1000 ? Math.floor(ms) : Math.floor(ms / 1000) * 1000
}

function profilePieces(profile: Profile, named: (level: number) => string): string {
  const points = corners(profile)
  if (points.length - 1 > piecesCap) return shapeWords(profile, named)
  const pieces = points.slice(1).map((b, k) => piece(points[k] as ProfilePoint, b, { named, first: k === 0 }))
  const last = points.at(-1) as ProfilePoint
  if (profile.endMs === null) {
    pieces.push(pieces.length === 0 ? `${named(last.level)} until stopped` : 'hold until stopped')
  }
  return pieces.filter((text) => text !== '').join(', ')
}

/** Returns the points of the profile, and the end of the last hold. Omits an initial jump from 0, and the points within a hold. */
function corners({ points, endMs }: Profile): ProfilePoint[] {
  const last = points.at(-1) as ProfilePoint
  const all = endMs !== null && endMs > last.atMs ? [...points, { atMs: endMs, level: last.level }] : points
  const isWithinHold = (point: ProfilePoint, k: number): boolean =>
    k > 0 && all[k - 1]?.level === point.level && all[k + 1]?.level === point.level
  const turns = all.filter((point, k) => !isWithinHold(point, k))
  return turns[1]?.atMs === 0 ? turns.slice(1) : turns
}

function piece(
  a: ProfilePoint,
  b: ProfilePoint,
  { named, first }: { named: (level: number) => string; first: boolean },
): string {
  const time = span(b.atMs - a.atMs)
  if (a.atMs === b.atMs) return a.level === b.level ? '' : `jump to ${named(b.level)}`
  if (a.level === b.level) return first ? `${named(a.level)} for ${time}` : `hold ${time}`
  const from = first && a.level > 0 ? `from ${named(a.level)} ` : ''
  return `${from}ramp to ${named(b.level)} over ${time}`
}

function shapeWords({ points, endMs }: Profile, named: (level: number) => string): string {
  const levels = points.map((point) => point.level)
  const least = levels.reduce((a, b) => Math.min(a, b))
  const most = levels.reduce((a, b) => Math.max(a, b))
  const time = endMs === null ? 'until stopped' : `over ${span(endMs)}`
  return `a shape of ${points.length} points, between ${round(least)} and ${named(most)}, ${time}`
}

function classWords(classes: readonly PlannedClass[]): string {
  const fixed = classes.filter((one) => one.count !== null)
  const weighted = classes.filter((one) => one.count === null && one.weight > 0)
  const whole = weighted.reduce((sum, one) => sum + one.weight, 0)
  const unit = weighted.reduce((a, one) => commonDivisor(a, one.weight), 0)
  const shares = weighted.map(({ name, weight }, k) => {
    const share =
      unit > 0 && whole / unit <= 100 ? `${weight / unit} in ${whole / unit}` : `${round((weight / whole) * 100)} %`
    return k === 0 ? `${share} users are ${name}` : `${share} ${name}`
  })
  const counts = fixed.map(({ name, count: n }) => `${count(n ?? 0, 'user is', 'users are')} ${name}`)
  return [...counts, ...(weighted.length === 1 ? [`all other users are ${weighted[0]?.name}`] : shares)].join(', ')
}

/** Warns about users without a wait. These users send requests as fast as the service answers, which is rarely intended. */
function paceWords(classes: readonly PlannedClass[]): string {
  const names = classes.filter((one) => one.unpaced).map((one) => one.name)
  if (names.length === 0) return ''
  const [who, verb] = names.length === 1 ? [names[0], 'has'] : [few(names), 'have']
  return `${who} ${verb} no wait: ${names.length === 1 ? 'it runs' : 'they run'} as fast as the service answers`
}

/** Returns the greatest common divisor of two whole numbers; NaN if one of the numbers is not whole. */
function commonDivisor(a: number, b: number): number {
  if (!Number.isInteger(a) || !Number.isInteger(b)) return Number.NaN
  return b === 0 ? a : commonDivisor(b, a % b)
}

/** Describes the search: the thresholds, the changes of the load, and the duration of the steps. */
function searchWords(
  { model, profile, users, freshUser }: Omit<RunPlan, 'words'>,
  search: NonNullable<RunPlan['search']>,
): string {
  const { start, max, settleMs, stepMs, until, precision } = search
  const level = (n: number): string => (model === 'users' ? count(n, 'user') : `${count(n, 'arrival')} per second`)
  const pool = model === 'users' ? '' : `; at most ${count(users, freshUser ? 'new user' : 'pooled user')}`
  return [
    `searches for the highest load, up to ${level(max)}, at which ${until.map((one) => `'${one.expression}'`).join(' and ')} ${until.length === 1 ? 'holds' : 'hold'}`,
    `starts at ${level(start)}, doubles the load until a step breaks a threshold, then tries loads in between; stops when the lowest load that broke a threshold is at most ${percent(precision)} above the highest load at which all thresholds held`,
    'if the last step broke a threshold, repeats the highest load that held',
    `each step has ${span(settleMs)} to settle, and is then measured for ${span(stepMs)}; at most ${count(mostSteps(search), 'step')}, ${span(profile.endMs ?? 0)} in total${pool}`,
  ].join('; ')
}

function abortWords({ abortOn = [] }: Omit<RunPlan, 'words'>): string[] {
  const rules = abortOn.map(({ expression, overMs }) => `'${expression}' fails over ${span(overMs)}`)
  return rules.length === 0 ? [] : [`stops when ${rules.join(', or ')}`]
}

function tagWords({ tags, excludeTags }: RunOptions): string[] {
  return [
    tags.length === 0 ? '' : `only tasks tagged ${tags.join(' or ')}`,
    excludeTags.length === 0 ? '' : `without tasks tagged ${excludeTags.join(' or ')}`,
  ]
}

function workerWords({ slices, users, model }: Omit<RunPlan, 'words'>, { workers }: RunOptions): string {
  const each = [...new Set(slices.map((one) => one.count))]
    .toSorted((a, b) => a - b)
    .map(round)
    .join(' or ')
  const more =
    workers !== undefined && slices.length > workers ? ` (with ${workers}, each would have too many users)` : ''
  const load = model === 'users' ? 'user' : 'pooled user'
  if (slices.length === 1) return `1 worker, ${count(users, load)}`
  return `${count(slices.length, 'worker')}, ${each} ${each === '1' ? load : `${load}s`} each${more}`
}

function count(n: number, one: string, many?: string): string {
  return counted(tenths(n), one, many)
}

function round(n: number): string {
  return grouped(tenths(n))
}

function tenths(n: number): number {
  return Math.round(n * 10) / 10
}
