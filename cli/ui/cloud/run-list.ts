import { setTimeout as sleep } from 'node:timers/promises'
import pMap from 'p-map'
import { BurstError } from '../../../core/errors.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import type { Report } from '../../../core/report/report.ts'
import type { RunEntry } from '../../../core/report/live/ui-protocol.ts'
import { keys } from '../../../functions/keys.ts'
import type { Cloud } from '../../aws/cloud.ts'
import { parseReport } from '../../run/outputs/stored-report.ts'
import { entryOf } from '../runs/catalogue.ts'
import { type ListedPlan, listedPlan } from '../runs/listed-plan.ts'
import type { StackLink } from './stack-link.ts'

/** burst keeps the list for this time in milliseconds after a read has ended. The first request after this time starts a new read. */
const everyMs = 5000
/**
 * The maximum time in milliseconds that a request waits for the first read of the list. After the first read, a request gets the last known list
 * immediately.
 */
const firstWaitMs = 2000
/** The maximum number of runs in the list; older runs are left out. */
const mostRuns = 50
/** The number of reports that are read at the same time. */
const atOnce = 4

export interface CloudList {
  runs: RunEntry[]
  /** The reason why `runs` is empty or may be out of date; undefined if the last read succeeded. */
  problem: BurstError | undefined
}

/** The newest runs of a stack. burst reads the list in the background, so that a slow network does not delay the list of local runs for long. */
export class RunList {
  readonly #link: StackLink
  readonly #plans = new Map<string, ListedPlan>()
  /** The finished runs. burst does not read them again, because they do not change. */
  readonly #over = new Map<string, RunEntry | undefined>()
  #entries = new Map<string, RunEntry>()
  /** The runs that were added since the start of the current read, whose names the read may not have listed. */
  readonly #added = new Map<string, RunEntry>()
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

  /** Adds a run that burst has just started. */
  add(plan: RunPlan): void {
    const entry = withoutReport(plan, 'running')
    this.#plans.set(plan.run, plan)
    this.#entries.set(plan.run, entry)
    this.#added.set(plan.run, entry)
  }

  async #read(): Promise<void> {
    try {
      this.#added.clear()
      const newest = await this.#link.use(async (cloud) => this.#newest(cloud))
      this.#entries = new Map([...this.#added, ...newest])
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
    // Reads the marks of active runs before the reports, so that the list has the report of a run that ends between the two reads.
    const active = new Map((await activeRuns(cloud)).map(({ run, alive }) => [run, alive]))
    const names = (await runNames(cloud)).toSorted((a, b) => (a < b ? 1 : -1)).slice(0, mostRuns)
    const entries = new Map<string, RunEntry>()
    const add = async (run: string): Promise<void> => {
      const entry = await this.#entry(cloud, run, active.get(run))
      if (!entry) return
      entries.set(run, entry)
      // burst shows each run as soon as the report of this run has been read, because reading the reports of all runs takes a long time.
      this.#entries.set(run, entry)
    }
    await pMap(names, add, { concurrency: atOnce })
    return entries
  }

  /** @param alive undefined if the run is not marked as active */
  async #entry(cloud: Cloud, run: string, alive: boolean | undefined): Promise<RunEntry | undefined> {
    if (this.#over.has(run)) return this.#over.get(run)
    const stored = await cloud.store.get(keys.output(run, 'report.json'))
    if (stored) {
      const report = readable(stored.body, run)
      this.#over.set(run, report && entryOf(report))
      this.#plans.delete(run)
      return this.#over.get(run)
    }
    // A run that has no active mark and no coordinator is not listed, because its start was refused.
    if (alive === undefined && !(await cloud.store.get(keys.coordinator(run)))) return undefined
    const plan = await this.#plan(cloud, run)
    return plan && withoutReport(plan, alive ? 'running' : 'lost')
  }

  async #plan({ store }: Cloud, run: string): Promise<ListedPlan | undefined> {
    const known = this.#plans.get(run)
    if (known) return known
    const stored = await store.get(keys.plan(run))
    const plan = stored && listedPlan(stored.body)
    if (plan) this.#plans.set(run, plan)
    return plan
  }
}

function withoutReport({ run, name, createdAt, host, users }: ListedPlan, state: 'running' | 'lost'): RunEntry {
  const unknown = { requests: null, failures: null, p95: null, tookMs: null }
  return { run, name, state, where: 'aws', startedAt: createdAt, host, users, ...unknown }
}

/** Parses a report. Returns undefined if the report is damaged, so that the list still shows the other runs. */
function readable(text: string, run: string): Report | undefined {
  try {
    return parseReport(text, run)
  } catch (error) {
    if (error instanceof BurstError) return undefined
    throw error
  }
}
