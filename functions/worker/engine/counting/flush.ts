import { performance, setImmediate } from '../../../guard/built-ins.ts'
import type { RunPlan } from '../../../../core/plan/plan.ts'
import { addTotals } from '../../../../core/window/totals.ts'
import { encodeWindow, histogramText } from '../../../../core/window/codec/codec.ts'
import type { Window, WorkerCell } from '../../../../core/window/window.ts'
import { zeroTotals } from '../../../../core/window/message.ts'
import type { FromEngine } from '../protocol.ts'
import { distributionsOf } from './accounts.ts'
import type { Recorder } from './recorder.ts'

/** The longest time for which histograms are encoded in one turn of the event loop, in milliseconds. */
const encodingMs = 1

export interface FlushContext {
  readonly recorder: Recorder
  /**
   * If `flushMs` ≥ `windowMs`, the worker reports once per window. It sends the counts of the current window in two cases only: with its last
   * message, and if no earlier window has counts.
   */
  readonly plan: Pick<RunPlan, 'flushMs' | 'windowMs'>
  /** Writes the worker's current state into its cell. */
  readonly gauge: (worker: WorkerCell) => void
  readonly tell: (message: FromEngine) => void
}

/** Sends the counts that have not been sent yet: one message for each window, with running totals. */
export class Flush {
  readonly #context: FlushContext
  #totals = zeroTotals

  constructor(context: FlushContext) {
    this.#context = context
  }

  /** Sends the counts. The encoding of the histograms pauses after each millisecond of work, so that users can run. */
  async now(done: boolean, handedOver: boolean): Promise<void> {
    const { recorder, plan, gauge, tell } = this.#context
    const taken = recorder.cuts.take(plan.flushMs >= plan.windowMs && !done)
    const last = taken.at(-1)
    if (last) gauge(last.worker)
    for (const cut of taken) {
      await encodeInTurns(cut.window)
      this.#totals = addTotals(this.#totals, cut.totals)
      const content = encodeWindow(cut.window)
      const isLast = done && cut === last
      const ending = isLast && handedOver ? { done: true, handedOver } : { done: isLast }
      tell({ type: 'counted', window: cut.place, content, totals: this.#totals, ...ending })
    }
  }
}

async function encodeInTurns(window: Window): Promise<void> {
  let turnMs = performance.now()
  for (const distribution of distributionsOf(window)) {
    histogramText(distribution)
    if (performance.now() - turnMs < encodingMs) continue
    await new Promise(setImmediate)
    turnMs = performance.now()
  }
}
