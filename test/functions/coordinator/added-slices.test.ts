import { expect, test } from 'vitest'
import type { WorkerEvent } from '../../../functions/events.ts'
import { scaleRun } from '../../../functions/control/scale-run.ts'
import type { Environment } from '../../../functions/ports.ts'
import { planOf } from '../../fixtures/run.ts'
import { SmallCloud } from './small-cloud.ts'

/** A run of two minutes that is scaled up after 20 s. The invocations of added workers are refused for `refusedMs` after the first refusal. */
class ScaledCloud extends SmallCloud {
  readonly #refusedMs: number
  #firstAt: number | undefined

  constructor(refusedMs: number) {
    const points = [0, 120_000].map((atMs) => ({ atMs, level: 10 }))
    super(planOf({ profile: { points, endMs: 120_000 } }))
    this.#refusedMs = refusedMs
    this.at(this.nowMs + 20_000, async () => {
      const wanted = { model: 'users', level: 500, change: { overMs: 0 } } as const
      await scaleRun(this.environment(), this.plan, { wanted, agreed: async () => true })
    })
  }

  override environment(): Environment {
    const environment = super.environment()
    const invoke: Environment['invoker']['invoke'] = async (stage, event) => {
      const isAdded = stage === 'worker' && (event as WorkerEvent).slice >= this.plan.slices.length
      if (isAdded) this.#firstAt ??= this.nowMs
      if (isAdded && this.nowMs < (this.#firstAt ?? 0) + this.#refusedMs) throw new Error('Rate exceeded')
      await environment.invoker.invoke(stage, event)
    }
    return { ...environment, invoker: { ...environment.invoker, invoke } }
  }
}

test('if a change of the load adds workers, these workers are launched as soon as their invocations are accepted', async () => {
  const cloud = new ScaledCloud(30_000)
  await cloud.coordinate()
  expect(cloud.ran).toContain('2-0')
  expect(cloud.finaliseEvent?.events?.map(({ text }) => text).join('\n')).not.toContain('is lost')
})
