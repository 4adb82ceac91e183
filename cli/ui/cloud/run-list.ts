import { setTimeout as sleep } from 'node:timers/promises'
import { BurstError } from '../../../core/errors.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import type { Report } from '../../../core/report/report.ts'
import type { RunEntry } from '../../../core/report/live/ui-protocol.ts'
import { keys } from '../../../functions/keys.ts'
import type { Cloud } from '../../aws/cloud.ts'
import { parseReport } from '../../run/stored-report.ts'
import { entryOf } from '../runs/catalogue.ts'
import type { StackLink } from './stack-link.ts'

/** The runs are asked for anew after so long, milliseconds. */
const everyMs = 5000
/** Whoever asks first waits for them so long, milliseconds. */
const firstWaitMs = 2000
/** Runs that are listed at most, the newest. */
const mostRuns = 50
/** Reports that are read at the same time. */
const atOnce = 4

export interface CloudList {
  runs: RunEntry[]
  /** Why there are none, or only those that were known before. */
  problem: BurstError | undefined
}

/** The newest runs of a stack. They are read in the background: a slow network holds up no one who looks at the runs of this machine. */
export class RunList {
  readonly #link: StackLink
  readonly #plans = new Map<string, RunPlan>()
  /** Runs that are over do not change. */
  readonly #over = new Map<string, RunEntry | undefined>()
  #entries = new Map<string, RunEntry>()
  #problem: BurstError | undefined
  #readAtMs = Number.NEGATIVE_INFINITY
  #reading: Promise<void> | undefined

  constructor(link: StackLink) {
    this.#link = link
  }

  async now(): Promise<CloudList> {
    const isFirst = this.#readAtMs === Number.NEGATIVE_INFINITY
    if (!this.#reading && performance.now() - this.#readAtMs > everyMs) {
      this.#reading = this.#read().finally(() => (this.#reading = undefined))
    }
    if (isFirst && this.#reading) await Promise.race([this.#reading, sleep(firstWaitMs)])
    return { runs: [...this.#entries.values()], problem: this.#problem }
  }

  /** A run has been started. */
  add(plan: RunPlan): void {
    this.#plans.set(plan.run, plan)
    this.#entries.set(plan.run, withoutReport(plan, 'running'))
  }

  async #read(): Promise<void> {
    try {
      this.#entries = await this.#link.use(async (cloud) => this.#newest(cloud))
      this.#problem = undefined
    } catch (error) {
      this.#problem = error instanceof BurstError ? error : new BurstError('bug', String(error), { cause: error })
    }
    this.#readAtMs = performance.now()
  }

  async #newest(cloud: Cloud): Promise<Map<string, RunEntry>> {
    const [{ activeRuns }, { runNames }] = await Promise.all([
      import('../../aws/running/active-runs.ts'),
      import('../../aws/running/list.ts'),
    ])
    // Before the reports: a run that ends meanwhile has its own by then.
    const active = new Map((await activeRuns(cloud)).map(({ run, alive }) => [run, alive]))
    const names = (await runNames(cloud)).toSorted((a, b) => (a < b ? 1 : -1)).slice(0, mostRuns)
    const entries = new Map<string, RunEntry>()
    await inTurn(names, async (run) => {
      const entry = await this.#entry(cloud, run, active.get(run))
      if (!entry) return
      entries.set(run, entry)
      // The first list comes piece by piece: many reports take their time.
      this.#entries.set(run, entry)
    })
    return entries
  }

  /** @param alive undefined: it is not marked as being on */
  async #entry(cloud: Cloud, run: string, alive: boolean | undefined): Promise<RunEntry | undefined> {
    if (this.#over.has(run)) return this.#over.get(run)
    const stored = await cloud.store.get(keys.output(run, 'report.json'))
    if (stored) {
      const report = readable(stored.body, run)
      this.#over.set(run, report && entryOf(report))
      this.#plans.delete(run)
      return this.#over.get(run)
    }
    // A run whose start was refused is none.
    if (alive === undefined && !(await cloud.store.get(keys.coordinator(run)))) return undefined
    const plan = await this.#plan(cloud, run)
    return plan && withoutReport(plan, alive ? 'running' : 'lost')
  }

  async #plan({ store }: Cloud, run: string): Promise<RunPlan | undefined> {
    const stored = this.#plans.get(run) ?? (await store.get(keys.plan(run)))
    if (!stored) return undefined
    const plan = 'body' in stored ? (JSON.parse(stored.body) as RunPlan) : stored
    this.#plans.set(run, plan)
    return plan
  }
}

function withoutReport({ run, name, createdAt, host, users }: RunPlan, state: 'running' | 'lost'): RunEntry {
  const unknown = { requests: null, failures: null, p95: null, tookMs: null }
  return { run, name, state, where: 'aws', startedAt: createdAt, host, users, ...unknown }
}

/** A report that somebody spoiled hides no other run. */
function readable(text: string, run: string): Report | undefined {
  try {
    return parseReport(text, run)
  } catch (error) {
    if (error instanceof BurstError) return undefined
    throw error
  }
}

/** Does something with all of them, a few at the same time, in their order. */
async function inTurn<T>(all: readonly T[], act: (one: T) => Promise<void>): Promise<void> {
  const left = all.values()
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const one of left) await act(one)
    }),
  )
}
