import { setImmediate } from 'node:timers/promises'
import { encodeMessage } from '../../../core/window/codec.ts'
import { decodeControl } from '../../../core/control.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import type { Report } from '../../../core/report/report.ts'
import type { Control } from '../../../core/window/wire.ts'
import { coordinate } from '../../../functions/coordinator/handler.ts'
import type { CoordinatorEvent, FinaliseEvent, WorkerEvent } from '../../../functions/events.ts'
import { keys } from '../../../functions/keys.ts'
import type { Environment, FailedInvocation, StageName } from '../../../functions/ports.ts'
import { finalise } from '../../../functions/reducer/finalise.ts'
import { merge } from '../../../functions/reducer/merge.ts'
import { cellOf, intervalOf, messagesOf } from '../../fixtures/run.ts'
import { MemoryStore } from '../../stores/memory-store.ts'

/** What a worker of the small cloud does. Times in milliseconds. */
export interface Manner {
  /** From the invocation to the claim; null: it never claims. */
  claimsAfterMs?: number | null
  /** From its start on, instead of the profile's length; null: it never sends its last message. */
  endsAfterMs?: number | null
  /** The invocation fails so long after the claim. */
  failsAfterMs?: number
}

/** Where a coordinator can be tried in no time: the clock moves when the coordinator sleeps, and everything due by then happens. */
export class SmallCloud {
  readonly store = new MemoryStore()
  readonly launched: WorkerEvent[] = []
  /** Slices and attempts that really ran. */
  readonly ran: string[] = []
  readonly failures: FailedInvocation[] = []
  readonly plan: RunPlan
  finaliseEvent: FinaliseEvent | undefined
  finaliseFails = false
  finalised = 0
  /** How long an invocation of the coordinator may take. */
  invocationMs = Number.POSITIVE_INFINITY
  coordinators = 0
  leaseAlwaysAlive = true
  nowMs: number
  readonly #manner: (event: WorkerEvent) => Manner
  readonly #successors: Promise<void>[] = []
  readonly #due: { at: number; act: () => Promise<void> }[] = []

  constructor(plan: RunPlan, manner: (event: WorkerEvent) => Manner = () => ({})) {
    this.plan = plan
    this.nowMs = plan.createdAt
    this.#manner = manner
  }

  /** Plans and coordinates the run; the report, when there is one. */
  async coordinate(): Promise<Report | undefined> {
    await this.store.put(keys.plan(this.plan.run), JSON.stringify(this.plan))
    await this.store.put(keys.active(this.plan.run), '')
    await this.#coordinator({ run: this.plan.run })
    for (let next = this.#successors.shift(); next; next = this.#successors.shift()) await next
    const stored = await this.store.get(keys.output(this.plan.run, 'report.json'))
    return stored && (JSON.parse(stored.body) as Report)
  }

  /** Coordinates until a moment from which on nothing answers this coordinator any more. */
  async coordinateUntil(atMs: number): Promise<void> {
    const { store, invoker, clock, ...rest } = this.environment()
    const orLost = async <R>(act: () => Promise<R>): Promise<R> => {
      if (this.nowMs >= atMs) throw new Error('lost')
      return act()
    }
    const lost: Environment = {
      ...rest,
      store: {
        get: async (key) => orLost(async () => store.get(key)),
        put: async (key, body, condition) => orLost(async () => store.put(key, body, condition)),
        list: async (prefix) => orLost(async () => store.list(prefix)),
        delete: async (key) => orLost(async () => store.delete(key)),
      },
      invoker: {
        invoke: async (stage, event) => orLost(async () => invoker.invoke(stage, event)),
        failed: async (run) => orLost(async () => invoker.failed(run)),
      },
      clock: { ...clock, sleep: async (ms) => orLost(async () => clock.sleep(ms)) },
    }
    await this.store.put(keys.plan(this.plan.run), JSON.stringify(this.plan))
    await coordinate({ run: this.plan.run }, lost)
  }

  async #coordinator(event: CoordinatorEvent): Promise<void> {
    this.coordinators++
    const endsAt = this.nowMs + this.invocationMs
    await coordinate(event, { ...this.environment(), remainingMs: () => endsAt - this.nowMs })
  }

  at(at: number, act: () => Promise<void>): void {
    this.#due.push({ at, act })
  }

  async control(): Promise<Control> {
    return decodeControl((await this.store.get(keys.control(this.plan.run)))?.body ?? '')
  }

  environment(): Environment {
    return {
      store: this.store,
      queue: { send: async () => undefined },
      invoker: { invoke: async (stage, event) => this.#invoke(stage, event), failed: async () => this.failures },
      clock: { nowMs: () => this.nowMs, sleep: async (ms) => this.#sleep(ms) },
      build: 'build-1',
      remainingMs: () => 900_000,
      log: () => undefined,
    }
  }

  async #sleep(ms: number): Promise<void> {
    const until = this.nowMs + ms
    for (;;) {
      const next = this.#due.toSorted((a, b) => a.at - b.at)[0]
      if (!next || next.at > until) break
      this.#due.splice(this.#due.indexOf(next), 1)
      this.nowMs = Math.max(this.nowMs, next.at)
      await next.act()
    }
    this.nowMs = until
    await setImmediate()
  }

  async #invoke(stage: StageName, event: unknown): Promise<void> {
    if (stage === 'worker') this.#launch(event as WorkerEvent)
    else if (stage === 'coordinator') this.#successors.push(this.#coordinator(event as CoordinatorEvent))
    else if (stage === 'finalise') await this.#finalise(event as FinaliseEvent)
  }

  async #finalise(event: FinaliseEvent): Promise<void> {
    this.finaliseEvent = event
    this.finalised++
    if (this.finaliseFails) this.failures.push({ stage: 'finalise', event, error: 'the disk is full' })
    else await finalise(event, this.environment())
  }

  #launch(event: WorkerEvent): void {
    this.launched.push(event)
    const manner = { claimsAfterMs: 1000, ...this.#manner(event) }
    const { claimsAfterMs, failsAfterMs } = manner
    if (claimsAfterMs !== null) this.at(this.nowMs + claimsAfterMs, async () => this.#claim(event, manner))
    if (failsAfterMs === undefined) return
    this.at(this.nowMs + (claimsAfterMs ?? 0) + failsAfterMs, async () => {
      this.failures.push({ stage: 'worker', event, error: 'its process ran out of memory' })
    })
  }

  async #claim(event: WorkerEvent, manner: Manner): Promise<void> {
    const claimed = await this.store.put(keys.claim(event.run, event.slice, event.attempt), '', { ifAbsent: true })
    if (claimed === undefined) return
    this.ran.push(`${event.slice}-${event.attempt}`)
    if (manner.failsAfterMs === undefined && manner.endsAfterMs !== null) await this.#carryOn(event, manner)
  }

  /** Polls the control, as workers do, and sends the last message when it is time. */
  async #carryOn(event: WorkerEvent, manner: Manner): Promise<void> {
    const { startAt, stop, leaseUntil } = await this.control()
    if (leaseUntil < this.nowMs) this.leaseAlwaysAlive = false
    const length = manner.endsAfterMs ?? this.plan.profile.endMs
    if (stop || (length !== null && this.nowMs >= startAt + length)) await this.#sendLast(event)
    else this.at(this.nowMs + 500, async () => this.#carryOn(event, manner))
  }

  async #sendLast({ slice, attempt }: WorkerEvent): Promise<void> {
    const content = intervalOf({ slice, attempt, second: 0, cells: [cellOf('GET', '/', [5, 6])] })
    for (const message of messagesOf([{ window: 0, content }], slice, attempt)) {
      const attributes = { MessageGroupId: `${message.run}#0` }
      const records = [{ messageId: `${slice}-${attempt}`, body: encodeMessage(message), attributes }]
      await merge({ Records: records }, this.environment())
    }
  }
}
