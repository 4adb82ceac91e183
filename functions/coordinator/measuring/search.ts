import { bracketOf, nextLevel, type SearchStep, type StepSpan } from '../../../core/fleet/changes/search.ts'
import { currentStep, stepEpoch } from '../../../core/fleet/changes/search-load.ts'
import type { Control } from '../../../core/fleet/control.ts'
import type { SearchPlan } from '../../../core/plan/plan.ts'
import { windowsPerMinute } from '../../../core/shard/compaction.ts'
import type { ShardState } from '../../../core/shard/shard.ts'
import { type Threshold, parseThreshold } from '../../../core/thresholds/threshold.ts'
import { judgeStep, overall } from '../../../core/verdict/search-step.ts'
import { type WindowEvidence, addWindowEvidence, noWindowEvidence } from '../../../core/verdict/window-evidence.ts'
import { stopped } from '../../control/change-control.ts'
import { changeAsHolder } from '../begin.ts'
import type { Coordination } from '../coordination.ts'
import { type MeasuredWindows, WindowReader, evidenceFor } from './window-reader.ts'

/** The maximum number of repeated measurements in a run, for all steps together. A step is measured again if it is `broken`. */
const mostRepeats = 3

/** The step that is being measured, and its counts so far. */
interface Measuring {
  span: StepSpan
  evidence: WindowEvidence
  /** `true` if some of the step's results cannot be read, or are in one object with results from outside the step. */
  broken: boolean
}

/** The search for the highest load. Measures each step, and writes the next step, or the end of the load, into the control file. */
export class Search {
  readonly #run: Coordination
  readonly #until: readonly Threshold[]
  #reader: WindowReader | undefined
  #now: Measuring | undefined

  constructor(run: Coordination) {
    this.#run = run
    this.#until = (run.plan.search?.until ?? []).map(({ expression }) => parseThreshold(expression))
  }

  /** Stores the parts of a shard's state that the thresholds need. */
  see(state: ShardState): void {
    const { plan, env, control } = this.#run
    if (!plan.search || !control) return
    this.#reader ??= new WindowReader(
      env,
      evidenceFor([...this.#until, parseThreshold(overall)]),
      firstWindow(currentStep(plan.search, control), plan.windowMs),
    )
    this.#reader.see(state)
  }

  /**
   * Measures the new windows. For each step that has ended, decides what follows.
   * @param isTold returns whether all workers have reported all their counts of a window
   */
  async look(isTold: (window: number) => boolean): Promise<void> {
    const { search } = this.#run.plan
    if (!search) return
    while (this.#reader && this.#run.control?.stop === null) {
      const next = await this.#reader.take(isTold)
      if (!next) return
      const step = this.#measuring(search, this.#run.control)
      this.#add(step, next)
      if ((next.to + 1) * this.#run.plan.windowMs >= step.span.toMs) await this.#decide(search, step)
    }
  }

  #measuring(search: SearchPlan, control: Control): Measuring {
    const span = currentStep(search, control)
    if (this.#now?.span.fromMs === span.fromMs) return this.#now
    return (this.#now = { span, evidence: noWindowEvidence(this.#until.length + 1), broken: false })
  }

  #add(step: Measuring, { from, to, evidence }: MeasuredWindows): void {
    const { windowMs } = this.#run.plan
    const [fromMs, toMs] = [from * windowMs, (to + 1) * windowMs]
    if (toMs <= step.span.fromMs || fromMs >= step.span.toMs) return
    if (!evidence || fromMs < step.span.fromMs || toMs > step.span.toMs) step.broken = true
    else {
      addWindowEvidence(step.evidence, evidence)
      // The number of overdue requests is not a sum: the number in the latest windows replaces the earlier number, because requests that were overdue
      // in earlier windows may have ended since.
      step.evidence.overdue = evidence.overdue
    }
  }

  async #decide(search: SearchPlan, { span, evidence, broken }: Measuring): Promise<void> {
    const { model } = this.#run.plan
    const step = broken ? null : judgeStep({ model, span, until: this.#until, evidence })
    await changeAsHolder(this.#run, (before, nowMs) => {
      if (before.stop || currentStep(search, before).fromMs !== span.fromMs) return undefined
      return this.#after(search, { before, nowMs, step, level: span.level })
    })
  }

  /** Returns the control file after a step, with the measurements of the step, and the next step or the end of the load. */
  #after(
    search: SearchPlan,
    { before, nowMs, step, level }: { before: Control; nowMs: number; step: SearchStep | null; level: number },
  ): Control | undefined {
    const { steps: earlier = [], epochs = [], startAt } = before
    const steps = step ? [...earlier, step] : earlier
    const repeats = epochs.length - earlier.length
    const next = step ? nextLevel(search, steps) : repeats < mostRepeats ? level : null
    const sinceMs = Math.round(nowMs - startAt)
    const epoch = next === null ? undefined : stepEpoch(this.#run.plan, before, { search, level: next, nowMs: sinceMs })
    if (epoch) return { ...before, steps, epochs: [...epochs, epoch] }
    const reason = endInWords(search, steps, next !== null)
    return stopped({ ...before, steps }, { reason, at: nowMs, searched: true })
  }
}

function endInWords(search: SearchPlan, steps: readonly SearchStep[], late: boolean): string {
  if (late) return 'the search has no time left for another step'
  return bracketOf(steps).held === search.max
    ? 'the search is over: the thresholds held at its maximum load'
    : 'the search is over'
}

/**
 * Returns the first window to read. A coordinator that continues a run reads the windows of the current step again. The first window is always the
 * first window of a minute, because one object may already contain all windows of that minute.
 */
function firstWindow({ fromMs }: StepSpan, windowMs: number): number {
  const minute = windowsPerMinute(windowMs)
  return minute * Math.floor(fromMs / windowMs / minute)
}
