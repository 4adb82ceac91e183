import * as v from 'valibot'
import { attempt, count, moment, run, slice, text, textCaps } from '../../core/input/bounds.ts'
import { decode } from '../../core/input/decode.ts'
import { messageOf } from '../../core/verdict/completeness/loss.ts'
import { type CoordinatorState, decodeState } from '../coordinator/state.ts'
import type { FinaliseEvent } from '../events.ts'
import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'

/** The maximum number of events or workers in a stored `Ending`. No run has so many events or workers. */
const mostRows = 1_000_000

const eventSchema: v.GenericSchema<unknown, FinaliseEvent> = v.object({
  run,
  events: v.pipe(v.array(v.object({ at: moment, text: text(textCaps.stack) })), v.maxLength(mostRows)),
  failed: v.pipe(v.array(v.object({ slice, attempt, error: text(textCaps.stack) })), v.maxLength(mostRows)),
  unbegun: v.exactOptional(v.pipe(v.array(v.object({ slice, attempt })), v.maxLength(mostRows))),
  failure: v.nullable(v.object({ reason: v.picklist(['runFailed', 'scenarioThrew']), message: text(textCaps.stack) })),
  exceptions: v.exactOptional(
    v.pipe(v.array(v.object({ message: text(textCaps.message), count })), v.maxLength(mostRows)),
  ),
  began: v.exactOptional(v.boolean()),
})

const endingSchema = v.object({ v: v.literal(1), event: eventSchema, control: v.nullable(v.string()) })

/** The facts about a run that its report contains in addition to the counts. */
export interface Ending {
  event: FinaliseEvent
  /** The content of `control.json`; null if the file did not exist. */
  control: string | null
}

/**
 * Returns the facts that the first finaliser of a run found. The first finaliser stores these facts, so that every later finaliser makes the same
 * report. A later finaliser could find different facts, because the control file may have changed. In addition, if a person starts the finaliser, it
 * does not receive an event from the coordinator.
 */
export async function endingOf(event: FinaliseEvent, { store, clock }: Place): Promise<Ending> {
  const key = keys.ending(event.run)
  const first = await store.get(key)
  if (first) return stored(first.body) ?? present(event, { store, clock })
  const ending = await present(event, { store, clock })
  const written = await store.put(key, JSON.stringify({ v: 1, ...ending }), { ifAbsent: true })
  if (written !== undefined) return ending
  const other = await store.get(key)
  return (other && stored(other.body)) ?? ending
}

type Place = Pick<Environment, 'store' | 'clock'>

async function present(event: FinaliseEvent, { store, clock }: Place): Promise<Ending> {
  const { run } = event
  const [control, coordinator] = await Promise.all([store.get(keys.control(run)), store.get(keys.coordinator(run))])
  return { event: withStored(event, coordinator?.body, clock.nowMs()), control: control?.body ?? null }
}

/**
 * Adds to the event the facts that the coordinator stored. An event from the coordinator lacks only two of these facts: the slices that the
 * coordinator gave up, and the slices whose latest worker had not begun. If the coordinator was lost and a person requests the report, the event
 * lacks all these facts.
 */
function withStored(event: FinaliseEvent, body: string | undefined, nowMs: number): FinaliseEvent {
  if (body === undefined) return event
  try {
    return withState(event, decodeState(body))
  } catch (error) {
    const text = `the events that the coordinator stored could not be read: ${messageOf(error)}`
    return { ...event, events: [...event.events, { at: nowMs, text: text.slice(0, textCaps.stack) }] }
  }
}

function withState(event: FinaliseEvent, state: CoordinatorState): FinaliseEvent {
  const { exceptions = state.windowEvents?.failures ?? [], began = state.began } = event
  const unbegun = unbegunOf(state)
  return {
    ...event,
    events: eventsOf(event, state),
    failed: failedOf(event, state, unbegun),
    ...(unbegun.length > 0 && { unbegun }),
    failure: state.failure ?? event.failure,
    began,
    ...(exceptions.length > 0 && { exceptions }),
  }
}

function eventsOf(event: FinaliseEvent, state: CoordinatorState): FinaliseEvent['events'] {
  const known = new Set(event.events.map(({ at, text }) => `${at} ${text}`))
  const others = state.events.filter(({ at, text }) => !known.has(`${at} ${text}`))
  return others.length === 0 ? event.events : [...others, ...event.events].toSorted((a, b) => a.at - b.at)
}

/**
 * Returns the failed workers of the event, and the workers that the coordinator gave up. Leaves out a worker that the coordinator gave up in two
 * cases: the worker had not begun when the run was stopped, or the event already contains a failed worker of the same slice.
 */
function failedOf(
  { failed }: FinaliseEvent,
  { slices }: CoordinatorState,
  unbegun: readonly { slice: number; attempt: number }[],
): FinaliseEvent['failed'] {
  const known = new Set(failed.map(({ slice }) => slice))
  const lost = slices.flatMap(({ slice, attempt, lost: error }) => (error === null ? [] : [{ slice, attempt, error }]))
  const began = lost.filter(({ slice, attempt }) => {
    return !unbegun.some((one) => one.slice === slice && attempt >= one.attempt)
  })
  return [...failed, ...began.filter(({ slice }) => !known.has(slice))]
}

/**
 * Returns the slices whose current attempt had not begun when the run was stopped. `attempt` and all later attempts of the slice had not begun.
 * `attempt` may be earlier than the current attempt, because the coordinator may have replaced attempts that had not begun.
 */
function unbegunOf({ slices, replaced }: CoordinatorState): NonNullable<FinaliseEvent['unbegun']> {
  const idle = new Set(replaced)
  return slices.flatMap(({ slice, attempt }) => {
    let first = attempt + 1
    while (first > 0 && idle.has(`${slice}-${first - 1}`)) first--
    return first > attempt ? [] : [{ slice, attempt: first }]
  })
}

/**
 * Decodes the facts that the first finaliser stored. Returns undefined if they cannot be read. The report is then made as if this finaliser were the
 * first one.
 */
function stored(body: string): Ending | undefined {
  try {
    return decode(endingSchema, body, 'the end of a run')
  } catch {
    return undefined
  }
}
