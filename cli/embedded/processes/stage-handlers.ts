import type { CoordinatorEvent, FinaliseEvent, HookEvent, WorkerEvent } from '../../../functions/events.ts'
import type { ExpectedLoad, PreparedStage } from './ipc.ts'
import type { Environment, QueueEvent, StageName } from '../../../functions/ports.ts'

/** The handler of a stage. The event of the handler comes from another process. */
export type StageHandler<E = unknown> = (event: E, env: Environment) => Promise<unknown>

interface Stages extends Record<StageName, unknown> {
  coordinator: StageHandler<CoordinatorEvent>
  hook: StageHandler<HookEvent>
  worker: StageHandler<WorkerEvent>
  merge: StageHandler<QueueEvent>
  finalise: StageHandler<FinaliseEvent>
}

/** Loads the code of a stage before its order arrives. For the stage `worker`, also starts the thread of the engine. */
export const prepareStage: Record<PreparedStage, (expected: ExpectedLoad) => Promise<unknown>> = {
  coordinator: async () => import('../../../functions/coordinator/handler.ts'),
  worker: async (expected) => {
    const [{ prepareEngine }, { engineLimits }] = await Promise.all([
      import('../../../functions/worker/engine-thread.ts'),
      import('../../../functions/worker/engine-limits.ts'),
    ])
    prepareEngine(engineLimits({ backend: 'local', ...expected }))
    await import('../../../functions/worker/handler.ts')
  },
}

/** The stages by name. A process loads the code of a stage when it receives the first order for this stage. */
export const stages: Stages = {
  coordinator: async (event, env) => {
    const { coordinate } = await import('../../../functions/coordinator/handler.ts')
    return coordinate(event, env)
  },
  hook: async (event, env) => {
    const { carryOutHook } = await import('../../../functions/hooks/hook-stage.ts')
    return carryOutHook(event, env)
  },
  worker: async (event, env) => {
    const { work } = await import('../../../functions/worker/handler.ts')
    return work(event, env)
  },
  merge: async (event, env) => {
    const { merge } = await import('../../../functions/reducer/merge.ts')
    return merge(event, env)
  },
  finalise: async (event, env) => {
    const { finalise } = await import('../../../functions/reducer/finalise.ts')
    return finalise(event, env)
  },
}
