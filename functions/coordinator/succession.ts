import { decodeControl } from '../../core/control.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { CoordinatorEvent } from '../events.ts'
import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'
import { stopRun } from '../control.ts'
import type { Coordination, Role, Taken } from './coordination.ts'
import { type CoordinatorState, decodeState, firstState } from './state.ts'

/** With less of its invocation left than this, a coordinator hands over, milliseconds. */
const handOverMs = 90_000
/** Beyond the lease, for clocks that differ, milliseconds. */
const skewMs = 1_000
/** Coordinators of one run at most: a chain of invocations must end even if nothing else ends it. */
const mostEpochs = 200
/** A run that goes on for so long beyond its end is not right, milliseconds. */
const overtimeMs = 3_600_000
/** The longest that a run without an end of its own may take, milliseconds. */
const longestMs = 24 * 3_600_000

/**
 * Takes over the coordination of a run by compare-and-swap; from then on earlier coordinators find that they are not it any more.
 * Undefined when another coordinator is alive: invocations may come twice.
 */
export async function assume(
  { run, after }: CoordinatorEvent,
  { store, clock }: Environment,
): Promise<Taken | undefined> {
  for (;;) {
    const stored = await store.get(keys.coordinator(run))
    const before = stored && decodeState(stored.body)
    const role = before ? await roleAfter(before, { run, after }, { store, clock }) : 'first'
    if (!role) return undefined
    const state = before ? { ...before, epoch: before.epoch + 1 } : firstState
    const condition = stored ? { ifMatch: stored.etag } : ({ ifAbsent: true } as const)
    const etag = await store.put(keys.coordinator(run), JSON.stringify(state), condition)
    if (etag !== undefined) return { role, state, etag }
  }
}

type Place = Pick<Environment, 'store' | 'clock'>

async function roleAfter(
  before: CoordinatorState,
  { run, after }: { run: string; after: number | undefined },
  { store, clock }: Place,
): Promise<Role | undefined> {
  if (before.phase === 'over') return 'finisher'
  const leaseUntil = await readLease(store, run)
  const leftMs = leaseUntil - clock.nowMs()
  if (leftMs > 0 && after === before.epoch) return 'successor'
  if (leftMs <= 0) return 'rescuer'
  await clock.sleep(leftMs + skewMs)
  return (await readLease(store, run)) === leaseUntil ? 'rescuer' : undefined
}

/** Epoch milliseconds; 0 where there is no control. */
async function readLease(store: Environment['store'], run: string): Promise<number> {
  const stored = await store.get(keys.control(run))
  return stored ? decodeControl(stored.body).leaseUntil : 0
}

/** Whether this invocation is so near its end that another must go on. */
export function isEnding({ env }: Coordination): boolean {
  return env.remainingMs() < handOverMs
}

/**
 * Invokes the coordinator that goes on with the run; this one stays until that has taken over.
 * @returns false when the run has had as many, or as much time, as a run may have
 */
export async function handOver({ plan, env, epoch }: Coordination): Promise<boolean> {
  if (epoch >= mostEpochs || env.clock.nowMs() > latestEnd(plan)) return false
  const event: CoordinatorEvent = { run: plan.run, after: epoch }
  await env.invoker.invoke('coordinator', event)
  env.log('coordinator hands over', { run: plan.run, epoch })
  return true
}

/** Hands a run over that goes on, or stops it when it may not go on. */
export async function handOverOrStop(run: Coordination): Promise<void> {
  if (await handOver(run)) return
  await stopRun(run.env, run.plan.run, 'the run has taken longer than a run may take')
}

/** A moment at which a run is over whatever happens, epoch milliseconds. */
function latestEnd({ createdAt, profile, timing }: RunPlan): number {
  return createdAt + timing.startLeadMs + (profile.endMs ?? longestMs) + timing.drainMs + timing.graceMs + overtimeMs
}
