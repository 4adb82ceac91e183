import { causeOfLoss } from '../../../core/verdict/completeness/loss.ts'
import { keys } from '../../keys.ts'
import type { Coordination } from '../coordination.ts'

/**
 * The time, in milliseconds, after which the coordinator invokes another finaliser if no finaliser has begun. An invoked finaliser may begin much
 * later, or may never begin. On a busy machine, or with a slow store, the coordinator waits up to three times as long.
 */
const beginMs = 5_000
/** The number of invocations at intervals of `beginMs`. After these invocations, each interval is twice as long as the previous one. */
const promptTries = 6
/**
 * The maximum number of invocations of the finaliser by one coordinator. After a failure, the coordinator invokes the finaliser even if this number
 * has been reached.
 */
const mostInvocations = 10

/** The invocations of the finaliser by one coordinator. All finalisers make the same report, so several finalisers do no harm. */
export class Finalisers {
  readonly #run: Coordination
  /**
   * The number of failures before this object was created, plus the number of failures that the method `failure` has returned. `failure` returns only
   * further failures.
   */
  #failed: number
  /** The keys of the finalisers that had already begun when the coordinator noticed the last failure. */
  #known: ReadonlySet<string> = new Set()
  #count = 0
  #invokedAt = 0
  #hasBegun = false

  private constructor(run: Coordination, failed: number) {
    this.#run = run
    this.#failed = failed
  }

  static async of(run: Coordination): Promise<Finalisers> {
    return new Finalisers(run, (await failuresOf(run)).length)
  }

  /** Returns the name of the next invocation. When the finaliser begins, it stores an object with this name. */
  next(): string {
    this.#invokedAt = this.#run.env.clock.nowMs()
    return `${this.#run.term}-${this.#count++}`
  }

  /** Returns the reason of the failure if a finaliser has failed since the previous call of this method. Otherwise, returns undefined. */
  async failure(): Promise<string | undefined> {
    const all = await failuresOf(this.#run)
    if (all.length <= this.#failed) return undefined
    this.#failed++
    this.#known = new Set(await this.#begun())
    this.#hasBegun = false
    return all[this.#failed - 1]
  }

  /** Returns true if no finaliser has begun within the expected time, and the maximum number of invocations has not been reached. */
  async isLate(): Promise<boolean> {
    const waitedMs = this.#run.env.clock.nowMs() - this.#invokedAt
    if (this.#hasBegun || this.#count >= mostInvocations || waitedMs < this.#patienceMs()) return false
    this.#hasBegun = (await this.#begun()).some((key) => !this.#known.has(key))
    return !this.#hasBegun
  }

  #patienceMs(): number {
    const promptMs = Math.min(beginMs + 2 * this.#run.slowestLookMs, 3 * beginMs)
    return promptMs * 2 ** Math.max(0, this.#count - promptTries)
  }

  async #begun(): Promise<string[]> {
    const { plan, env } = this.#run
    return env.store.list(keys.finalisers(plan.run))
  }
}

async function failuresOf({ plan, env }: Coordination): Promise<string[]> {
  const all = await env.invoker.failed(plan.run)
  return all.filter(({ stage }) => stage === 'finalise').map(({ error }) => causeOfLoss(error))
}
