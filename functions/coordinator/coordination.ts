import { BurstError } from '../../core/errors.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { FinaliseEvent, WorkerEvent } from '../events.ts'
import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'
import type { CoordinatorState, KeptSlice } from './state.ts'

/**
 * What a coordinator is to a run. `first`: it begins it; `successor`: it goes on with it; `rescuer`: it finds it without a living
 * coordinator, ends it, and collects what there is; `finisher`: it finds the load over and the report not made.
 */
export type Role = 'first' | 'successor' | 'rescuer' | 'finisher'

export interface Taken {
  role: Role
  state: CoordinatorState
  /** Of the state as it is stored. */
  etag: string
}

/** One run as its coordinator carries it out: the plan, where it runs, and what is to be told in the report. */
export class Coordination {
  readonly plan: RunPlan
  readonly env: Environment
  readonly role: Role
  /** Which coordinator of this run this is, from 1. */
  readonly epoch: number
  readonly events: FinaliseEvent['events']
  failure: FinaliseEvent['failure']
  /** Some worker may have been started by this coordinator. */
  launched = false
  /** Attempts that never began and were started again, by `slice-attempt`: nothing of theirs is missing. */
  readonly replaced: Set<string>
  slices: KeptSlice[]
  #phase: CoordinatorState['phase']
  #etag: string
  #saved: string

  constructor(plan: RunPlan, env: Environment, { role, state, etag }: Taken) {
    this.plan = plan
    this.env = env
    this.role = role
    this.epoch = state.epoch
    this.events = state.events.slice()
    this.failure = state.failure
    this.replaced = new Set(state.replaced)
    this.slices = state.slices
    this.#phase = state.phase
    this.#etag = etag
    this.#saved = JSON.stringify(state)
  }

  /** Something that people should know. */
  tell(text: string): void {
    this.events.push({ at: this.env.clock.nowMs(), text })
    this.env.log('coordinator', { run: this.plan.run, text })
  }

  /** Notes why the run failed. The first reason is the one that counts; later ones become events. */
  fail(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    const reason = error instanceof BurstError && error.reason === 'scenarioThrew' ? 'scenarioThrew' : 'runFailed'
    if (this.failure) this.tell(message)
    else this.failure = { reason, message }
    this.env.log('coordinator failed', { run: this.plan.run, message })
  }

  /** Invocations of workers that failed and were not replaced. */
  async failedWorkers(): Promise<FinaliseEvent['failed']> {
    const failures = await this.env.invoker.failed(this.plan.run)
    const ofWorkers = failures.filter((failure) => failure.stage === 'worker')
    const failed = ofWorkers.map(({ event, error }) => {
      const { slice, attempt } = event as WorkerEvent
      return { slice, attempt, error }
    })
    return failed.filter(({ slice, attempt }) => !this.replaced.has(`${slice}-${attempt}`))
  }

  /** Writes down what a successor must know. False when there is one, who has taken over. */
  async keep(): Promise<boolean> {
    const { store } = this.env
    const key = keys.coordinator(this.plan.run)
    const body = JSON.stringify(this.#state())
    if (body === this.#saved) return (await store.get(key))?.etag === this.#etag
    const etag = await store.put(key, body, { ifMatch: this.#etag })
    if (etag === undefined) return false
    this.#etag = etag
    this.#saved = body
    return true
  }

  /** The load has ended: whoever comes after this one only has the report to make. */
  async endLoad(): Promise<boolean> {
    this.#phase = 'over'
    return this.keep()
  }

  #state(): CoordinatorState {
    const { epoch, events, failure, slices } = this
    return { v: 1, epoch, phase: this.#phase, events, failure, replaced: [...this.replaced], slices }
  }
}
