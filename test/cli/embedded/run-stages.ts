import type { StageHandler } from '../../../cli/embedded/processes/stage-handlers.ts'
import { encodeMessage } from '../../../core/window/codec/codec.ts'
import { decodeControl } from '../../../core/fleet/control.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { coordinate } from '../../../functions/coordinator/handler.ts'
import type { CoordinatorEvent, FinaliseEvent, WorkerEvent } from '../../../functions/events.ts'
import { keys } from '../../../functions/keys.ts'
import type { Environment, QueueEvent } from '../../../functions/ports.ts'
import { finalise } from '../../../functions/reducer/finalise.ts'
import { merge } from '../../../functions/reducer/merge.ts'
import { secretOf, signing } from '../../../functions/signature.ts'
import { cellOf, intervalOf, messagesOf } from '../../fixtures/run.ts'

/** The stages of burst, with a worker that reports three fixed windows. The variables of the plan select a fault. */
export const stages: Record<string, StageHandler> = {
  coordinator: async (event, env) => {
    const { run } = event as CoordinatorEvent
    const { coordinator } = await varsOf(run, env)
    const isFirst = (await env.store.get(keys.coordinator(run))) === undefined
    if (coordinator === 'dies' || (coordinator === 'dies once' && isFirst)) setTimeout(die, 1000)
    return coordinate(event as CoordinatorEvent, env)
  },
  worker: async (event, env) => work(event as WorkerEvent, env),
  merge: async (event, env) => merge(event as QueueEvent, env),
  finalise: async (event, env) => {
    const { report } = await varsOf((event as FinaliseEvent).run, env)
    if (report === 'fails') throw new Error('the printer is on fire')
    return finalise(event as FinaliseEvent, env)
  },
}

async function varsOf(run: string, { store }: Environment): Promise<Record<string, string>> {
  return (JSON.parse((await store.get(keys.plan(run)))?.body ?? '') as RunPlan).vars
}

function die(): void {
  process.kill(process.pid, 'SIGKILL')
}

async function work({ run, slice, attempt }: WorkerEvent, env: Environment): Promise<void> {
  const { worker } = await varsOf(run, env)
  if ((await env.store.put(keys.claim(run, slice, attempt), '', { ifAbsent: true })) === undefined) return
  const contents = [0, 1, 2].map((window) => ({
    window,
    content: intervalOf({ slice, attempt, second: window * 5, cells: [cellOf('GET', '/', [5, 6, 7])] }),
  }))
  const messages = messagesOf(contents, slice, attempt).map((message) => ({
    id: `${slice}-${attempt}-${message.sequence}`,
    group: `${run}#0`,
    body: encodeMessage(message),
  }))
  const queue = signing(env.queue, await secretOf(env.store, run))
  await untilStarted(run, env)
  await queue.send(messages.slice(0, 2))
  if (worker === 'dies' && slice === 1) die()
  await untilOver(run, env)
  await queue.send(messages.slice(2))
}

async function untilStarted(run: string, env: Environment): Promise<void> {
  for (;;) {
    const { startAt, stop } = decodeControl((await env.store.get(keys.control(run)))?.body ?? '')
    if (stop || env.clock.nowMs() > startAt) return
    await env.clock.sleep(50)
  }
}

async function untilOver(run: string, env: Environment): Promise<void> {
  for (;;) {
    const { startAt, stop } = decodeControl((await env.store.get(keys.control(run)))?.body ?? '')
    if (stop || env.clock.nowMs() > startAt + 1000) return
    await env.clock.sleep(50)
  }
}
