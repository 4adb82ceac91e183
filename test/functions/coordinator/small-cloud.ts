import { setImmediate } from 'node:timers/promises'
import { encodeMessage } from '../../../core/window/codec/codec.ts'
import { type Control, decodeControl, encodeControl } from '../../../core/fleet/control.ts'
import { fleetAt, sliceOf } from '../../../core/fleet/fleet.ts'
import { isReplaced } from '../../../core/fleet/floors.ts'
import { turnOf } from '../../../core/fleet/turns.ts'
import { type RunPlan, shardOf } from '../../../core/plan/plan.ts'
import type { WindowMessage } from '../../../core/window/message.ts'
import type { Report } from '../../../core/report/report.ts'
import { coordinate } from '../../../functions/coordinator/handler.ts'
import { carryOutHook } from '../../../functions/hooks/hook-stage.ts'
import type { CoordinatorEvent, FinaliseEvent, HookEvent, WorkerEvent } from '../../../functions/events.ts'
import { keys } from '../../../functions/keys.ts'
import type { Environment, FailedInvocation, QueueMessage, StageName } from '../../../functions/ports.ts'
import { finalise } from '../../../functions/reducer/finalise.ts'
import { merge } from '../../../functions/reducer/merge.ts'
import { cellOf, intervalOf, messagesOf } from '../../fixtures/run.ts'
import { type Cut, type Present, Served, type Serves } from './served.ts'
import { MemoryStore } from '../../stores/memory-store.ts'

/** How a worker in the small cloud behaves. Times are in milliseconds. */
export interface Manner {
  /** The time from the invocation to the claim. Null if the worker never claims its slice. */
  claimsAfterMs?: number | null
  /** The time for which the worker runs. Null if the worker never sends its last message. Default: the length of the profile. */
  endsAfterMs?: number | null
  /** The time from the claim to the failure of the invocation. */
  failsAfterMs?: number
  /** `true` if the worker reports every 5 s. Otherwise, the worker reports only once, at its end. */
  reports?: boolean
  /** Returns the requests that the worker sends in the given second of the run. */
  serves?: Serves
  /** Returns the actual number of users of the worker. The argument is the planned number. Default: the planned number. */
  present?: Present
  /** The start and the end of the time span in which the worker is frozen, in milliseconds since the start of the run. */
  frozen?: readonly [fromMs: number, untilMs: number]
}

/**
 * Runs a coordinator in simulated time. The clock moves only while the coordinator sleeps. When the clock moves, the scheduled events that have
 * become due are run.
 */
export class SmallCloud {
  readonly store = new MemoryStore()
  readonly launched: WorkerEvent[] = []
  /** The attempts that claimed their slices, as `slice-attempt`. */
  readonly ran: string[] = []
  /** The attempts that send load, recorded every 500 ms. `atMs` is the time since the start of the run, in milliseconds. */
  readonly loads: { slice: number; attempt: number; atMs: number }[] = []
  readonly #sent = new Map<string, { messages: number; at: number }>()
  readonly #told = new Map<string, Cut[]>()
  readonly #served: Served
  readonly #dead = new Set<string>()
  /** The time span in which the queue delivers no messages, in epoch milliseconds. */
  reducerDown: readonly [from: number, until: number] = [0, 0]
  /** The number of messages in the queue. A test may add messages of other runs. */
  waiting = 0
  readonly failures: FailedInvocation[] = []
  readonly plan: RunPlan
  finaliseEvent: FinaliseEvent | undefined
  finaliseFails = false
  finalised = 0
  /** The longest time that an invocation of the coordinator may take, in milliseconds. */
  invocationMs = Number.POSITIVE_INFINITY
  coordinators = 0
  leaseAlwaysAlive = true
  nowMs: number
  readonly #manner: (event: WorkerEvent) => Manner
  readonly #successors: Promise<void>[] = []
  #sleepers = 0
  #passing = false
  readonly #due: { at: number; act: () => Promise<void> }[] = []

  constructor(plan: RunPlan, manner: (event: WorkerEvent) => Manner = () => ({})) {
    this.plan = plan
    this.#served = new Served(plan)
    this.nowMs = plan.createdAt
    this.#manner = manner
  }

  /** Plans and coordinates the run. Returns the report, or undefined if the run does not have a report. */
  async coordinate(event: CoordinatorEvent = { run: this.plan.run }): Promise<Report | undefined> {
    await this.#put()
    await this.#coordinator(event)
    for (let next = this.#successors.shift(); next; next = this.#successors.shift()) await next
    const stored = await this.store.get(keys.output(this.plan.run, 'report.json'))
    return stored && (JSON.parse(stored.body) as Report)
  }

  /** Runs a coordinator until `atMs`. From this time, all calls of the coordinator fail. */
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
    await this.#put()
    await coordinate({ run: this.plan.run }, lost)
  }

  /** Stores the objects that the command line stores before it starts a run. */
  async #put(): Promise<void> {
    const { run, timing } = this.plan
    const control = {
      v: 1 as const,
      startAt: this.nowMs + timing.startLeadMs,
      leaseUntil: this.nowMs + timing.leaseMs,
      stop: null,
    }
    await this.store.put(keys.plan(run), JSON.stringify(this.plan), { ifAbsent: true })
    await this.store.put(keys.control(run), encodeControl(control), { ifAbsent: true })
    await this.store.put(keys.active(run), '')
  }

  async #coordinator(event: CoordinatorEvent): Promise<void> {
    this.coordinators++
    const endsAt = this.nowMs + this.invocationMs
    await coordinate(event, { ...this.environment(), remainingMs: () => endsAt - this.nowMs })
  }

  /** Starts a run in the same way as the command line, and lets time pass without a coordinator. */
  async pass(ms: number): Promise<void> {
    await this.#put()
    await this.#sleep(ms)
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
      queue: { send: async () => undefined, waiting: async () => this.waiting },
      invoker: { invoke: async (stage, event) => this.invoke(stage, event), failed: async () => this.failures },
      clock: { nowMs: () => this.nowMs, sleep: async (ms) => this.#sleep(ms) },
      build: 'build-1',
      remainingMs: () => 900_000,
      log: () => undefined,
    }
  }

  async #sleep(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#sleepers++
    this.at(this.nowMs + ms, async () => {
      this.#sleepers--
      resolve()
    })
    if (!this.#passing) void this.#letTimePass()
    await promise
  }

  /** Runs the scheduled events one after another while all code sleeps. */
  async #letTimePass(): Promise<void> {
    this.#passing = true
    while (this.#sleepers > 0) {
      const next = this.#due.reduce((first, one) => (one.at < first.at ? one : first))
      this.#due.splice(this.#due.indexOf(next), 1)
      this.nowMs = Math.max(this.nowMs, next.at)
      const before = this.#sleepers
      await next.act()
      // If the event has woken only some of the sleeping code, the next event must wait until the woken code sleeps again.
      const turns = this.#sleepers < before && this.#sleepers > 0 ? 30 : 0
      for (let k = 0; k < turns; k++) await setImmediate()
    }
    this.#passing = false
  }

  /** Starts a stage. A test may replace this function. */
  invoke = async (stage: StageName, event: unknown): Promise<void> => {
    if (stage === 'worker') this.#launch(event as WorkerEvent)
    else if (stage === 'coordinator') this.#successors.push(this.#coordinator(event as CoordinatorEvent))
    // Waits for the hook. The hook takes real time, and simulated time must not pass in the meantime.
    else if (stage === 'hook') await carryOutHook(event as HookEvent, this.environment())
    else if (stage === 'finalise') await this.#finalise(event as FinaliseEvent)
  }

  async #finalise(event: FinaliseEvent): Promise<void> {
    this.finaliseEvent = event
    this.finalised++
    if (this.finaliseFails)
      this.failures.push({ stage: 'finalise', event, error: 'RequestId: 7a0f Error: the disk is full' })
    else await finalise(event, this.environment())
  }

  #launch(event: WorkerEvent): void {
    this.launched.push(event)
    const manner = { claimsAfterMs: 1000, ...this.#manner(event) }
    const { claimsAfterMs, failsAfterMs } = manner
    if (claimsAfterMs !== null) this.at(this.nowMs + claimsAfterMs, async () => this.#claim(event, manner))
    if (failsAfterMs === undefined) return
    this.at(this.nowMs + (claimsAfterMs ?? 0) + failsAfterMs, async () => {
      this.#dead.add(`${event.slice}-${event.attempt}`)
      this.failures.push({ stage: 'worker', event, error: 'its process ran out of memory', at: this.nowMs })
    })
  }

  async #claim(event: WorkerEvent, manner: Manner): Promise<void> {
    const claimed = await this.store.put(keys.claim(event.run, event.slice, event.attempt), '', { ifAbsent: true })
    if (claimed === undefined) return
    this.ran.push(`${event.slice}-${event.attempt}`)
    if (manner.serves) this.#served.begin(event, manner.serves, manner.present)
    if (manner.failsAfterMs !== undefined && !manner.reports) return
    if (manner.endsAfterMs !== null) await this.#carryOn(event, manner)
  }

  /** Polls the control file, as workers do, and sends the last message when it is due. */
  async #carryOn(event: WorkerEvent, manner: Manner): Promise<void> {
    if (this.#dead.has(`${event.slice}-${event.attempt}`)) return
    const stored = await this.store.get(keys.control(this.plan.run))
    if (!stored) return this.#send(event, true)
    const control = decodeControl(stored.body)
    const awakeAt = this.#standsStillUntil(control, manner)
    if (awakeAt !== null) return this.at(awakeAt, async () => this.#carryOn(event, manner))
    if (this.#isOver(control, manner) || isReplaced(control, event, this.nowMs)) return this.#send(event, true)
    if (!(await this.#load(event, control, manner))) return this.#send(event, true, true)
    this.at(this.nowMs + 500, async () => this.#carryOn(event, manner))
  }

  #standsStillUntil({ startAt }: Control, { frozen: [fromMs, untilMs] = [0, 0] }: Manner): number | null {
    const sinceMs = this.nowMs - startAt
    return sinceMs >= fromMs && sinceMs < untilMs ? startAt + untilMs : null
  }

  #isOver({ startAt, stop, leaseUntil }: Control, { endsAfterMs }: Manner): boolean {
    if (leaseUntil < this.nowMs) this.leaseAlwaysAlive = false
    const length = endsAfterMs ?? this.plan.profile.endMs ?? Infinity
    return stop !== null || leaseUntil < this.nowMs || this.nowMs >= startAt + length
  }

  /** Simulates an attempt during its turn. Returns false when the turn has ended. */
  async #load({ slice, attempt }: WorkerEvent, control: Control, manner: Manner): Promise<boolean> {
    const fleet = fleetAt(this.plan, control)
    const turn = turnOf(fleet, sliceOf(fleet, slice), attempt)
    const [fromMs, untilMs, atMs] = [turn?.fromMs ?? Infinity, turn?.untilMs ?? Infinity, this.nowMs - control.startAt]
    if (atMs < fromMs) return true
    if (atMs >= untilMs) return false
    this.loads.push({ slice, attempt, atMs })
    if (manner.reports) await this.#sendWhenDue({ slice, attempt }, control.startAt + fromMs)
    return true
  }

  async #sendWhenDue(one: Pick<WorkerEvent, 'slice' | 'attempt'>, beganAt: number): Promise<void> {
    const { at } = this.#sent.get(`${one.slice}-${one.attempt}`) ?? { at: beganAt }
    if (this.nowMs - at >= 5000) await this.#send(one, false)
  }

  async #send(
    { slice, attempt }: Pick<WorkerEvent, 'slice' | 'attempt'>,
    final: boolean,
    handedOver = false,
  ): Promise<void> {
    const key = `${slice}-${attempt}`
    const { messages = 0 } = this.#sent.get(key) ?? {}
    this.#sent.set(key, { messages: messages + 1, at: this.nowMs })
    const before = this.#told.get(key) ?? []
    const all = [...before, await this.#contentOf({ slice, attempt }, before.length === 0)]
    this.#told.set(key, all)
    const sent = messagesOf(all, slice, attempt).at(-1) as WindowMessage
    const body = encodeMessage({ ...sent, sentAt: this.nowMs, final, ...(handedOver ? { handedOver } : {}) })
    this.waiting++
    await this.#deliver({ id: `${key}-${messages}`, group: `${sent.run}#${shardOf(this.plan, slice)}`, body }, 1)
  }

  /** Returns the counts of an attempt since its last message, up to the end of the most recent full second. */
  async #contentOf({ slice, attempt }: Pick<WorkerEvent, 'slice' | 'attempt'>, isFirst: boolean): Promise<Cut> {
    const control = await this.store.get(keys.control(this.plan.run))
    const second = control ? Math.max(0, Math.floor((this.nowMs - decodeControl(control.body).startAt) / 1000) - 1) : 0
    const served = control && this.#served.cut({ slice, attempt }, second, decodeControl(control.body))
    const content = intervalOf({ slice, attempt, second: isFirst ? 0 : second, cells: [cellOf('GET', '/', [5, 6])] })
    return served ?? { window: 0, content }
  }

  /** Delivers a message to the reducer, and again 1 s later if the reducer returns it. */
  async #deliver({ id, group, body }: QueueMessage, receives: number): Promise<void> {
    const [from, until] = this.reducerDown
    if (this.nowMs >= from && this.nowMs < until) {
      return this.at(until, async () => this.#deliver({ id, group, body }, receives))
    }
    const attributes = { MessageGroupId: group, ApproximateReceiveCount: String(receives) }
    const { batchItemFailures } = await merge({ Records: [{ messageId: id, body, attributes }] }, this.environment())
    if (batchItemFailures.length === 0) this.waiting--
    else this.at(this.nowMs + 1000, async () => this.#deliver({ id, group, body }, receives + 1))
  }
}
