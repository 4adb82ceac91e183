import * as v from 'valibot'
import { attempt, count, moment, run, slice, text, textCaps } from '../../core/input/bounds.ts'
import { decode } from '../../core/input/decode.ts'
import type { FinaliseEvent } from '../events.ts'
import { keys } from '../keys.ts'
import type { Store } from '../ports.ts'

/** The maximum number of events or workers in one ending. No run has that many. */
const mostRows = 1_000_000

const eventSchema: v.GenericSchema<unknown, FinaliseEvent> = v.object({
  run,
  events: v.pipe(v.array(v.object({ at: moment, text: text(textCaps.stack) })), v.maxLength(mostRows)),
  failed: v.pipe(v.array(v.object({ slice, attempt, error: text(textCaps.stack) })), v.maxLength(mostRows)),
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
  /** The text of `control.json`; null: there was none. */
  control: string | null
}

/**
 * The end of a run as the first finaliser of the run found it. It is stored once, so that every later finaliser makes the same report. A
 * later finaliser may be invoked by a person, without the event of the coordinator, or after the run was stopped.
 */
export async function endingOf(event: FinaliseEvent, store: Store): Promise<Ending> {
  const key = keys.ending(event.run)
  const first = await store.get(key)
  if (first) return stored(first.body) ?? present(event, store)
  const ending = await present(event, store)
  const written = await store.put(key, JSON.stringify({ v: 1, ...ending }), { ifAbsent: true })
  if (written !== undefined) return ending
  const other = await store.get(key)
  return (other && stored(other.body)) ?? ending
}

async function present(event: FinaliseEvent, store: Store): Promise<Ending> {
  return { event, control: (await store.get(keys.control(event.run)))?.body ?? null }
}

/** Undefined if it cannot be read: the report is then made as if no other finaliser had begun. */
function stored(body: string): Ending | undefined {
  try {
    return decode(endingSchema, body, 'the end of a run')
  } catch {
    return undefined
  }
}
