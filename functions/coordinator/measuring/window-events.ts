import { closedWindow, eventCountsOf } from '../../../core/report/metrics/closed-window.ts'
import type { ShardState } from '../../../core/shard/shard.ts'
import { causeOfLoss, messageOf } from '../../../core/verdict/completeness/loss.ts'
import { mergeWindow } from '../../../core/window/merge-windows.ts'
import { type Window, emptyWindow } from '../../../core/window/window.ts'
import { counted, moment } from '../../../core/words.ts'
import { BurstError } from '../../../core/errors.ts'
import type { WindowHookEvent } from '../../events.ts'
import { type WindowTold, decodeWindowTold, hookAnswer, newClaim } from '../../hooks/hook-records.ts'
import { againMs, mostFailures } from '../../hooks/request-hook.ts'
import { windowHookLimitMs } from '../../hooks/run-hook.ts'
import { keys } from '../../keys.ts'
import type { Coordination } from '../coordination.ts'
import { type WindowEventsState, hookMessageCap } from '../state.ts'
import { WindowReader } from './window-reader.ts'

/**
 * The maximum number of entries in the list of windows that wait for `onEvent`. If the list is full, the counts of a newly closed window are added to
 * the last entry. A window always gets its own entry if its counts or the counts of the last entry cannot be read.
 */
const mostWaiting = 12
/** The longest time from the invocation of the hook to the scenario's first line, in milliseconds. */
const startMs = 60_000
/** The longest time, in milliseconds, for which a run that is over waits for `onEvent`. */
const patienceMs = 10_000
const controlReadEveryMs = 200

/** One or more windows that wait for `onEvent`. `counts` is undefined if the counts cannot be read. */
interface Waiting {
  from: number
  to: number
  counts: Window | undefined
}

/**
 * An event that has no result of `onEvent` yet. `tries` is the number of times it was sent. `firstAt` and `lastAt` are the times at which it was
 * first and last sent (epoch milliseconds).
 */
interface Sent {
  event: WindowHookEvent
  tries: number
  firstAt: number
  lastAt: number
}

/**
 * Calls the scenario's `onEvent` for closed windows, one at a time and in order, while the run continues. After a hand-over, the next coordinator may
 * send an event again. Each event has a number, and the hook stage calls `onEvent` at most once for each number.
 */
export class WindowEvents {
  readonly #run: Coordination
  readonly #state: WindowEventsState
  readonly #waiting: Waiting[] = []
  #reader: WindowReader<Window> | undefined
  #sent: Sent | undefined
  /**
   * The number of failed invocations that earlier coordinators made for the current event. The first event of this coordinator may be an event that
   * an earlier coordinator had already sent. For all later events, the number is 0. Undefined until this coordinator sends its first event.
   */
  #failedBefore: number | undefined

  constructor(run: Coordination) {
    this.#run = run
    this.#state = run.windowEvents ?? { number: 0, next: 0, failures: [], missed: 0 }
  }

  /** Stores the parts of a shard's state that the events need. */
  see(state: ShardState): void {
    const { plan, env } = this.#run
    if (!plan.hooks.onEvent) return
    const keeping = { none: emptyWindow, of: eventCountsOf, add: mergeWindow }
    this.#reader ??= new WindowReader(env, keeping, this.#state.next)
    this.#reader.see(state)
  }

  /**
   * Adds the new windows, reads the result of `onEvent` for the last event, and sends the next event.
   * @param isTold returns whether all workers have reported all their counts of a window
   * @param hasEnded whether all workers have ended. If they have ended, this method does not add the last window that has counts. `finish` adds
   * this window and marks it as the last window of the run.
   */
  async look(isTold: (window: number) => boolean, hasEnded: boolean): Promise<void> {
    if (!this.#reader) return
    const before = hasEnded ? (this.#reader.last ?? Number.NEGATIVE_INFINITY) : Number.POSITIVE_INFINITY
    await this.#take((window) => window < before && isTold(window))
    await this.#settle()
    await this.#send({ isLast: false })
  }

  /**
   * Sends the remaining windows when the run is over. Windows that `onEvent` has not received within 10 s count as missed. An event that was sent and
   * has no result after that time counts as failed.
   */
  async finish(): Promise<void> {
    const { clock } = this.#run.env
    const last = this.#reader?.last
    if (last !== undefined) await this.#take((window) => window <= last)
    const until = clock.nowMs() + patienceMs
    while (this.#waiting.length > 0 && clock.nowMs() < until) {
      await this.#settle()
      await this.#send({ isLast: true })
      if (this.#waiting.length > 0) await clock.sleep(controlReadEveryMs)
    }
    await this.#giveUp()
    const { missed } = this.#state
    if (missed > 0)
      this.#run.tell(`onEvent missed ${counted(missed, 'window')}: onEvent took too long, or counts cannot be read`)
  }

  async #giveUp(): Promise<void> {
    const [one] = this.#waiting
    if (one && this.#sent !== undefined)
      await this.#unanswered(one.to, 'onEvent had not ended 10 s after the end of the run')
    for (const left of this.#waiting.splice(0)) this.#miss(left)
  }

  async #take(isTold: (window: number) => boolean): Promise<void> {
    for (let next = await this.#reader?.take(isTold); next; next = await this.#reader?.take(isTold)) {
      const { from, to, evidence: counts } = next
      const last = this.#waiting.at(-1)
      if (this.#waiting.length >= mostWaiting && last?.counts && counts) {
        mergeWindow(last.counts, counts)
        last.to = to
      } else this.#waiting.push({ from, to, counts })
    }
  }

  /** Sends the first waiting window. Does not send it while the last event has no result. */
  async #send({ isLast }: { isLast: boolean }): Promise<void> {
    while (this.#waiting[0] && !this.#waiting[0].counts) this.#miss(this.#waiting.shift() as Waiting)
    const [one] = this.#waiting
    if (!one?.counts || this.#sent !== undefined) return
    const { from, to, counts } = one
    const { run, windowMs } = this.#run.plan
    const window = closedWindow(counts, { from, to, windowMs, isLast: isLast && this.#waiting.length === 1 })
    await this.#invoke({ run, hook: 'onEvent', number: this.#state.number, to, window })
  }

  /** Invokes the hook stage with an event. If the invocation is temporarily refused, the next check of the run repeats it. */
  async #invoke(event: WindowHookEvent): Promise<void> {
    const { env } = this.#run
    const { run, number, to } = event
    try {
      this.#failedBefore ??= (await this.#failures(number)).length
      await env.invoker.invoke('hook', event)
      const nowMs = env.clock.nowMs()
      const { tries = 0, firstAt = nowMs } = this.#sent ?? {}
      this.#sent = { event, tries: tries + 1, firstAt, lastAt: nowMs }
    } catch (error) {
      if (error instanceof BurstError) this.#settled({ to, error: messageOf(error) })
      else env.log('onEvent is invoked again', { run, number, error: messageOf(error) })
    }
  }

  /**
   * Stores the result of `onEvent` for the last event, if there is a result. Lambda may start an invocation late or may never start it, so this
   * method invokes the stage again until an invocation has started.
   */
  async #settle(): Promise<void> {
    const [one] = this.#waiting
    if (this.#sent === undefined || !one) return
    const { env, plan } = this.#run
    const stored = await env.store.get(keys.windowHook(plan.run, this.#sent.event.number))
    const answer = hookAnswer(stored)
    if (answer !== undefined) return this.#settled(answerIn(answer, one.to))
    const hasBegun = stored !== undefined
    const error = (await this.#errorOf(hasBegun)) ?? this.#overdue(this.#sent, hasBegun)
    if (error !== undefined) await this.#unanswered(one.to, error)
    else if (!hasBegun) await this.#sendAgain(this.#sent)
  }

  async #sendAgain({ event, tries, lastAt }: Sent): Promise<void> {
    if (this.#run.env.clock.nowMs() - lastAt >= againMs(tries)) await this.#invoke(event)
  }

  #overdue({ firstAt }: Sent, hasBegun: boolean): string | undefined {
    if (this.#run.env.clock.nowMs() <= firstAt + startMs + windowHookLimitMs) return undefined
    return hasBegun ? 'onEvent began but never finished' : 'onEvent did not begin'
  }

  /** Stops waiting for the result of an event, and records the error. Claims the event first, so that a late invocation does not call `onEvent`. */
  async #unanswered(to: number, error: string): Promise<void> {
    const { env, plan } = this.#run
    await env.store.put(keys.windowHook(plan.run, this.#state.number), newClaim(), { ifAbsent: true })
    this.#settled({ to, error })
  }

  /**
   * Returns an error message if `onEvent` can no longer have a result, otherwise undefined. If an invocation fails before `onEvent` begins, a result
   * is still possible, because the coordinator invokes the stage again. After `mostFailures` failed invocations, the coordinator does not invoke the
   * stage again.
   */
  async #errorOf(hasBegun: boolean): Promise<string | undefined> {
    const { event: sent, tries = 0 } = this.#sent ?? {}
    const errors = await this.#failures(sent?.number)
    const isOver = errors.length >= Math.max(1, hasBegun ? tries : mostFailures) + (this.#failedBefore ?? 0)
    return isOver ? `onEvent did not ${hasBegun ? 'finish' : 'begin'}: ${errors.at(-1)}` : undefined
  }

  /** Returns one error message for each failed invocation with the event `number`. */
  async #failures(number: number | undefined): Promise<string[]> {
    const failures = await this.#run.env.invoker.failed(this.#run.plan.run)
    const mine = failures.filter(
      ({ stage, event }) => stage === 'hook' && (event as Partial<WindowHookEvent>).number === number,
    )
    return mine.map(({ error }) => causeOfLoss(error))
  }

  /**
   * Stores the result of an event. If a lost coordinator sent this event first, the event may contain fewer windows than this coordinator would send.
   * The missing windows then count as missed.
   */
  #settled({ to, error }: WindowTold): void {
    const { plan } = this.#run
    this.#sent = undefined
    this.#failedBefore = 0
    if (error !== undefined) this.#fail(error, to)
    while ((this.#waiting[0]?.from ?? Number.POSITIVE_INFINITY) <= to) {
      const one = this.#waiting.shift() as Waiting
      if (one.to > to) this.#miss({ ...one, from: to + 1 })
    }
    Object.assign(this.#state, { number: this.#state.number + 1, next: Math.max(this.#state.next, to + 1) })
    this.#run.windowEvents = this.#state
    this.#run.env.log('onEvent answered', { run: plan.run, to })
  }

  #fail(error: string, to: number): void {
    const { failures } = this.#state
    const known = failures.find(({ message }) => message === error)
    if (known) known.count++
    else if (failures.length < hookMessageCap) failures.push({ message: error, count: 1 })
    else this.#failOther()
    const endS = ((to + 1) * this.#run.plan.windowMs) / 1000
    if (!known && failures.length <= hookMessageCap)
      this.#run.tell(`${error}, at the window that ended at ${moment(endS)}`)
  }

  #failOther(): void {
    const { failures } = this.#state
    const other = failures[hookMessageCap]
    if (other) other.count++
    else failures.push({ message: 'onEvent threw (other messages)', count: 1 })
  }

  #miss({ from, to }: Waiting): void {
    this.#state.missed += to - from + 1
    this.#state.next = Math.max(this.#state.next, to + 1)
    this.#run.windowEvents = this.#state
  }
}

/**
 * Decodes a result of `onEvent`. If the result cannot be decoded, returns the error instead of throwing it. The code of the scenario has the
 * permissions of the hook, so it could write an invalid result to make the run fail.
 */
function answerIn(body: string, to: number): WindowTold {
  try {
    return decodeWindowTold(body)
  } catch (error) {
    return { to, error: messageOf(error) }
  }
}
