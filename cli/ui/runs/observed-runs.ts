import type { Report } from '../../../core/report/report.ts'
import type { MeteredRun } from '../../run/metrics/run-meter.ts'
import type { Observing, RunObserver } from '../../run/observer.ts'

interface Observed {
  observer: RunObserver
  /** `true` if the run ends when this process ends. */
  isHere: boolean
  /** Resolves when the last metrics have been sent, or when the observer has been closed. */
  over: Promise<void>
}

/** If the page starts a run, sends the metrics of the run to the receivers. The flags of `burst ui` name the receivers. */
export class ObservedRuns {
  readonly #observe: Observing | undefined
  readonly #say: (line: string) => void
  readonly #runs = new Set<Observed>()

  /** @param observe undefined if there is no receiver */
  constructor(observe: Observing | undefined, say: (line: string) => void) {
    this.#observe = observe
    this.#say = say
  }

  /** @param done returns the report of the run, or rejects if the run has no report */
  add(run: MeteredRun, done: () => Promise<Report>): void {
    const say = (line: string): void => this.#say(`run ${run.plan.run}: ${line}`)
    const observer = this.#observe?.(say)
    if (!observer) return
    observer.began(run)
    const isHere = run.plan.backend === 'local'
    // For a run on this machine, burst does not print this line, because the page already shows why the run has no report.
    const over = sendUntil(done(), observer)
      .catch((error: Error) => (isHere ? undefined : say(`metrics: the last counts were not sent: ${error.message}`)))
      .finally(() => this.#runs.delete(observed))
    const observed: Observed = { observer, isHere, over }
    this.#runs.add(observed)
  }

  /**
   * Waits for a limited time until the last metrics of runs on this machine have been sent. burst does not wait for runs on AWS: they continue, and
   * their metrics are no longer sent.
   */
  async close(): Promise<void> {
    const all = [...this.#runs]
    await Promise.all(all.filter(({ isHere }) => isHere).map(async ({ over }) => over))
    await Promise.all(all.map(async ({ observer }) => observer.close()))
  }
}

async function sendUntil(done: Promise<Report>, observer: RunObserver): Promise<void> {
  try {
    await observer.ended(await done)
  } finally {
    await observer.close()
  }
}
