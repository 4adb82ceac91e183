import { type Control, decodeControl } from '../../core/fleet/control.ts'
import { fleetAt } from '../../core/fleet/fleet.ts'
import type { RunPlan, Timing } from '../../core/plan/plan.ts'
import type { CoordinatorEvent } from '../events.ts'
import { compareAndSwap } from '../control/compare-and-swap.ts'
import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'
import type { Coordination, Role, Taken } from './coordination.ts'
import { type CoordinatorState, decodeState, firstState } from './state.ts'

/** A coordinator hands over when its invocation has less than this many milliseconds left. */
const handOverMs = 90_000
/** The maximum number of coordinators of one run, so that a chain of invocations always ends. */
const mostTerms = 1_000
/** If a run should have ended more than this many milliseconds ago, burst ends the run instead of handing it over to the next coordinator. */
const overtimeMs = 3_600_000
/** A run without a planned end should end within this many milliseconds. */
const longestMs = 24 * 3_600_000
/**
 * The time, in milliseconds, after which a coordinator renews its lease. A lease shorter than three times this value is renewed after a third of its
 * length.
 */
const renewalMs = 10_000

/**
 * Returns how many milliseconds after a renewal of the lease the next renewal is due. A coordinator renews the lease in its first check after this
 * time.
 */
export function renewalOf({ leaseMs }: Pick<Timing, 'leaseMs'>): number {
  return Math.min(renewalMs, leaseMs / 3)
}

/**
 * Takes over the coordination of a run by compare-and-swap. Earlier coordinators notice the new coordinator before their next write. Returns
 * undefined if another coordinator is alive, for example because a coordinator was invoked twice.
 * @throws BurstError (97) when the stored state or the control file cannot be read, or when 50 writes conflicted
 */
export async function assume(
  event: CoordinatorEvent,
  plan: RunPlan,
  { store, clock }: Place,
): Promise<Taken | undefined> {
  const place = { key: keys.coordinator(plan.run), what: `the coordinator's state of run ${plan.run}` }
  return compareAndSwap<Taken | undefined>({ store, clock }, place, async (stored) => {
    const before = stored && decodeState(stored.body)
    const role = await roleAfter(before, { plan, event }, { store, clock })
    if (!role) return { unchanged: undefined }
    const state = before ? { ...before, epoch: before.epoch + 1 } : firstState
    const isContinued = before !== undefined && follows(event, before, clock.nowMs())
    return { body: JSON.stringify(state), written: (etag) => ({ role, state, etag, isContinued }) }
  })
}

/** Returns whether the previous coordinator has just stored this state for its hand-over. */
function follows({ after, at, lost = false }: CoordinatorEvent, before: CoordinatorState, nowMs: number): boolean {
  return !lost && after === before.epoch && at !== undefined && nowMs - at < 2 * takeOverMs
}

type Place = Pick<Environment, 'store' | 'clock'>

async function roleAfter(
  before: CoordinatorState | undefined,
  { plan, event }: { plan: RunPlan; event: CoordinatorEvent },
  { store, clock }: Place,
): Promise<Role | undefined> {
  if (before?.phase === 'over') return 'finisher'
  const leaseUntil = await readLease(store, plan.run)
  if (leaseUntil <= clock.nowMs()) return 'rescuer'
  if (!before) return roleInNewRun(event, leaseUntil, clock)
  if (event.after === before.epoch) return told(event)
  if (await isRenewed(leaseUntil, plan, { store, clock })) return undefined
  return clock.nowMs() < leaseUntil ? 'heir' : 'rescuer'
}

/**
 * Returns the role in a run that no coordinator has begun. If a watcher invoked this coordinator, it does not begin the load. It first waits until
 * the lease has expired, because the invocation of the first coordinator may start late. If the first coordinator begins the run during this wait,
 * the write of the waiting coordinator fails, and `assume` decides again.
 */
async function roleInNewRun({ rescue }: CoordinatorEvent, leaseUntil: number, clock: Place['clock']): Promise<Role> {
  if (!rescue) return 'first'
  await clock.sleep(leaseUntil - clock.nowMs())
  return 'rescuer'
}

function told({ lost = false }: CoordinatorEvent): Role {
  return lost ? 'heir' : 'successor'
}

/**
 * Returns whether the lease is still being renewed. Waits until two renewals are due. If the lease has not been renewed by then, the coordinator that
 * holds the lease counts as dead. If the replaced coordinator is alive after all, it reads the stored state before its next write, and learns from
 * the higher term that it was replaced.
 */
async function isRenewed(leaseUntil: number, { run, timing }: RunPlan, { store, clock }: Place): Promise<boolean> {
  const waitMs = leaseUntil - timing.leaseMs + 2 * renewalOf(timing) - clock.nowMs()
  if (waitMs <= 0) return false
  await clock.sleep(waitMs)
  return (await readLease(store, run)) !== leaseUntil
}

/** Returns the time at which the lease expires, in epoch milliseconds. Returns 0 if the control file does not exist. */
async function readLease(store: Environment['store'], run: string): Promise<number> {
  const stored = await store.get(keys.control(run))
  return stored ? decodeControl(stored.body).leaseUntil : 0
}

/** Returns the control file with a longer lease if a renewal is due; otherwise undefined. */
export function renewed(before: Control, nowMs: number, timing: Timing): Control | undefined {
  const age = timing.leaseMs - (before.leaseUntil - nowMs)
  return age < renewalOf(timing) ? undefined : { ...before, leaseUntil: nowMs + timing.leaseMs }
}

/**
 * If the next coordinator has not taken over this many milliseconds after its invocation, it is invoked again. An invocation may begin much later, or
 * may never begin. In addition, the current coordinator does not launch workers for this many milliseconds after the first invocation. The next
 * coordinator would not know about these workers and would launch them again.
 */
const takeOverMs = 20_000

/** The hand-over of a run to the coordinator that continues it, near the end of an invocation. */
export class Succession {
  readonly #run: Coordination
  /** The times, in epoch milliseconds, at which the next coordinator was first and last invoked. Undefined if it has not been invoked yet. */
  #invoked: { firstAt: number; lastAt: number } | undefined

  constructor(run: Coordination) {
    this.#run = run
  }

  /** `true` if this invocation will end so soon that the next coordinator must be invoked. */
  get isNear(): boolean {
    return this.#run.env.remainingMs() < handOverMs
  }

  /** `true` if the next coordinator must be invoked now, for the first time or again. */
  get isDue(): boolean {
    const { env } = this.#run
    if (!this.isNear) return false
    return this.#invoked === undefined || env.clock.nowMs() - this.#invoked.lastAt >= takeOverMs
  }

  /** `true` if the next coordinator may be about to take over. */
  get isImminent(): boolean {
    return this.#invoked !== undefined && this.#run.env.clock.nowMs() - this.#invoked.firstAt <= takeOverMs
  }

  /**
   * Invokes the coordinator that continues the run.
   * @returns false when the run has reached its maximum number of coordinators or its maximum time
   */
  async invokeNext(): Promise<boolean> {
    const { plan, env, term, control } = this.#run
    if (term >= mostTerms || env.clock.nowMs() > latestEnd(plan, control)) return false
    const event: CoordinatorEvent = { run: plan.run, after: term, at: env.clock.nowMs() }
    await env.invoker.invoke('coordinator', event)
    env.log('coordinator hands over', { run: plan.run, term })
    const nowMs = env.clock.nowMs()
    this.#invoked = { firstAt: this.#invoked?.firstAt ?? nowMs, lastAt: nowMs }
    return true
  }

  /** Returns whether the next coordinator has taken over. */
  async isDone(): Promise<boolean> {
    return this.#invoked !== undefined && !(await this.#run.keep())
  }
}

/**
 * Returns the time, in epoch milliseconds, after which no further coordinator is invoked. After this time, a coordinator ends the run instead of
 * handing it over.
 */
function latestEnd(plan: RunPlan, control: Control | undefined): number {
  const { createdAt, timing } = plan
  const { profile } = fleetAt(plan, control)
  return createdAt + timing.startLeadMs + (profile.endMs ?? longestMs) + timing.drainMs + timing.graceMs + overtimeMs
}
