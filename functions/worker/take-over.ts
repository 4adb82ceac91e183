import { noticeMs } from '../../core/fleet/changes/epoch.ts'
import { type Fleet, fleetAt, sliceOf } from '../../core/fleet/fleet.ts'
import { type Turn, isHandOver, turnOf } from '../../core/fleet/turns.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { Control } from '../../core/fleet/control.ts'
import type { WorkerEvent } from '../events.ts'
import type { Environment } from '../ports.ts'
import { type HandOverPart, decodePart } from './engine/handover/carried-user.ts'
import type { EngineTurn } from './engine/handover/inheritance.ts'
import type { ToEngine } from './engine/protocol.ts'
import { type Change, giveUpPart, readPart } from './handover-parts.ts'

/** The pause between two checks for a part of a hand-over, in milliseconds. */
const lookMs = { local: 25, aws: 100 } as const
/**
 * A reserve, in milliseconds, for the arrival of the last user. The deadline for this user is `drainMs` + `waitMs` + this reserve after the beginning
 * of the turn. `drainMs` is the time for the last iteration. `waitMs` is the time for which this worker waits for the users of the previous worker.
 */
const slackMs = 1_500

export interface TakeOverFloor {
  event: WorkerEvent
  plan: RunPlan
  env: Pick<Environment, 'store' | 'clock' | 'log'>
  /** Returns the control file as this worker last read it. */
  control: () => Control
  /** Reads the control file when a read is due; returns false when the worker must not continue. */
  attend: () => Promise<boolean>
  say: (message: ToEngine) => void
}

/**
 * Returns the turn of an attempt, which is the time in which the attempt runs the slice. Returns undefined if only later attempts may run the slice,
 * or if the run ends before the turn begins.
 */
function turnIn({ event, plan }: Pick<TakeOverFloor, 'event' | 'plan'>, control: Control): Turn | undefined {
  const fleet: Fleet = fleetAt(plan, control)
  return turnOf(fleet, sliceOf(fleet, event.slice), event.attempt)
}

/** Takes over the users of a slice from the previous worker. */
export class TakeOver {
  readonly #context: TakeOverFloor
  /** The time, in epoch milliseconds, at which this worker learned that the run is being stopped. */
  #stopReadAt: number | undefined
  #ended = false

  constructor(context: TakeOverFloor) {
    this.#context = context
  }

  /**
   * Waits until this worker can run the slice, and returns its turn. The turn contains the users that can continue immediately. Returns undefined if
   * this worker must not run the slice.
   */
  async turn(): Promise<EngineTurn | undefined> {
    const { plan, env } = this.#context
    for (;;) {
      if (!(await this.#context.attend())) return undefined
      const control = this.#context.control()
      const turn = turnIn(this.#context, control)
      if (!turn || (control.stop && !this.#mayStillReceive(control, turn))) return undefined
      const found = await this.#begun(turn, control)
      if (found !== 'not yet') return found
      const sinceMs = this.#sinceMs(turn, control)
      await env.clock.sleep(sinceMs < 0 ? Math.min(100, -sinceMs) : lookMs[plan.backend])
    }
  }

  /**
   * Returns the turn of the engine if the turn can begin now. Returns 'not yet' if this worker must wait, and undefined if it must not run the slice.
   */
  async #begun(turn: Turn, control: Control): Promise<EngineTurn | 'not yet' | undefined> {
    const { plan, event } = this.#context
    const { fromMs, untilMs } = turn
    const { fromMs: sliceFromMs } = sliceOf(fleetAt(plan, control), event.slice)
    if (fromMs <= sliceFromMs) return { fromMs: 0, untilMs, inherited: null }
    const isStopping = control.stop !== null
    const inherited = await this.#inherited(this.#change(fromMs), this.#sinceMs(turn, control), isStopping)
    if (inherited === 'nothing to do') return undefined
    if (inherited === 'not yet') return inherited
    // After a stop, no other worker takes over, so this worker keeps the users.
    return isStopping ? { fromMs, untilMs: null, inherited, isStopping } : { fromMs, untilMs, inherited }
  }

  #sinceMs({ fromMs }: Turn, { startAt }: Control): number {
    return this.#context.env.clock.nowMs() - startAt - fromMs
  }

  /**
   * Returns whether users of the previous worker may still arrive, although the run is being stopped. If the previous worker learns of the stop
   * before the hand-over, it keeps its users. No users arrive if this worker replaces a worker that was lost during its turn.
   */
  #mayStillReceive(control: Control, { fromMs }: Turn): boolean {
    const { plan, event, env } = this.#context
    const { timing, handOver } = plan
    const nowMs = env.clock.nowMs()
    this.#stopReadAt ??= nowMs
    const knownAt = this.#stopReadAt + noticeMs(timing)
    const fleet = fleetAt(plan, control)
    const isHanded = isHandOver(fleet, sliceOf(fleet, event.slice), fromMs)
    if (!handOver || !isHanded || control.startAt + fromMs > knownAt) return false
    return nowMs <= knownAt + timing.stopMs
  }

  /** Passes the later parts of the hand-over to the engine, until the last part has arrived or no further part will arrive. */
  async follow(turn: EngineTurn): Promise<void> {
    if (!hasMore(turn)) return
    const { fromMs } = turn
    const { env, plan, say } = this.#context
    for (let number = 1; !this.#ended;) {
      const part = await this.#laterPart(this.#change(fromMs), number, this.#isAllLate(fromMs))
      if (part !== undefined) {
        say({ type: 'inherit', part })
        if (part === null || part.last) return
        number++
      } else await env.clock.sleep(lookMs[plan.backend])
    }
  }

  /** Returns whether the last user should have been handed over by now. */
  #isAllLate(fromMs: number): boolean {
    const { env, plan, control } = this.#context
    const waitMs = plan.timing.drainMs + (plan.handOver?.waitMs ?? 0) + slackMs
    return env.clock.nowMs() > control().startAt + fromMs + waitMs
  }

  /**
   * Returns the next part. Returns undefined if the part has not arrived yet or the store fails. Returns null if the part will not arrive or cannot
   * be decoded.
   */
  async #laterPart(change: Change, number: number, isLate: boolean): Promise<HandOverPart | null | undefined> {
    const answer = await this.#read(change, number, isLate)
    if (!answer) return undefined
    if (answer.body === undefined) return isLate ? null : undefined
    return decodePart(answer.body) ?? null
  }

  end(): void {
    this.#ended = true
  }

  async #inherited(
    change: Change,
    sinceMs: number,
    isStopping: boolean,
  ): Promise<HandOverPart | 'nobody' | 'not yet' | 'nothing to do' | null> {
    const { handOver } = this.#context.plan
    if (!handOver) return sinceMs < 0 ? 'not yet' : null
    // While the run is being stopped, this worker does not give up the first part. If this worker gave up the part, the previous worker would end its
    // users without onStop.
    const isLate = sinceMs > handOver.waitMs && !isStopping
    const answer = await this.#read(change, 0, isLate)
    if (!answer) return 'not yet'
    if (answer.body === undefined) return isLate ? 'nobody' : 'not yet'
    return firstPart(decodePart(answer.body), sinceMs)
  }

  /**
   * Reads a part. If the part has not arrived, `body` is undefined in the result. If `isLate` is true, gives up a part that has not arrived. Returns
   * undefined if the store fails. The caller must then read the part again. Until the store confirms that the part was given up, the previous worker
   * may still write the part, and may still run its users.
   */
  async #read(change: Change, number: number, isLate: boolean): Promise<{ body: string | undefined } | undefined> {
    const { env } = this.#context
    const read = isLate ? giveUpPart : readPart
    try {
      return { body: await read(env, change, number) }
    } catch (error) {
      env.log('a hand-over could not be read', { error: String(error) })
      return undefined
    }
  }

  #change(atMs: number): Change {
    const { run, slice } = this.#context.event
    return { run, slice, atMs }
  }
}

/** Returns whether later parts of the hand-over follow the first part. */
export function hasMore({ inherited }: EngineTurn): boolean {
  return inherited !== null && inherited !== 'nobody' && !inherited.last
}

function firstPart(
  part: HandOverPart | undefined,
  sinceMs: number,
): HandOverPart | 'nobody' | 'not yet' | 'nothing to do' {
  if (part?.finished) return 'nothing to do'
  return sinceMs < 0 ? 'not yet' : (part ?? 'nobody')
}
