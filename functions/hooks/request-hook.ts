import { randomUUID } from 'node:crypto'
import { BurstError } from '../../core/errors.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import { causeOfLoss } from '../../core/verdict/completeness/loss.ts'
import { counted } from '../../core/words.ts'
import type { HookEvent } from '../events.ts'
import { invocationPatienceMs, invokePatiently } from '../invocation.ts'
import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'
import { claimantOf, hookAnswer, decodeHookFailure, encodeHookFailure, newClaim } from './hook-records.ts'
import { type HookName, hookLimitMs } from './run-hook.ts'

/** A hook that has not begun is invoked again this many milliseconds after its first invocation. */
const beginMs = 5_000
/** The time, in milliseconds, for which a run waits until a hook begins. */
const startMs = 60_000
/** If a hook has not begun after this many failed invocations, burst gives up the hook. */
export const mostFailures = 3

/**
 * Returns the pause between the last invocation and the next invocation of a hook that has not begun, in milliseconds. The pause doubles with each
 * invocation. There is no pause before the first invocation.
 * @param tries the number of invocations so far
 */
export function againMs(tries: number): number {
  return tries === 0 ? 0 : beginMs * 2 ** (tries - 1)
}

/**
 * Runs a hook once per run, and waits until the hook ends. An invocation may start late, or may never start, so burst invokes the function of the
 * hook again until one invocation starts. Later invocations do not run the hook. If a lost coordinator has already started the hook, this function
 * only waits for the end of the hook. Returns early when `signal` is aborted.
 * @throws BurstError (107) when the hook throws or takes too long; BurstError (97) when the function of the hook failed, or when the hook never began
 * or never ended. If an invocation was never accepted, throws the error of that invocation.
 */
export async function haveHookRun(
  env: Environment,
  plan: RunPlan,
  hook: HookName,
  signal?: AbortSignal,
): Promise<void> {
  const request = new HookRequest(env, plan, { hook, signal })
  if (await request.begins()) await request.ends()
}

/** The invocations of one hook by one coordinator. */
class HookRequest {
  readonly #env: Environment
  readonly #plan: RunPlan
  readonly #hook: HookName
  readonly #signal: AbortSignal | undefined
  #invoked = 0
  #invokedAt = Number.NEGATIVE_INFINITY

  constructor(env: Environment, plan: RunPlan, { hook, signal }: { hook: HookName; signal: AbortSignal | undefined }) {
    this.#env = env
    this.#plan = plan
    this.#hook = hook
    this.#signal = signal
  }

  /**
   * Invokes the hook again and again until one of the invocations has started it. Returns false when the signal ended the wait.
   * @throws BurstError (97) when the hook has not begun in time (`startMs`), or when too many invocations have failed (`mostFailures`)
   */
  async begins(): Promise<boolean> {
    const { clock } = this.#env
    const until = clock.nowMs() + startMs
    while (!this.#signal?.aborted) {
      if ((await this.#stored()) !== undefined) return true
      const failures = await this.#failures()
      if (clock.nowMs() > until || failures.length >= mostFailures) return this.#endUnbegun(failures.at(-1)?.why)
      if (clock.nowMs() - this.#invokedAt >= againMs(this.#invoked)) await this.#invoke()
      else await this.#pause()
    }
    return false
  }

  /**
   * Waits until the hook has ended, or the signal ends the wait.
   * @throws BurstError with the failure of the hook (97 or 107); BurstError (97) when the invocation that runs the hook failed, or when the hook has
   * not ended within 2 minutes
   */
  async ends(): Promise<void> {
    const { clock } = this.#env
    const until = clock.nowMs() + startMs + hookLimitMs
    while (!this.#signal?.aborted && !(await this.#isDone())) {
      if (clock.nowMs() > until) throw new BurstError('runFailed', `${this.#hook} began but never finished`)
      await this.#pause()
    }
  }

  async #invoke(): Promise<void> {
    const { clock } = this.#env
    const event: HookEvent = { run: this.#plan.run, hook: this.#hook, invocation: randomUUID() }
    const mayGoOn = async (): Promise<boolean> => !this.#signal?.aborted
    await invokePatiently(this.#env, ['hook', event], { until: clock.nowMs() + invocationPatienceMs, mayGoOn })
    this.#invoked++
    this.#invokedAt = clock.nowMs()
  }

  /**
   * Ends the wait for a hook that has not begun. Claims the hook, so that a later invocation does not run the hook.
   * @returns true when an invocation has begun the hook after all
   * @throws BurstError (97) when no invocation has begun the hook
   */
  async #endUnbegun(error: string | undefined): Promise<true> {
    const { store } = this.#env
    const { run } = this.#plan
    if ((await store.put(keys.hook(run, this.#hook), newClaim(), { ifAbsent: true })) === undefined) return true
    const why = error ?? `no invocation began within ${counted(startMs / 1000, 'second')}`
    const failure = new BurstError('runFailed', `${this.#hook} did not begin: ${why}`)
    // Stores the failure, so that the next coordinator can read it if this coordinator is lost.
    await store.put(keys.hookFailure(run, this.#hook), encodeHookFailure(failure))
    throw failure
  }

  async #isDone(): Promise<boolean> {
    const stored = await this.#stored()
    if (hookAnswer(stored) !== undefined) return true
    const failed = await this.#env.store.get(keys.hookFailure(this.#plan.run, this.#hook))
    if (failed) {
      const { reason, message } = decodeHookFailure(failed.body)
      throw new BurstError(reason, message)
    }
    // Failures of other invocations are ignored, because only the invocation with the claim runs the hook.
    const claimant = claimantOf(stored)
    const lost = (await this.#failures()).find(({ invocation }) => invocation !== undefined && invocation === claimant)
    if (lost === undefined) return false
    throw new BurstError('runFailed', `${this.#hook} did not finish: ${lost.why}`)
  }

  /** Returns the failed invocations of this hook. `why` is the reason why the invocation failed. */
  async #failures(): Promise<{ invocation: string | undefined; why: string }[]> {
    const failures = await this.#env.invoker.failed(this.#plan.run)
    return failures.flatMap(({ stage, event, error }) => {
      const { hook, invocation } = event as Partial<HookEvent>
      return stage === 'hook' && hook === this.#hook ? [{ invocation, why: causeOfLoss(error) }] : []
    })
  }

  async #stored(): Promise<{ body: string } | undefined> {
    return this.#env.store.get(keys.hook(this.#plan.run, this.#hook))
  }

  async #pause(): Promise<void> {
    await this.#env.clock.sleep(Math.min(500, this.#plan.timing.controlPollMs))
  }
}
