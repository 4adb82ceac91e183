import type { TlsOptions } from '../../../../core/authoring/requests/tls.ts'
import type { EngineContext, LoadedClass } from '../users/context.ts'
import { makeInstance } from '../users/instance.ts'
import { SimulatedUser } from '../users/simulated-user.ts'
import { wordsOf } from '../counting/thrown.ts'
import { type CarriedUser, packed } from './carried-user.ts'
import { ownFieldsOf, restoreOwnFields } from './own-fields.ts'

/** The maximum number of bytes of the state of one user. A user with a larger state begins a new life instead of being handed over. */
const largestUser = 256 * 1024

/** The services that are needed to pack and unpack users. */
interface PackingPlace extends Pick<EngineContext, 'harm' | 'failing'> {
  /** The start of the run on the engine's clock. */
  readonly startMs: number
  /** The feeds of the scenario, in the order in which the scenario creates them. */
  readonly feeds: readonly object[]
}

/** Packs a user for the hand-over. If the user cannot be handed over, returns the reason as a string. */
export function packUser(user: SimulatedUser, place: PackingPlace, nowMs: number): Uint8Array<ArrayBuffer> | string {
  try {
    const veto = vetoOf(user)
    if (veto !== undefined) return veto
    const fields = user.started && user.instance ? ownFieldsOf(user.instance) : { values: {}, functions: [] }
    if (typeof fields === 'string') return fields
    const bytes = packed({ ...stateOf(user, place, nowMs), fields })
    return bytes.length > largestUser ? `the state of a user is larger than ${largestUser / 1024} KB` : bytes
  } catch (thrown) {
    // `thrown` may be any value: reading the class or the fields may run getters and proxy traps of the scenario.
    return `the state of a user cannot be read: ${wordsOf(thrown)}`
  }
}

function stateOf(user: SimulatedUser, place: PackingPlace, nowMs: number): Omit<CarriedUser, 'fields'> {
  const { index, life, started, tries, iterations, calls } = user
  const { startMs, feeds } = place
  const own = started
    ? {
        tls: user.http.tls,
        headers: user.http.headers.values,
        cookies: user.cookies.carried(),
        rows: rowsOf(user, feeds),
        arrival: user.draws.arrival,
      }
    : { tls: undefined, headers: {}, cookies: [], rows: [], arrival: null }
  return {
    index,
    life,
    started,
    tries,
    iterations,
    calls,
    ...own,
    class: user.userClass.name,
    harmed: place.harm.has(user),
    dueMs: (user.rest.untilMs ?? nowMs) - startMs,
    handedMs: nowMs - startMs,
    pace: user.pace.carried(startMs),
  }
}

/** A user whose `onStart` failed in the previous worker still counts as failing in this worker. */
function waitsAgain(user: SimulatedUser, { failing }: PackingPlace): true {
  if (user.tries > 0) failing.add(user)
  return true
}

/**
 * Gives a newly created user the state that it had in the previous worker.
 * @returns whether the user can continue
 */
export function unpackUser(user: SimulatedUser, carried: CarriedUser, place: PackingPlace): boolean {
  const { startMs, feeds } = place
  user.tries = carried.tries
  user.calls = carried.calls
  user.pace.restore(carried.pace, startMs)
  if (carried.harmed) place.harm.carry(user)
  if (!carried.started) return waitsAgain(user, place)
  user.iterations = carried.iterations
  user.http.headers.restore(carried.headers)
  user.cookies.restore(carried.cookies)
  user.draws.restoreRows(
    carried.rows.flatMap(([place, drawn]) => (feeds[place] ? [[feeds[place], drawn] as const] : [])),
  )
  try {
    user.instance = makeInstance(user, user.userClass)
    // Without TLS settings, the setter of `tls` must not be called. If users share connections, this setter always throws, because such users cannot
    // have their own TLS settings.
    if (carried.tls !== undefined || user.http.tls !== undefined) user.http.tls = carried.tls as TlsOptions | undefined
    user.started = restoreOwnFields(user.instance, carried.fields)
    user.draws.goOn(user.iterations, carried.arrival)
    return user.started
  } catch {
    // The user's class cannot be instantiated in this worker. The exception is counted when the user begins its new life.
    return false
  }
}

/** Creates a user in this worker that continues a user of another worker. Returns undefined if the user cannot continue in this worker. */
export function remade(
  carried: CarriedUser,
  context: PackingPlace & EngineContext & { readonly classes: readonly LoadedClass[] },
): SimulatedUser | undefined {
  const userClass = context.classes.find(({ name }) => name === carried.class)
  const user = userClass && new SimulatedUser(context, carried.index, carried.life, userClass)
  return user && unpackUser(user, carried, context) ? user : undefined
}

/** Returns the reason why a user must not be handed over; undefined if it may be handed over. */
function vetoOf({ userClass, hasSockets }: SimulatedUser): string | undefined {
  if (vetoes(userClass.make)) return 'the class has static handOver = false'
  return hasSockets ? 'a user has an open WebSocket connection' : undefined
}

/** Returns whether the users of a class are never handed over. */
function vetoes(userClass: unknown): boolean {
  return (userClass as { handOver?: unknown }).handOver === false
}

function rowsOf(user: SimulatedUser, feeds: readonly object[]): [number, number][] {
  return [...user.draws.rows].flatMap(([feed, drawn]): [number, number][] => {
    const place = feeds.indexOf(feed)
    return place === -1 ? [] : [[place, drawn]]
  })
}
