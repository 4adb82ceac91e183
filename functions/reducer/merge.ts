import { BurstError } from '../../core/errors.ts'
import { keyOf } from '../../core/shard/archive.ts'
import { mergeMessage } from '../../core/shard/shard-merge.ts'
import type { ShardState } from '../../core/shard/shard.ts'
import { type Recalled, putBack, recall } from '../archives/recall.ts'
import type { Environment, QueueEvent, QueueResponse } from '../ports.ts'
import { isSignedWith } from '../signature.ts'
import { type Delivery, type Group, type Readable, type Refused, putAside, putLate, sortOut } from './batch.ts'
import {
  type HeldShard,
  type PlanFacts,
  archivesOf,
  planFactsOf,
  rememberShard,
  shardOfSlice,
  takeShard,
  writeShard,
} from './memory.ts'
import { sealDue } from './sealing.ts'

/** The merge begins the next group only if the invocation has at least this many milliseconds left. */
const enoughMs = 4000
const mostTries = 8
/**
 * The number of the first attempt in which an error of the store during the write of the state ends the merge. Such an error also ends the merge in
 * every later attempt. After such an error in an earlier attempt, the merge tries again if enough time is left. An error during the read of the state
 * ends the merge in every attempt. When the merge ends with an error, the messages return to the queue. A message that returns to the queue may wait
 * there for 30 s, and all other messages of its group must wait for this message. The merge therefore makes several attempts.
 */
const mostFailures = 4
/**
 * If a run has no plan, a batch of its messages returns to the queue. When every message of the batch has been delivered at least this many times,
 * the messages are set aside.
 */
const patientReceives = 8

/**
 * Merges a batch of the workers' messages into the states of their shards. Messages may arrive more than once and in any order. A message that cannot
 * be read is set aside and acknowledged. If a group's state cannot be written, only the messages of that group return to the queue.
 */
export async function merge(event: QueueEvent, env: Environment): Promise<QueueResponse> {
  const { groups, refused } = sortOut(event, env.build)
  const back: string[] = []
  for (const one of refused) {
    back.push(...(await orBack([one.delivery], env, () => refuse(one, env))))
  }
  for (const group of groups) {
    const late = env.remainingMs() < enoughMs
    back.push(...(late ? idsOf(group.deliveries) : await orBack(group.deliveries, env, () => mergeGroup(group, env))))
  }
  return { batchItemFailures: back.map((itemIdentifier) => ({ itemIdentifier })) }
}

/**
 * Runs `work`. If `work` throws, returns the ids of all deliveries, so that the queue delivers the messages again. Otherwise, returns an empty list.
 */
async function orBack(deliveries: readonly Delivery[], env: Environment, work: () => Promise<void>): Promise<string[]> {
  try {
    await work()
    return []
  } catch (error) {
    env.log('merge-failed', {
      group: deliveries[0]?.group,
      error: error instanceof Error ? error.message : String(error),
    })
    return idsOf(deliveries)
  }
}

function idsOf(deliveries: readonly Delivery[]): string[] {
  return deliveries.map(({ id }) => id)
}

async function refuse(refused: Refused, env: Environment): Promise<void> {
  env.log('unreadable', { run: refused.run, message: refused.delivery.id, reason: refused.reason })
  await putAside(env.store, refused)
}

async function mergeGroup(group: Group, env: Environment): Promise<void> {
  const plan = await planFactsOf(env.store, group.run)
  // The messages wait for the plan, because a coordinator restores a deleted plan. The number of deliveries is limited, because a run that does not
  // exist will never have a plan.
  if (!plan && group.deliveries.some(({ receives }) => receives < patientReceives)) {
    throw new BurstError('runFailed', `there is no plan of run ${group.run}`)
  }
  const foreign = await foreignIn(group, plan, env)
  const setAside = new Set<Delivery>(foreign.map(({ delivery }) => delivery))
  const deliveries = group.deliveries.filter((delivery) => !setAside.has(delivery))
  for (const one of foreign) await refuse(one, env)
  if (!plan || deliveries.length === 0) return
  const { late, refused } = await mergeInto({ ...group, deliveries }, plan, env)
  for (const one of refused) await refuse(one, env)
  for (const one of late) await putLate(env.store, one)
}

/** Returns the messages that must not be merged, and the reasons. */
async function foreignIn(group: Group, plan: PlanFacts | undefined, env: Environment): Promise<Refused[]> {
  const foreign: Refused[] = []
  for (const delivery of group.deliveries) {
    const reason = await reasonToRefuse(group, delivery, { plan, env })
    if (reason !== undefined) foreign.push({ delivery, run: group.run, reason })
  }
  return foreign
}

/** Returns why a message does not belong to the run; undefined if the message belongs to the run. */
async function reasonToRefuse(
  { run, shard }: Group,
  { message: { slice }, content }: Readable,
  { plan, env }: { plan: PlanFacts | undefined; env: Environment },
): Promise<string | undefined> {
  if (!plan) return `there is no plan of run ${run}`
  if (plan.secret !== undefined && !isSignedWith(plan.secret, content))
    return 'the message is not signed by a worker of its run'
  const right = await shardOfSlice(env, { run, slice }, plan)
  if (right === undefined) return `the run has no slice ${slice}`
  return right === shard ? undefined : `slice ${slice} does not belong to shard ${shard}`
}

interface Outcome {
  changed: boolean
  late: Readable[]
  refused: Refused[]
}

/**
 * Reads the state, merges the messages, and writes the state. If another writer has changed the state since the read, or if the write failed, starts
 * again with the stored state (`settled`).
 * @throws BurstError (97) after `mostTries` attempts; the error of the store
 */
async function mergeInto(group: Group, plan: PlanFacts, env: Environment): Promise<Outcome> {
  for (let tries = 0; tries < mostTries; tries++) {
    const held = await takeShard(env.store, group.run, group.shard)
    const messages = group.deliveries.map(({ message }) => message)
    const recalled = await recall(held.state, messages, archivesOf(env.store))
    const outcome = mergeAll(held.state, group, recalled)
    putBack(held.state, recalled)
    if (await settled(held, outcome, { plan, env, isLast: tries + 1 >= mostFailures })) return outcome
    await env.clock.sleep(Math.random() * 20 * 2 ** Math.min(tries, 4))
  }
  throw new BurstError(
    'runFailed',
    `the state of shard ${group.shard} of run ${group.run} changed ${mostTries} times during the merge`,
  )
}

function mergeAll(state: ShardState, { run, deliveries }: Group, { unreadable }: Recalled): Outcome {
  const outcome: Outcome = { changed: false, late: [], refused: [] }
  for (const delivery of deliveries) {
    const reason = unreadable.get(keyOf(delivery.message))
    if (reason !== undefined) {
      outcome.refused.push({ delivery, run, reason })
      continue
    }
    try {
      const result = mergeMessage(state, delivery.message)
      if (result === 'closed') outcome.late.push(delivery)
      else outcome.changed ||= !state.closed
    } catch (error) {
      if (!(error instanceof BurstError)) throw error
      outcome.refused.push({ delivery, run, reason: error.message })
    }
  }
  return outcome
}

/**
 * Writes the state.
 * @returns false when the state must be read and merged again, because another writer has changed the state, or the store returned an error. If the
 * write took effect despite the error, the next read shows the written state.
 * @throws the error, if it is a BurstError, if `isLast` is true, or if less than `enoughMs` is left
 */
async function settled(
  held: HeldShard,
  outcome: Outcome,
  { isLast, ...rest }: { plan: PlanFacts; env: Environment; isLast: boolean },
): Promise<boolean> {
  try {
    return await settle(held, outcome, rest)
  } catch (error) {
    if (isLast || error instanceof BurstError || rest.env.remainingMs() < enoughMs) throw error
    rest.env.log('merge-repeated', { run: held.state.run, shard: held.state.shard, error: String(error) })
    return false
  }
}

/**
 * Tries to write the state once.
 * @returns false when another writer has changed the state
 */
async function settle(
  held: HeldShard,
  { changed }: Outcome,
  { plan, env }: { plan: PlanFacts; env: Environment },
): Promise<boolean> {
  if (changed) {
    await sealDue(held.state, plan, env)
    return await writeShard(env.store, held)
  }
  if (held.etag !== undefined) rememberShard(env.store, held)
  return true
}
