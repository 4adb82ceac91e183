import { readFile, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { Report } from '../../core/report/report.ts'
import type { RunEntry } from '../../core/ui.ts'
import { runName } from '../../core/window/codec-schema.ts'
import { type OutputFile, keys, outputFiles } from '../../functions/keys.ts'
import { parseReport, reportIn } from '../local-runs/past.ts'
import { type KnownRun, knownRun, knownRuns } from '../local-runs/run-folder.ts'

/** Runs of a folder that are listed at most, the newest. */
const mostRuns = 100

/** The runs that the page shows: those that are on, and those whose files lie in a folder. */
export class Catalogue {
  /** The folder whose folders are runs. */
  readonly #root: string
  /** A report that was opened by its path; it may lie anywhere. */
  readonly #single: { path: string; report: Report } | undefined
  readonly #read = new Map<string, { mtimeMs: number; entry: RunEntry | undefined }>()
  readonly #folders = new Map<string, string>()

  constructor(root: string, single?: { path: string; report: Report }) {
    this.#root = root
    this.#single = single
  }

  /** The newest first. */
  async list(): Promise<RunEntry[]> {
    const [known, past] = await Promise.all([knownRuns(), this.#past()])
    const finished = new Set(past.map(({ run }) => run))
    const going = await Promise.all(known.filter(({ run }) => !finished.has(run)).map(async (one) => entryOfKnown(one)))
    const single = this.#single && !finished.has(this.#single.report.run.id) ? [entryOf(this.#single.report)] : []
    return [...going, ...single, ...past].toSorted((a, b) => b.startedAt - a.startedAt)
  }

  /** A file of a finished run; undefined when there is none. */
  async file(run: string, name: OutputFile): Promise<string | undefined> {
    if (!runName.test(run)) return undefined
    if (this.#single?.report.run.id === run) return fileBeside(this.#single, name)
    const known = await knownRun(run)
    return known ? ofKnown(known, name) : inFolder(this.#folders.get(run) ?? join(this.#root, run), name)
  }

  /** The files of a run go to another folder than the usual one. */
  lies(run: string, folder: string): void {
    this.#folders.set(run, folder)
  }

  async #past(): Promise<RunEntry[]> {
    const names = (await readdir(this.#root).catch(() => [])).toSorted((a, b) => (a < b ? 1 : -1)).slice(0, mostRuns)
    const entries = await Promise.all(names.map(async (name) => this.#entryIn(join(this.#root, name))))
    return entries.filter((entry) => entry !== undefined)
  }

  /** A report is read again only when its file has changed. One that cannot be read is not listed. */
  async #entryIn(folder: string): Promise<RunEntry | undefined> {
    const found = await stat(join(folder, 'report.json')).catch(() => undefined)
    if (!found?.isFile()) return undefined
    const known = this.#read.get(folder)
    if (known?.mtimeMs === found.mtimeMs) return known.entry
    const report = await reportIn(folder).catch(() => undefined)
    const entry = report && entryOf(report)
    this.#read.set(folder, { mtimeMs: found.mtimeMs, entry })
    if (entry && runName.test(entry.run)) this.#folders.set(entry.run, folder)
    return entry
  }
}

/** Of a report that was opened by its path: what it was opened as, and where it lies in a folder of results, the other files. */
async function fileBeside(
  { path, report }: { path: string; report: Report },
  name: OutputFile,
): Promise<string | undefined> {
  if (name === 'report.json') return JSON.stringify(report)
  if (basename(path) === name) return readFile(path, 'utf8')
  return outputFiles.some((file) => file === basename(path)) ? inFolder(dirname(path), name) : undefined
}

/** A folder that is used again holds another run's files until this one's are written. */
async function ofKnown({ run, out }: KnownRun, name: OutputFile): Promise<string | undefined> {
  const report = await reportIn(out).catch(() => undefined)
  return report?.run.id === run ? inFolder(out, name) : undefined
}

async function inFolder(folder: string, name: OutputFile): Promise<string | undefined> {
  return readFile(join(folder, name), 'utf8').catch(() => undefined)
}

/** A run that is over. */
export function entryOf({ run, verdict, totals }: Report): RunEntry {
  return {
    run: run.id,
    name: run.name,
    state: verdict.result,
    where: run.backend === 'aws' ? 'aws' : 'local',
    startedAt: run.startedAt,
    host: run.host,
    users: run.plan.users,
    requests: totals.requests,
    failures: totals.failures,
    p95: totals.latencyMs.p95,
    tookMs: run.endedAt - run.startedAt,
  }
}

async function entryOfKnown({ run, active, createdAt, store }: KnownRun): Promise<RunEntry> {
  const stored = await store.get(keys.plan(run)).catch(() => undefined)
  const { name = run, host = '', users = 0 } = stored ? (JSON.parse(stored.body) as Partial<RunPlan>) : {}
  const unknown = { requests: null, failures: null, p95: null, tookMs: null }
  return {
    run,
    name,
    state: active ? 'running' : 'lost',
    where: 'local',
    startedAt: createdAt,
    host,
    users,
    ...unknown,
  }
}

/**
 * The report in a `report.json` or `report.html`.
 * @throws BurstError (104) when it holds none
 */
export async function readReportFile(path: string): Promise<Report> {
  const text = await readFile(path, 'utf8')
  const data = /<script type="application\/json" id="report">([^<]*)<\/script>/.exec(text)?.[1]
  return parseReport(data ?? text, path)
}
