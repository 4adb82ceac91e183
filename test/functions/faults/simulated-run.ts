import { decodeControl, encodeControl } from '../../../core/fleet/control.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import type { RandomStream } from '../../../core/random.ts'
import type { Report } from '../../../core/report/report.ts'
import { coordinate } from '../../../functions/coordinator/handler.ts'
import { decodeState } from '../../../functions/coordinator/state.ts'
import type { CoordinatorEvent, FinaliseEvent, WorkerEvent } from '../../../functions/events.ts'
import { keys } from '../../../functions/keys.ts'
import type { Environment, QueueMessage, StageName } from '../../../functions/ports.ts'
import { finalise } from '../../../functions/reducer/finalise.ts'
import { merge } from '../../../functions/reducer/merge.ts'
import { redeliveryMs } from '../../../functions/redelivery.ts'
import type { InstantStore } from './instant-store.ts'
import { type Faults, FaultyPorts, SimulatedProcess, type Span } from './faulty-ports.ts'
import type { SimulatedTime } from './simulated-time.ts'
import { type Arrived, SyntheticWorker } from './synthetic-worker.ts'

/** What happens to the processes of a run. Moments are milliseconds since the plan was made. */
export interface Fate {
  /** For each worker that is killed (`slice-attempt`), the moment of its death. */
  killed: ReadonlyMap<string, number>
  /** For each worker that stands still (`slice-attempt`), the start and the end of the standstill. */
  frozen: ReadonlyMap<string, Span>
  /** For each coordinator, in the order in which they begin, the number of calls to ports before it dies. */
  coordinatorCalls: readonly number[]
  /** For the merge with this number (from 0), the number of calls to the store before it dies. */
  mergeCalls: ReadonlyMap<number, number>
  /** The shard whose reducer does not run, and from when until when. */
  shardDown: { shard: number; span: Span } | null
  /** Offset of the clock of each worker, by slice, milliseconds. */
  offsetsMs: readonly number[]
  /** The queue has a message that nobody can read. */
  poison: boolean
  finaliseDies: boolean
}

export const noFate: Fate = {
  killed: new Map(),
  frozen: new Map(),
  coordinatorCalls: [],
  mergeCalls: new Map(),
  shardDown: null,
  offsetsMs: [],
  poison: false,
  finaliseDies: false,
}

/** The longest invocation on Lambda, milliseconds. */
const invocationMs = 900_000
/** Time after which the queue delivers a message again that was neither merged nor given back, milliseconds. */
const visibilityMs = 60_000
/** Time between the loss of a coordinator and the start of the next one, milliseconds. */
const followMs = 3000
/** Time until the failed invocation of a worker is known, milliseconds. */
const knownMs = 1000

/** A whole run in simulated time: the real coordinator, claims, sender, merge and finalise over ports that fail. */
export class SimulatedRun {
  readonly plan: RunPlan
  readonly arrived: Arrived[] = []
  readonly launched: string[] = []
  readonly messages: QueueMessage[] = []
  coordinators = 0
  over = false
  readonly fate: Fate
  readonly #time: SimulatedTime
  readonly #store: InstantStore
  readonly #ports: FaultyPorts
  readonly #log: (line: string) => void
  /** The event of the last invocation of `finalise`. */
  #finalised: FinaliseEvent | undefined
  #merges = 0
  #finaliseDies: boolean
  /** How often a worker sends requests, milliseconds. */
  readonly #tickMs: number
  #shardBusy = new Map<string, Promise<void>>()

  constructor(
    plan: RunPlan,
    world: { time: SimulatedTime; store: InstantStore; random: RandomStream; log: (line: string) => void },
    { faults, fate, tickMs = 500 }: { faults: Faults; fate: Fate; tickMs?: number },
  ) {
    this.plan = plan
    this.fate = fate
    this.#time = world.time
    this.#store = world.store
    this.#log = world.log
    this.#ports = new FaultyPorts(world.time, world.random, faults)
    this.#finaliseDies = fate.finaliseDies
    this.#tickMs = tickMs
  }

  /** Starts the run as the command line does. */
  async begin(): Promise<void> {
    const { run, timing } = this.plan
    const nowMs = this.#time.nowMs
    const control = {
      v: 1,
      startAt: nowMs + timing.startLeadMs,
      leaseUntil: nowMs + timing.leaseMs,
      stop: null,
    } as const
    await this.#store.put(keys.plan(run), JSON.stringify(this.plan))
    await this.#store.put(keys.control(run), encodeControl(control))
    await this.#store.put(keys.active(run), '')
    if (this.fate.poison) this.#enqueue([{ id: `${run}-poison`, group: `${run}#0`, body: '{"v":1,' }])
    this.#coordinate({ run })
  }

  async report(): Promise<Report | undefined> {
    const stored = await this.#store.get(keys.output(this.plan.run, 'report.json'))
    return stored && (JSON.parse(stored.body) as Report)
  }

  async startAt(): Promise<number> {
    return decodeControl((await this.#store.get(keys.control(this.plan.run)))?.body ?? '').startAt
  }

  /** Delivers all messages once more, then makes the report again. */
  async again(): Promise<void> {
    for (const { group, id, body } of this.messages.toReversed()) {
      const attributes = { MessageGroupId: group }
      await merge({ Records: [{ messageId: id, body, attributes }] }, this.#calm())
    }
    if (this.#finalised) await finalise(this.#finalised, this.#calm())
  }

  #environment(process: SimulatedProcess): Environment {
    const endsAt = this.#time.nowMs + invocationMs
    return {
      store: this.#ports.store(this.#store, process),
      queue: this.#ports.queue(async (messages) => this.#enqueue(messages), process),
      invoker: this.#ports.invoker((stage, event) => this.#start(stage, event), process),
      clock: process.clock,
      build: this.plan.build,
      remainingMs: () => endsAt - this.#time.nowMs,
      log: (event, fields) => this.#log(`${event} ${JSON.stringify(fields ?? {})}`),
    }
  }

  /** An environment without faults, in which no call takes time. */
  #calm(): Environment {
    const clock = { nowMs: () => this.#time.nowMs, sleep: async () => undefined }
    return { ...this.#environment(new SimulatedProcess(this.#time)), store: this.#store, clock }
  }

  #start(stage: StageName, event: unknown): void {
    if (stage === 'worker') this.#work(event as WorkerEvent)
    if (stage === 'finalise') this.#finalise(event as FinaliseEvent)
    if (stage === 'coordinator') this.#coordinate(event as CoordinatorEvent)
  }

  #coordinate(event: CoordinatorEvent): void {
    const process = new SimulatedProcess(this.#time)
    process.callsLeft = this.fate.coordinatorCalls[this.coordinators++] ?? Number.POSITIVE_INFINITY
    const followed = (): void => {
      if (!this.over && process.dead) this.#time.at(this.#time.nowMs + followMs, async () => this.#follow())
      else if (!this.over) this.#time.at(this.#time.nowMs + 1000, followed)
    }
    if (Number.isFinite(process.callsLeft)) followed()
    coordinate(event, this.#environment(process)).then(
      () => this.#log('a coordinator has ended'),
      (error: unknown) => {
        this.#log(`a coordinator failed: ${String(error)}`)
        this.#time.at(this.#time.nowMs + followMs, async () => this.#follow())
      },
    )
  }

  async #follow(): Promise<void> {
    const stored = await this.#store.get(keys.coordinator(this.plan.run))
    const { run } = this.plan
    this.#coordinate(stored ? { run, after: decodeState(stored.body).epoch, lost: true } : { run })
  }

  #work(event: WorkerEvent): void {
    const worker = `${event.slice}-${event.attempt}`
    this.launched.push(worker)
    const { killed, frozen, offsetsMs } = this.fate
    const at = (ms: number): number => this.plan.createdAt + ms
    const span = frozen.get(worker)
    const process = new SimulatedProcess(this.#time, {
      offsetMs: offsetsMs[event.slice] ?? 0,
      ...(span && { frozen: [at(span[0]), at(span[1])] as const }),
    })
    const failed = (error: string): void => {
      const endedAt = this.#time.nowMs
      process.dead = true
      this.#time.at(
        endedAt + knownMs,
        () => void this.#ports.failures.push({ stage: 'worker', event, error, at: endedAt }),
      )
    }
    const killedMs = killed.get(worker)
    if (killedMs !== undefined) this.#time.at(at(killedMs), () => failed('its process was killed'))
    const arrived = (one: { worker: string }): void => void this.arrived.push({ ...one, atMs: this.#time.nowMs })
    new SyntheticWorker(event, this.plan, { env: this.#environment(process), arrived, tickMs: this.#tickMs })
      .run()
      .catch((error: unknown) => failed(String(error)))
  }

  #enqueue(messages: readonly QueueMessage[]): void {
    for (const message of messages) {
      this.messages.push(message)
      for (const inMs of this.#ports.deliveries()) this.#deliverAt(message, this.#time.nowMs + inMs, 1)
    }
  }

  #deliverAt(message: QueueMessage, at: number, receives: number): void {
    this.#time.at(at, () => {
      // The queue promises that two merges of one group never overlap.
      const before = this.#shardBusy.get(message.group) ?? Promise.resolve()
      this.#shardBusy.set(
        message.group,
        before.then(async () => this.#deliver(message, receives)),
      )
    })
  }

  async #deliver(message: QueueMessage, receives: number): Promise<void> {
    const { group, id, body } = message
    const down = this.fate.shardDown
    const isDown = down !== null && group.endsWith(`#${down.shard}`) && this.#isIn(down.span)
    const process = new SimulatedProcess(this.#time)
    process.callsLeft = this.fate.mergeCalls.get(this.#merges++) ?? Number.POSITIVE_INFINITY
    const attributes = { MessageGroupId: group, ApproximateReceiveCount: String(receives) }
    const lost = this.#time.sleep(visibilityMs).then(() => 'lost' as const)
    const merging = isDown
      ? Promise.resolve({ batchItemFailures: [{ itemIdentifier: id }] })
      : merge({ Records: [{ messageId: id, body, attributes }] }, this.#environment(process))
    const outcome = await Promise.race([merging.catch(() => 'failed' as const), lost])
    if (typeof outcome === 'object' && outcome.batchItemFailures.length === 0) return
    process.dead = true
    const againMs = outcome === 'lost' ? 0 : Math.max(500, redeliveryMs(receives))
    this.#deliverAt(message, this.#time.nowMs + againMs, receives + 1)
  }

  #isIn([from, until]: Span): boolean {
    const sinceMs = this.#time.nowMs - this.plan.createdAt
    return sinceMs >= from && sinceMs < until
  }

  /**
   * Takes no simulated time, because simulated time does not wait for the files that `finalise` reads. It can still
   * fail.
   */
  #finalise(event: FinaliseEvent): void {
    this.#time.at(this.#time.nowMs, async () => {
      this.#finalised = event
      if (this.#finaliseDies) {
        this.#finaliseDies = false
        this.#ports.failures.push({
          stage: 'finalise',
          event,
          error: 'its process ran out of memory',
          at: this.#time.nowMs,
        })
      } else await finalise(event, this.#calm())
    })
  }
}
