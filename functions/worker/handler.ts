import { randomUUID } from 'node:crypto'
import { decodeControl } from '../../core/fleet/control.ts'
import { fleetAt } from '../../core/fleet/fleet.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import { BurstError } from '../../core/errors.ts'
import { haltOf } from '../control/change-control.ts'
import type { WorkerEvent } from '../events.ts'
import { hookResult } from '../hooks/hook-records.ts'
import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'
import { readPlan } from '../read-plan.ts'
import { secretOf, signing } from '../signature.ts'
import { withVariables } from '../variables.ts'
import { markingEarlyFailures } from './failed-before-claim.ts'
import { fetchBundle } from './fetch-bundle.ts'
import { Shell } from './shell.ts'

/** Runs the users of one slice, and sends the counts of the slice to the queue. Ends when the run ends, or when the turn of this worker ends. */
export async function work(event: WorkerEvent, env: Environment): Promise<void> {
  return markingEarlyFailures(
    () => claim(event, env),
    (tryToClaim) => runSlice(event, env, tryToClaim),
  )
}

async function runSlice(event: WorkerEvent, env: Environment, tryToClaim: () => Promise<boolean>): Promise<void> {
  const plan = await planWithVariables(event, env)
  if (await isPastEnd(plan, env)) return env.log('the run was over before this worker began')
  const bundle = await fetchBundle(plan.bundle, env.store)
  try {
    const queue = plan.signed ? signing(env.queue, await secretOf(env.store, plan.run)) : env.queue
    const shell = new Shell({
      event,
      plan,
      env: { ...env, queue },
      bundleFile: bundle.file,
      data: await hookResult(env.store, event.run),
    })
    // The check for a halt is as late as possible, because a person may halt all runs while the worker loads the scenario.
    await shell.run(async () => (await haltOf(env.store)) === undefined && tryToClaim())
  } finally {
    await bundle.remove()
  }
}

/**
 * Returns the plan with the run's variables.
 * @throws BurstError (97) when another build of burst made the plan
 */
async function planWithVariables(event: WorkerEvent, env: Environment): Promise<RunPlan> {
  const plan = await readPlan(env.store, event.run)
  if (plan.build === env.build) return withVariables(env.store, plan)
  throw new BurstError(
    'runFailed',
    `the run was planned by build ${plan.build}, but this worker is build ${env.build}`,
    {
      hint: 'use the same version of burst on the command line and in the stack',
    },
  )
}

/**
 * Returns whether this worker is too late: the planned end has passed, the lease has ended, or a stop was requested. An invocation that waited in a
 * queue may begin so late. Such an invocation must not send requests. Returns false if there is no control file.
 */
export async function isPastEnd(plan: RunPlan, { store, clock }: Environment): Promise<boolean> {
  const stored = await store.get(keys.control(plan.run))
  if (!stored) return false
  const control = decodeControl(stored.body)
  const { startAt, leaseUntil, stop } = control
  if (stop) return true
  const { profile } = fleetAt(plan, control)
  const endsAt = profile.endMs === null ? leaseUntil : Math.min(leaseUntil, startAt + profile.endMs)
  return clock.nowMs() > endsAt
}

/**
 * Claims the slice. One attempt may be invoked twice, because a queue may deliver a message twice. Only one of the two invocations gets the claim. If
 * a write fails, the nonce in the stored claim shows which invocation wrote the claim.
 * @returns whether this invocation has the claim
 * @throws the error of the store when the write fails and the store contains no claim for this attempt
 */
export async function claim(event: WorkerEvent, env: Environment): Promise<boolean> {
  const key = keys.claim(event.run, event.slice, event.attempt)
  const body = JSON.stringify({ nonce: randomUUID(), at: env.clock.nowMs() })
  try {
    if (await env.store.put(key, body, { ifAbsent: true })) return true
  } catch (error) {
    const found = await env.store.get(key)
    // This invocation must not fail if another invocation has the claim. The coordinator would mistake the failure for the loss of the worker that
    // runs the slice, and would replace that worker.
    if (found) return found.body === body
    throw error
  }
  return (await env.store.get(key))?.body === body
}
