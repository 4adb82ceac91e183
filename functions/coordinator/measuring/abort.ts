import { fleetAt } from '../../../core/fleet/fleet.ts'
import { isLoaded } from '../../../core/plan/load/load.ts'
import type { PlannedAbortRule, RunPlan } from '../../../core/plan/plan.ts'
import { type Threshold, parseThreshold } from '../../../core/thresholds/threshold.ts'
import { windowsPerMinute } from '../../../core/shard/compaction.ts'
import type { ShardState } from '../../../core/shard/shard.ts'
import { SlidingSpan } from '../../../core/verdict/sliding-span.ts'
import type { JudgedThreshold } from '../../../core/verdict/work.ts'
import { measuredValue } from '../../../core/thresholds/measured-value.ts'
import { span } from '../../../core/words.ts'
import { stopped } from '../../control/change-control.ts'
import { changeAsHolder } from '../begin.ts'
import type { Coordination } from '../coordination.ts'
import { type MeasuredWindows, WindowReader, evidenceFor } from './window-reader.ts'

/** Judges each threshold of `abortOn` over a sliding time span, and stops the run when a threshold fails. */
export class Abort {
  readonly #run: Coordination
  readonly #rules: readonly PlannedAbortRule[]
  readonly #thresholds: readonly Threshold[]
  readonly #spans: readonly SlidingSpan[]
  #windows: WindowReader | undefined

  constructor(run: Coordination) {
    const { plan } = run
    const { abortOn: rules = [] } = plan
    const thresholds = rules.map(({ expression }) => parseThreshold(expression))
    this.#run = run
    this.#rules = rules
    this.#spans = rules.map(
      ({ overMs }, k) => new SlidingSpan(thresholds[k] as Threshold, Math.ceil(overMs / plan.windowMs), plan.windowMs),
    )
    this.#thresholds = thresholds
  }

  /** Stores the parts of a shard's state that the rules need. */
  see(state: ShardState): void {
    if (this.#rules.length === 0) return
    this.#windows ??= new WindowReader(this.#run.env, evidenceFor(this.#thresholds), firstWindow(this.#run))
    this.#windows.see(state)
  }

  /**
   * Judges the new windows, and stops the run when a rule fails.
   * @param isTold returns whether all workers have reported all their counts of a window
   */
  async look(isTold: (window: number) => boolean): Promise<void> {
    while (this.#windows && this.#run.control?.stop === null) {
      const next = await this.#windows.take(isTold)
      if (!next) return
      const [first] = this.#judge(next)
      if (first) return this.#stop(first)
    }
  }

  /** Adds new windows to the span of each rule, and returns the rules that fail. */
  #judge(next: MeasuredWindows): { rule: PlannedAbortRule; judged: JudgedThreshold }[] {
    const length = next.to - next.from + 1
    const evidence = this.#isLoaded(next) ? next.evidence : undefined
    return this.#spans.flatMap((one, k) => {
      const judged = one.add(evidence?.thresholds[k], length)
      return judged && !judged.passed ? [{ rule: this.#rules[k] as PlannedAbortRule, judged }] : []
    })
  }

  #isLoaded({ from, to }: MeasuredWindows): boolean {
    const { plan, control } = this.#run
    const { windowMs } = plan
    return isLoaded(fleetAt(plan, control).profile, from * windowMs, (to + 1) * windowMs)
  }

  async #stop({ rule, judged }: { rule: PlannedAbortRule; judged: JudgedThreshold }): Promise<void> {
    const reason = reasonOf(rule, judged)
    const { certain } = judged
    await changeAsHolder(this.#run, (before, nowMs) => stopped(before, { reason, at: nowMs, aborted: { certain } }))
  }
}

/** Returns the reason of the stop, for example `'errors < 10%' failed over 30 s (it was 14.2 %)`. */
function reasonOf({ expression, overMs }: PlannedAbortRule, { value, unit }: JudgedThreshold): string {
  return `'${expression}' failed over ${span(overMs)} (it was ${measuredValue({ expression, value: value ?? 0, unit })})`
}

/**
 * Returns the first window to read. A coordinator that continues a run reads the latest windows again. It goes back by the longest span of a rule
 * plus `slackMs`. The first window is always the first window of a minute, because one object may already contain all windows of that minute.
 */
function firstWindow({ plan, env, control }: Coordination): number {
  if (!control) return 0
  const firstMs = env.clock.nowMs() - control.startAt - longestSpan(plan) - slackMs
  const minute = windowsPerMinute(plan.windowMs)
  return minute * Math.max(0, Math.floor(firstMs / plan.windowMs / minute))
}

/** The longest expected time, in milliseconds, from the end of a window until all its counts have been merged. */
const slackMs = 60_000

function longestSpan({ abortOn = [] }: RunPlan): number {
  return abortOn.reduce((most, { overMs }) => Math.max(most, overMs), 0)
}
