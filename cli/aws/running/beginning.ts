import { BurstError } from '../../../core/errors.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import type { CoordinatorEvent } from '../../../functions/events.ts'
import { keys } from '../../../functions/keys.ts'
import type { Cloud } from '../cloud.ts'
import { takeBack } from './launch.ts'

/**
 * The time, in milliseconds, after which the coordinator is invoked again. A coordinator begins within a few seconds, unless Lambda delays or loses
 * its invocation.
 */
const againMs = 20_000
/** The time in milliseconds between two checks whether the coordinator has begun. */
const pollMs = 500

/**
 * Makes sure that the coordinator of a run begins. This process has already invoked a coordinator. If this coordinator does not begin, `Beginning`
 * invokes another coordinator. If both begin, the second coordinator changes nothing.
 */
export class Beginning {
  readonly #cloud: Pick<Cloud, 'store' | 'clock' | 'invoke'>
  readonly #plan: RunPlan
  readonly #launchedAt: number
  #invokedAt: number
  #hasBegun = false

  /** @param cloud the stack in which this process has just launched the run */
  constructor(cloud: Pick<Cloud, 'store' | 'clock' | 'invoke'>, plan: RunPlan) {
    this.#cloud = cloud
    this.#plan = plan
    this.#launchedAt = cloud.clock.nowMs()
    this.#invokedAt = this.#launchedAt
  }

  /**
   * Returns whether the coordinator has begun. If it has not begun, and the last invocation was at least 20 s ago, invokes the coordinator again.
   * @throws BurstError (97) when the coordinator has not begun before its lease expires; this method then marks the run as stopped
   */
  async look(): Promise<boolean> {
    const { store, clock, invoke } = this.#cloud
    const { run, timing } = this.#plan
    this.#hasBegun ||= (await store.get(keys.coordinator(run))) !== undefined
    if (this.#hasBegun) return true
    const nowMs = clock.nowMs()
    if (nowMs - this.#launchedAt >= timing.leaseMs) {
      await takeBack(this.#cloud, run, 'the coordinator did not begin')
      throw neverBegan(this.#plan)
    }
    if (nowMs - this.#invokedAt >= againMs) {
      this.#invokedAt = nowMs
      const event: CoordinatorEvent = { run }
      await invoke('coordinator', event)
    }
    return false
  }

  /**
   * Waits until the coordinator has begun.
   * @throws BurstError (97) as `look` does
   */
  async wait(): Promise<void> {
    while (!(await this.look())) await this.#cloud.clock.sleep(pollMs)
  }
}

function neverBegan({ run, timing }: RunPlan): BurstError {
  return new BurstError('runFailed', `the coordinator of run ${run} did not begin within ${timing.leaseMs / 1000} s`, {
    hint: 'burst doctor shows the free concurrency; in CloudWatch, look at the logs of the function whose name ends in -coordinator',
  })
}
