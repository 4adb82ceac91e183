import { smallest } from '../extremes.ts'
import type { Stop } from '../fleet/control.ts'
import { returnInWords } from '../fleet/changes/pausing.ts'
import { epochInWords } from '../fleet/changes/scale.ts'
import { isWhole } from '../shard/ledger.ts'
import { type Absence, absencesOf } from '../verdict/completeness/absence.ts'
import { ledgersOf } from '../verdict/completeness/completeness.ts'
import { levelInWords, whyOfStep } from '../verdict/searched.ts'
import { causeOfLoss, shortened, workersInWords } from '../verdict/completeness/loss.ts'
import { isOthersLike } from '../window/fold.ts'
import { type Window, nameCap, otherNames, sectionCaps } from '../window/window.ts'
import { counted, grouped, moment, span } from '../words.ts'
import type { Timeline } from './timeline.ts'
import type { Report } from './report.ts'
import { rampEvents } from './ramp-events.ts'
import { alphabetical, errorCap } from './rows.ts'
import type { RunData } from './gather/run-data.ts'

type Told = Report['events'][number]

const never = Number.MAX_SAFE_INTEGER

/**
 * Returns descriptions of the run's events: first the events with a time, in chronological order, and then the events without a time. `harmless` is a
 * failure that had no effect.
 */
export function reportEvents(data: RunData, timeline: Timeline, harmless: RunData['failure']): Told[] {
  const { totals } = data.gathered
  const told = [
    ...moments(data, timeline),
    ...rampEvents(data.plan.model, timeline.profile, loadEndMs(timeline)),
    ...(harmless
      ? [untimed(`${shortened(harmless.message)}, but burst had already sent and counted all requests`)]
      : []),
    ...failures(data),
    ...notices(totals),
    ...crowds(data),
    ...oddities(data),
  ]
  return told.toSorted((a, b) => (a.at ?? never) - (b.at ?? never) || alphabetical(a.text, b.text))
}

function loadEndMs({ profile, seconds }: Timeline): number {
  return Math.min(profile.endMs ?? Number.POSITIVE_INFINITY, seconds * 1000)
}

function moments(data: RunData, timeline: Timeline): Told[] {
  const { events, control, failure } = data
  const plain = events.filter(({ text }) => !readLoss(text))
  const told = plain.map(({ at, text }) => ({ at: secondsSince(timeline, at), text: shortened(text) }))
  const stop = control?.stop
  if (stop) told.push({ at: secondsSince(timeline, stop.at), text: stopInWords(stop, failure) })
  return [
    ...told,
    ...changes(data, timeline),
    ...triedSteps(data),
    ...pauses(data, timeline),
    ...losses(data, timeline),
    ...absences(data, timeline),
  ]
}

/**
 * Returns one event for each change of the load during the run. The time of the event is the time at which the change took effect. If the run was
 * stopped before a change took effect, the change has no event.
 */
function changes({ plan, control }: RunData, timeline: Timeline): Told[] {
  const told = (control?.epochs ?? []).map((epoch) => ({
    at: epoch.fromMs / 1000,
    text: `the load changes ${epochInWords(plan, epoch)}`,
  }))
  return told.filter((one) => isBeforeStop(one, timeline))
}

function isBeforeStop({ at }: { at: number }, { stopMs }: Timeline): boolean {
  return stopMs === null || at * 1000 < stopMs
}

/**
 * Returns the events for pauses. A pause has no event if the run was stopped before the pause took effect. The end of a pause has no event if the run
 * was stopped before the end took effect.
 */
function pauses({ plan }: RunData, timeline: Timeline): Told[] {
  const told = timeline.fleet.pauses.flatMap(({ fromMs, back }) => [
    { at: fromMs / 1000, text: 'the run is paused' },
    ...(back ? [{ at: back.atMs / 1000, text: `the run continues: ${returnInWords(plan, back)}` }] : []),
  ])
  return told.filter((one) => isBeforeStop(one, timeline))
}

/** Returns one event for each step of a search, at the end of the step. */
function triedSteps({ plan, control }: RunData): Told[] {
  const { search } = plan
  if (!search) return []
  return (control?.steps ?? []).map((step) => {
    const why = step.result === 'held' ? '' : `: ${whyOfStep(step)}`
    const what = step.result === 'unclear' ? 'is unclear' : step.result
    return { at: step.toMs / 1000, text: shortened(`the step at ${levelInWords(step.level, search)} ${what}${why}`) }
  })
}

/**
 * Describes a stop by a person or by burst. If burst stopped the run because of a failure, the description does not contain the failure, which is
 * already in the verdict.
 */
export function stopInWords({ reason, aborted, searched }: Stop, failure: RunData['failure']): string {
  if (searched) return `burst ended the load: ${reason}`
  if (aborted) return shortened(`burst stopped the run: ${reason}`)
  return reason === failure?.message ? 'burst stopped the run' : shortened(`a stop was requested: ${reason}`)
}

/**
 * Returns events for workers that were lost or restarted. All workers with the same fate and the same cause share one event, at the time of the first
 * loss. If the list of missing messages already contains the causes, all lost workers share one event without a cause.
 */
function losses({ events, failed }: RunData, timeline: Timeline): Told[] {
  const read = events.flatMap(({ at, text }) => {
    const loss = readLoss(text)
    return loss ? [{ at, ...loss }] : []
  })
  const groups = Map.groupBy(read, (one) => `${one.fate} ${isTold(one, failed) ? '' : one.cause}`)
  return [...groups.values()].map((group) => {
    const [first] = group as [(typeof group)[0], ...typeof group]
    const slices = [...new Set(group.map(({ slice }) => slice))]
    const who = workersInWords(slices)
    const fate = `${slices.length === 1 ? 'is' : 'are'} ${first.fate}`
    const why = isTold(first, failed) ? '' : `: ${first.cause}`
    return {
      at: secondsSince(
        timeline,
        smallest(group, ({ at }) => at),
      ),
      text: `${who} ${fate}${why}`,
    }
  })
}

/** The maximum number of absences with their own events. One additional event describes the remaining absences. */
const mostAbsences = 10
/**
 * An absence has an event only if the missing user time, summed over the users, is at least this number of milliseconds. With arrivals, this limit
 * does not apply.
 */
const leastAbsenceMs = 100

/** Returns the events for the users of lost workers. An event states for how long the users were missing, and which attempt continued them. */
function absences({ plan, shards, gathered, events, failed }: RunData, timeline: Timeline): Told[] {
  const workers = [...gathered.totals.workers.values()]
  const work = { slices: timeline.fleet.slices, profile: timeline.wanted, lastMs: timeline.seconds * 1000 }
  const given = events.flatMap(({ text }) => (readLoss(text)?.fate === 'lost' ? [readLoss(text)?.slice ?? -1] : []))
  const lost = new Set([...given, ...failed.map(({ slice }) => slice)])
  const found = absencesOf({ ...work, workers, ledgers: ledgersOf({ shards }), lost, pauses: timeline.fleet.pauses })
  const all = plan.model === 'users' ? found.filter(({ userMs }) => userMs >= leastAbsenceMs) : found
  const told = all.slice(0, mostAbsences).map((one) => absence(one, plan.model))
  const rest = all.slice(mostAbsences)
  if (rest.length === 0) return told
  const time = plan.model === 'users' ? `: ${userSeconds(rest.reduce((sum, { userMs }) => sum + userMs, 0))}` : ''
  return [...told, untimed(`the users of ${counted(rest.length, 'other worker')} were also missing for a time${time}`)]
}

function absence({ slice, stretches, userMs }: Absence, model: RunData['plan']['model']): Told {
  const when = stretches.map(({ fromMs, isEstimated, untilMs, attempt, isPartial, pausedMs = 0 }) => {
    const from = fromMs === null ? '' : ` from ${isEstimated ? 'about ' : ''}${moment(fromMs / 1000)}`
    const paused = pausedMs > 0 ? ` (the run was paused for ${span(pausedMs)} of this time)` : ''
    if (isPartial) return `${from}${paused}, when attempt ${attempt} took over without some of these users`
    if (untilMs === null) return `${from} on${paused}`
    return `${from} until ${moment(untilMs / 1000)}${paused}, when attempt ${attempt} continued`
  })
  const what = model === 'users' ? `the users of worker ${slice} were missing` : `worker ${slice} began no arrivals`
  const time = model === 'users' ? `: ${userSeconds(userMs)} of the plan` : ''
  const at = stretches[0]?.fromMs ?? stretches[0]?.untilMs ?? null
  return { at: at === null ? null : Math.round(at / 100) / 10, text: `${what}${when.join(', and')}${time}` }
}

function userSeconds(ms: number): string {
  return `${grouped(Math.round(ms / 100) / 10)} user-seconds`
}

/** Returns whether the list of missing messages already contains the reason why a worker was lost. */
function isTold({ slice, fate, cause }: Loss, failed: RunData['failed']): boolean {
  return fate === 'lost' && failed.some((one) => one.slice === slice && causeOfLoss(one.error) === cause)
}

interface Loss {
  slice: number
  fate: string
  cause: string
}

/** Parses the sentence of a coordinator about a lost worker. */
function readLoss(text: string): Loss | undefined {
  const found =
    /^(?:the worker of slice|slice|worker) (\d{1,7}) is (lost|started again|not started again): (.*)$/s.exec(text)
  return found
    ? { slice: Number(found[1]), fate: found[2] as string, cause: causeOfLoss(found[3] as string) }
    : undefined
}

function secondsSince({ startedAt }: Timeline, at: number): number {
  return Math.round((at - startedAt) / 100) / 10
}

/**
 * Returns the events for invocations that failed after their last message. Other failed invocations have no event here. If messages are missing, the
 * list of missing messages contains the failure. If the coordinator reported the worker as lost, the event of the coordinator contains the failure.
 */
function failures({ failed, events, shards }: RunData): Told[] {
  const told = new Set(events.flatMap(({ text }) => readLoss(text)?.slice ?? []))
  const whole = new Set(
    ledgersOf({ shards })
      .filter(isWhole)
      .map(({ slice, attempt }) => `${slice}-${attempt}`),
  )
  const untold = failed.filter(({ slice, attempt }) => !told.has(slice) && whole.has(`${slice}-${attempt}`))
  const groups = Map.groupBy(untold, ({ error }) => causeOfLoss(error))
  return [...groups].map(([cause, group]) => {
    return untimed(`${workersInWords(group.map(({ slice }) => slice))} failed after the last message: ${cause}`)
  })
}

function notices({ notices: known, users }: Window): Told[] {
  const told = [...known].map(([text, times]) => untimed(times > 1 ? `${text} (${grouped(times)} times)` : text))
  if (users.late > 0) {
    told.push(untimed(`${counted(users.late, 'user')} started later than planned, because their worker joined late`))
  }
  return told
}

/** Returns a note about the requests that were counted in the row `(other names)`. */
function crowds({ gathered }: RunData): Told[] {
  const cells = [...gathered.totals.requests.values()]
  const others = cells.filter((cell) => cell.name === otherNames)
  const requests = others.reduce((sum, cell) => sum + cell.requests, 0)
  if (requests === 0) return []
  // Either the run had too many names, or one worker had too many names. The maximum per worker is lower than the maximum per run. If the run has
  // fewer names than the maximum per run, the note therefore gives the maximum per worker.
  const names = cells.length - others.length < sectionCaps.names ? nameCap : sectionCaps.names
  const many = `${counted(requests, 'request')} under more than ${grouped(names)} names`
  return [untimed(`${many} were counted in one row; set a name or use a route template`)]
}

function oddities({ late, unreadable, gathered: { totals } }: RunData): Told[] {
  const errors = [...totals.errors.values()].toSorted((a, b) => b.count - a.count)
  const exceptions = [...totals.exceptions.values()].toSorted((a, b) => b.count - a.count)
  const told = [
    ...unlisted(errors.slice(errorCap), ['kind of failures', 'kinds of failures']),
    ...unlisted(exceptions.slice(errorCap), ['exception', 'exceptions']),
    ...alike(errors, 'failures'),
    ...alike(exceptions, 'exceptions'),
  ]
  if (late > 0)
    told.push(
      untimed(
        `${counted(late, 'message')} arrived after the report was closed, and ${late === 1 ? 'was' : 'were'} not counted`,
      ),
    )
  if (unreadable > 0)
    told.push(
      untimed(
        `${counted(unreadable, 'message')} could not be read, and ${unreadable === 1 ? 'was' : 'were'} not counted`,
      ),
    )
  return told
}

function unlisted(cells: readonly { count: number }[], [one, many]: [string, string]): Told[] {
  if (cells.length === 0) return []
  const rarer = counted(cells.length, `rarer ${one}`, `rarer ${many}`)
  return [untimed(`${rarer}, ${counted(sumOf(cells), 'occurrence')}, ${cells.length === 1 ? 'is' : 'are'} not listed`)]
}

/**
 * Returns a note about the rows in which occurrences with different messages are counted together. Such rows exist if there were too many different
 * messages.
 * @param what `failures` or `exceptions`
 */
function alike(cells: readonly { count: number; message: string }[], what: string): Told[] {
  const rows = cells.filter(({ message }) => isOthersLike(message))
  if (rows.length === 0) return []
  const where =
    rows.length === 1 ? 'the row for all their messages' : `${grouped(rows.length)} rows for similar messages`
  return [
    untimed(`${grouped(sumOf(rows))} ${what} are counted in ${where}, because there were too many different messages`),
  ]
}

function sumOf(cells: readonly { count: number }[]): number {
  return cells.reduce((sum, { count }) => sum + count, 0)
}

function untimed(text: string): Told {
  return { at: null, text }
}
