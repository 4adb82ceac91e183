import type { RunPlan } from '../../core/plan/plan.ts'
import { BurstError, invalidInput } from '../../core/errors.ts'
import { runName } from '../../core/input/bounds.ts'
import { anchoredClock } from '../../functions/clock.ts'
import { findPlan } from '../../functions/read-plan.ts'
import type { Clock, Store } from '../../functions/ports.ts'
import { whereRunsAreNamed } from '../flags/local-flag.ts'
import { type Place, onAws } from './place.ts'
import { type Stack, deployedStack } from './find-stack.ts'
import { commandSettings } from '../../functions/aws/client-settings.ts'

/** The data about a deployed stack, and the clients through which commands use the stack. */
export interface Cloud {
  place: Place
  stack: Stack
  store: Store
  clock: Clock
  /** Invokes a stage and returns when AWS has accepted the invocation. */
  invoke(stage: 'coordinator' | 'finalise', event: unknown): Promise<void>
}

/**
 * Finds the stack and creates its clients.
 * @throws BurstError (104) when the stack does not exist or the credentials are not valid, (97) when AWS denies access or cannot be reached
 */
export async function openCloud(place: Place): Promise<Cloud> {
  const stack = await onAws(place, async () => deployedStack(place))
  return cloudOf(place, stack)
}

/** Creates the clients for a stack that has already been found. */
export async function cloudOf(place: Place, stack: Stack): Promise<Cloud> {
  const { s3Store } = await import('../../functions/aws/s3-store.ts')
  const store = s3Store({ bucket: stack.bucket, owner: stack.account }, { sockets: 16, patienceMs: 30_000 })
  return {
    place,
    stack,
    store,
    clock,
    invoke: async (stage, event) => invoke(stack[stage], event),
  }
}

async function invoke(name: string, event: unknown): Promise<void> {
  const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda')
  const client = new LambdaClient(commandSettings)
  try {
    const Payload = Buffer.from(JSON.stringify(event))
    await client.send(new InvokeCommand({ FunctionName: name, InvocationType: 'Event', Payload }))
  } finally {
    client.destroy()
  }
}

const clock = anchoredClock()

/**
 * Returns a run's plan.
 * @throws BurstError (104) when `run` is not the name of a run or the run does not exist, (97) when its plan cannot be read
 */
export async function planInStack({ store, stack }: Pick<Cloud, 'store' | 'stack'>, run: string): Promise<RunPlan> {
  if (!runName.test(run)) throw invalidInput(`'${run}' is not the name of a run`, { hint: whereRunsAreNamed })
  const plan = await findPlan(store, run)
  if (plan) return plan
  throw invalidInput(`there is no run '${run}' in the stack '${stack.name}'`, { hint: whereRunsAreNamed })
}

/**
 * Checks that the deployed stack has the build `build`, which is the build of the running burst. burst plans runs only for its own build.
 * @throws BurstError (97) when the stack has a different build
 */
export function refuseSkew(stack: Stack, build: string): void {
  if (stack.build === build) return
  throw new BurstError('runFailed', `the stack '${stack.name}' has build ${stack.build}, but this is build ${build}`, {
    hint: 'run burst deploy, or use the version of burst that deployed the stack',
  })
}
