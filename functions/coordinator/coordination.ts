import { textCaps } from '../../core/input/bounds.ts'
import { BurstError } from '../../core/errors.ts'
import { messageOf } from '../../core/verdict/completeness/loss.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { Control } from '../../core/fleet/control.ts'
import type { FinaliseEvent, WorkerEvent } from '../events.ts'
import { keys } from '../keys.ts'
import { FailedCopies } from './claims.ts'
import type { Environment, PutCondition } from '../ports.ts'
import { type CoordinatorState, type KeptSlice, type Phase, type WindowEventsState, decodeState } from './state.ts'

/**
 * The role of a coordinator in a run. `first`: begins the run. `successor`: was invoked to continue the run. `heir`: continues the run because the
 * previous coordinator is dead. `rescuer`: collects the results, because the lease has expired or the control file does not exist. In both cases, the
 * load has ended. `finisher`: requests the report, because an earlier coordinator has stored that the load has ended.
 */
export type Role = 'first' | 'successor' | 'heir' | 'rescuer' | 'finisher'

export interface Taken {
  role: Role
  state: CoordinatorState
  /** The etag of the stored state. */
  etag: string
  /** `true` if the previous coordinator has just stored the state for its hand-over. */
  isContinued: boolean
}

/** A failed invocation of a worker. */
export type FailedWorker = FinaliseEvent['failed'][number] & {
  /** The time of the failure, in epoch milliseconds; null when unknown. */
  at: number | null
}

/** The data with which a coordinator works on one run: the plan, the environment, and the events for the report. */
export class Coordination {
  readonly plan: RunPlan
  readonly env: Environment
  readonly role: Role
  /** The term of this coordinator: its number among the coordinators of the run, from 1. */
  readonly term: number
  readonly events: FinaliseEvent['events']
  failure: FinaliseEvent['failure']
  /**
   * The attempts (`slice-attempt`) that were replaced before they sent a message, or that had not begun when the run was stopped. Their messages do
   * not count as missing.
   */
  readonly replaced: Set<string>
  readonly #copies: FailedCopies
  slices: KeptSlice[]
  windowEvents: WindowEventsState | undefined
  /**
   * The time, in epoch milliseconds, at which a new message was last merged. If the previous coordinator handed the run over, this field has the
   * stored time of the previous coordinator until the first check of the run. Near the end of the invocation, the field has the time that this
   * coordinator stores for the next coordinator. At all other times, the field is undefined.
   */
  newsAt: number | undefined
  /** The approximate number of messages that were waiting to be merged when the run began to wait for them. Undefined if the run has not waited. */
  waitsFor: number | undefined
  /** The content of the control file that this coordinator last read or wrote. Undefined if it has not read the file yet. */
  control: Control | undefined
  /** The duration of the slowest check of the run, including delays of the machine, in milliseconds. */
  slowestLookMs = 0
  /**
   * The time, in epoch milliseconds, at which the store or another port last failed. At that time, workers may not have been able to read the control
   * file.
   */
  troubledAt = Number.NEGATIVE_INFINITY
  /** The time, in epoch milliseconds, at which this coordinator found that the load was over. Undefined if the load is not over. */
  overAt: number | undefined
  #phase: Phase
  #began: boolean
  #etag: string
  #saved: string

  constructor(plan: RunPlan, env: Environment, { role, state, etag, isContinued }: Taken) {
    this.plan = plan
    this.#copies = new FailedCopies(env.store, plan.run)
    this.env = env
    this.role = role
    this.term = state.epoch
    this.events = state.events.slice()
    this.failure = state.failure
    this.replaced = new Set(state.replaced)
    this.slices = state.slices
    this.windowEvents = state.windowEvents
    this.newsAt = isContinued ? state.newsAt : undefined
    this.waitsFor = state.waitsFor
    this.#phase = state.phase
    this.#began = state.began
    this.#etag = etag
    this.#saved = JSON.stringify(state)
  }

  get phase(): Phase {
    return this.#phase
  }

  /** `true` if this coordinator or an earlier coordinator may have started a worker. */
  get began(): boolean {
    return this.#began
  }

  /** Adds an event to the report. */
  tell(text: string): void {
    this.events.push({ at: this.env.clock.nowMs(), text: text.slice(0, textCaps.stack) })
    this.env.log('coordinator', { run: this.plan.run, text })
  }

  /** Records why the run failed. Only the first reason is recorded as the failure. Later reasons become events in the report. */
  fail(error: unknown): void {
    const message = messageOf(error).slice(0, textCaps.stack)
    const reason = error instanceof BurstError && error.reason === 'scenarioThrew' ? 'scenarioThrew' : 'runFailed'
    if (this.failure?.message === message) return
    if (this.failure) this.tell(message)
    else this.failure = { reason, message }
    this.env.log('coordinator failed', { run: this.plan.run, message })
  }

  /**
   * Returns the failed invocations of workers. The result does not contain the attempts in `replaced`. It contains other replaced attempts, because
   * they may have sent a message. If one copy of an invocation fails and the other copy holds the claim, the result does not contain the failed copy.
   */
  async failedWorkers(): Promise<FailedWorker[]> {
    const failures = await this.env.invoker.failed(this.plan.run)
    const ofWorkers = failures.filter((failure) => failure.stage === 'worker')
    const failed = ofWorkers.map(({ event, error, at, beforeClaim = false }) => {
      const { slice, attempt } = event as WorkerEvent
      return { slice, attempt, error, at: at ?? null, beforeClaim }
    })
    const present = failed.filter(({ slice, attempt }) => !this.replaced.has(`${slice}-${attempt}`))
    return this.#copies.without(present)
  }

  /** Stores the facts that the next coordinator needs. Returns false when another coordinator has taken over. */
  async keep(): Promise<boolean> {
    const { store } = this.env
    const key = keys.coordinator(this.plan.run)
    const body = JSON.stringify(this.#state())
    if (body !== this.#saved && (await this.#write(body, { ifMatch: this.#etag }))) return true
    const found = await store.get(key)
    // The state was deleted. Writes it again, because this coordinator is still responsible for the run.
    if (!found) return this.#write(body, { ifAbsent: true })
    if (found.etag === this.#etag) return body === this.#saved
    // A coordinator that takes over increases the term. If the term is unchanged, this coordinator itself wrote the state, although the store
    // returned an error.
    if (decodeState(found.body).epoch !== this.term) return false
    this.#etag = found.etag
    this.#saved = found.body
    return body === found.body || this.#write(body, { ifMatch: found.etag })
  }

  /** Enters a phase of the run. Returns false when another coordinator has taken over. */
  async enter(phase: Phase): Promise<boolean> {
    this.#began ||= phase === 'launching' || phase === 'running'
    this.#phase = phase
    if (phase === 'over') this.overAt ??= this.env.clock.nowMs()
    return this.keep()
  }

  async #write(body: string, condition: PutCondition): Promise<boolean> {
    const etag = await this.env.store.put(keys.coordinator(this.plan.run), body, condition)
    if (etag === undefined) return false
    this.#etag = etag
    this.#saved = body
    return true
  }

  #state(): CoordinatorState {
    const { term, events, failure, slices, windowEvents, newsAt, waitsFor } = this
    return {
      v: 1,
      epoch: term,
      phase: this.#phase,
      began: this.#began,
      events,
      failure,
      replaced: [...this.replaced],
      slices,
      ...(windowEvents && { windowEvents }),
      ...(newsAt !== undefined && { newsAt }),
      ...(waitsFor !== undefined && { waitsFor }),
    }
  }
}
