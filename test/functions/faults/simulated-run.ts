import { decodeControl, encodeControl } from '../../../core/fleet/control.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import type { RandomStream } from '../../../core/random.ts'
import type { Report } from '../../../core/report/report.ts'
import { stopRun } from '../../../functions/control/change-control.ts'
import { coordinate } from '../../../functions/coordinator/handler.ts'
import { decodeState } from '../../../functions/coordinator/state.ts'
import type { CoordinatorEvent, FinaliseEvent, WorkerEvent } from '../../../functions/events.ts'
import { keys, outputFiles } from '../../../functions/keys.ts'
import type { Environment, QueueMessage, StageName } from '../../../functions/ports.ts'
import { finalise } from '../../../functions/reducer/finalise.ts'
import { merge } from '../../../functions/reducer/merge.ts'
import { redeliveryMs } from '../../../functions/redelivery.ts'
import type { InstantStore } from './instant-store.ts'
import { type Fate, reducerOf } from './fate.ts'
import { type Faults, FaultyPorts, SimulatedProcess, type Span } from './faulty-ports.ts'
import { FailedBeforeClaim } from '../../../functions/worker/failed-before-claim.ts'
import { type SimulatedTime, held } from './simulated-time.ts'
import { type Arrived, SyntheticWorker } from './synthetic-worker.ts'

/** The longest time that an invocation on Lambda may take, in milliseconds. */
const invocationMs = 900_000
/** The time until the queue redelivers a message that was neither merged nor returned, in milliseconds. */
const visibilityMs = 60_000
/** The time between the failure of a worker's invocation and the first moment at which the coordinator can see the failure, in milliseconds. */
const knownMs = 1000

/**
 * A whole run in simulated time. The code of the coordinator, the claims, the sender, `merge` and `finalise` is the real code. The ports are
 * simulated, and may fail.
 */
export class SimulatedRun {
  readonly plan: RunPlan
  readonly arrived: Arrived[] = []
  readonly launched: string[] = []
  readonly messages: QueueMessage[] = []
  coordinators = 0
  over = false
  /** The time at which the stop was written into the control file, in epoch milliseconds. */
  stoppedAt: number | undefined
  #leaseUntil = 0
  readonly fate: Fate
  readonly #time: SimulatedTime
  readonly #store: InstantStore
  readonly ports: FaultyPorts
  readonly #log: (line: string) => void
  #finalisers = 0
  #merges = 0
  /** The number of messages that have reached the queue and are not merged. */
  #waiting = 0
  /** The interval between requests of a worker, in milliseconds. */
  readonly #tickMs: number
  readonly #coordinatorMs: number
  #shardBusy = new Map<string, Promise<void>>()

  constructor(
    plan: RunPlan,
    world: { time: SimulatedTime; store: InstantStore; random: RandomStream; log: (line: string) => void },
    {
      faults,
      fate,
      tickMs = 500,
      coordinatorMs = invocationMs,
    }: { faults: Faults; fate: Fate; tickMs?: number; coordinatorMs?: number | undefined },
  ) {
    this.plan = plan
    this.fate = fate
    this.#time = world.time
    this.#store = world.store
    this.#log = world.log
    this.ports = new FaultyPorts(world.time, world.random, faults)
    this.#tickMs = tickMs
    this.#coordinatorMs = coordinatorMs
  }

  /** Starts the run in the same way as the command line. */
  async begin(): Promise<void> {
    const { run, timing } = this.plan
    const nowMs = this.#time.nowMs
    const control = {
      v: 1,
      startAt: nowMs + timing.startLeadMs,
      leaseUntil: nowMs + timing.leaseMs,
      stop: null,
    } as const
    this.#store.watch(keys.control(run), (body) => {
      const { stop, leaseUntil } = decodeControl(body)
      this.#leaseUntil = leaseUntil
      if (stop) this.stoppedAt ??= this.#time.nowMs
    })
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

  /** Stops the run as a person would, in whatever phase the run is. */
  async stop(): Promise<void> {
    await stopRun(this.#calm(), this.plan.run, 'a person stopped the run')
  }

  /** Delivers all messages once more. */
  async deliverAgain(): Promise<void> {
    for (const { group, id, body } of this.messages.toReversed()) {
      const attributes = { MessageGroupId: group }
      await merge({ Records: [{ messageId: id, body, attributes }] }, this.#calm())
    }
  }

  /**
   * Makes the report again, as `burst report --finalize` does. The finaliser then has no information from the coordinator about the end of the run.
   */
  async remake(): Promise<void> {
    const failure = { reason: 'runFailed', message: 'the coordinator was lost' } as const
    await finalise({ run: this.plan.run, events: [], failed: [], failure }, this.#calm())
  }

  /** Returns all files of the report, and the number of messages that have arrived too late for the report. */
  async outputs(): Promise<{ files: Record<string, string | undefined>; late: number }> {
    const { run } = this.plan
    const read = outputFiles.map(async (file) => [file, (await this.#store.get(keys.output(run, file)))?.body] as const)
    return {
      files: Object.fromEntries(await Promise.all(read)),
      late: (await this.#store.list(keys.lates(run))).length,
    }
  }

  #environment(process: SimulatedProcess, mostMs = invocationMs): Environment {
    const endsAt = this.#time.nowMs + mostMs
    return {
      store: this.ports.store(this.#store, process),
      queue: {
        ...this.ports.queue(async (messages) => this.#enqueue(messages), process),
        waiting: async () => process.call(async () => this.#waiting),
      },
      invoker: this.ports.invoker((stage, event) => this.#start(stage, event), process),
      clock: process.clock,
      build: this.plan.build,
      remainingMs: () => endsAt - this.#time.nowMs,
      log: (event, fields) => this.#log(`${event} ${JSON.stringify(fields ?? {})}`),
    }
  }

  /** Returns an environment without faults, in which calls do not take any time. */
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
    const follow = (): void => this.#time.at(this.#time.nowMs + this.fate.followMs, async () => this.#follow())
    this.#onDeath(process, follow)
    let ended = false
    coordinate(event, this.#environment(process, this.#coordinatorMs)).then(
      () => {
        ended = true
        this.#log('a coordinator has ended')
      },
      (error: unknown) => {
        ended = true
        this.#log(`a coordinator failed: ${String(error)}`)
        follow()
      },
    )
    this.#time.at(this.#time.nowMs + this.#coordinatorMs, () => {
      if (ended || process.dead || this.over) return
      process.dead = true
      this.#log('a coordinator has reached the longest time of an invocation')
      follow()
    })
  }

  /**
   * Calls `act` at most one second after the process has died. Does not call `act` if the run is over, or if the number of calls of the process is
   * not limited.
   */
  #onDeath(process: SimulatedProcess, act: () => void): void {
    if (this.over || process.callsLeft === Number.POSITIVE_INFINITY) return
    if (process.dead) act()
    else this.#time.at(this.#time.nowMs + 1000, () => this.#onDeath(process, act))
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
    const failed = (error: unknown): void => {
      const beforeClaim = error instanceof FailedBeforeClaim && { beforeClaim: true as const }
      process.dead = true
      const failure = { stage: 'worker', event, error: String(error), at: this.#time.nowMs, ...beforeClaim } as const
      this.#time.at(failure.at + knownMs, () => void this.ports.failures.push(failure))
    }
    process.callsLeft = this.fate.workerCalls.get(worker) ?? Number.POSITIVE_INFINITY
    this.#onDeath(process, () => failed('its process was killed'))
    const killedMs = killed.get(worker)
    if (killedMs !== undefined) this.#time.at(at(killedMs), () => failed('its process was killed'))
    const arrived = ({ worker }: { worker: string }): void => {
      const { nowMs } = this.#time
      this.arrived.push({ worker, atMs: nowMs, overLeaseMs: nowMs - this.#leaseUntil })
    }
    new SyntheticWorker(event, this.plan, { env: this.#environment(process), arrived, tickMs: this.#tickMs })
      .run()
      .catch(failed)
  }

  #enqueue(messages: readonly QueueMessage[]): void {
    for (const message of messages) {
      this.messages.push(message)
      for (const inMs of this.ports.deliveries()) {
        this.#time.at(this.#time.nowMs + inMs, () => void this.#waiting++)
        this.#deliverAt(message, this.#time.nowMs + inMs, 1)
      }
    }
  }

  #deliverAt(message: QueueMessage, at: number, receives: number): void {
    this.#time.at(at, () => {
      // The queue guarantees that two merges of one group never overlap.
      const before = this.#shardBusy.get(message.group) ?? Promise.resolve()
      this.#shardBusy.set(
        message.group,
        before.then(async () => this.#deliver(message, receives)),
      )
    })
  }

  async #deliver(message: QueueMessage, receives: number): Promise<void> {
    const { group, id, body } = message
    const { process, freezes } = reducerOf(this.fate, this.#merges++, this.#time)
    const attributes = { MessageGroupId: group, ApproximateReceiveCount: String(receives) }
    const lost = this.#time.sleep(visibilityMs).then(() => 'lost' as const)
    const merging = this.#isDown(group)
      ? Promise.resolve({ batchItemFailures: [{ itemIdentifier: id }] })
      : merge({ Records: [{ messageId: id, body, attributes }] }, this.#environment(process))
    const outcome = await Promise.race([merging.catch(() => 'failed' as const), lost])
    if (typeof outcome === 'object' && outcome.batchItemFailures.length === 0) return void this.#waiting--
    // The merge has failed or has no result, so the queue delivers the message again. A reducer that freezes continues after its freeze. Any other
    // reducer counts as dead.
    process.dead = !freezes
    const againMs = outcome === 'lost' ? 0 : Math.max(500, redeliveryMs(receives))
    this.#deliverAt(message, this.#time.nowMs + againMs, receives + 1)
  }

  #isDown(group: string): boolean {
    const down = this.fate.shardDown
    return down !== null && group.endsWith(`#${down.shard}`) && this.#isIn(down.span)
  }

  #isIn([from, until]: Span): boolean {
    const sinceMs = this.#time.nowMs - this.plan.createdAt
    return sinceMs >= from && sinceMs < until
  }

  /** Makes the report in simulated time. The clock stops while the files of the page are read. */
  #finalise(event: FinaliseEvent): void {
    const process = new SimulatedProcess(this.#time)
    process.callsLeft = this.fate.finaliseCalls[this.#finalisers++] ?? Number.POSITIVE_INFINITY
    this.ports.beginReport()
    const failed = (error: string): void =>
      void this.ports.failures.push({ stage: 'finalise', event, error, at: this.#time.nowMs })
    this.#onDeath(process, () => failed('its process was killed'))
    const { environment, done } = held(this.#environment(process), this.#time)
    finalise(event, environment)
      .catch((error: unknown) => failed(String(error)))
      .finally(done)
  }
}
