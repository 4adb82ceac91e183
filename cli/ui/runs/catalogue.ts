import { readFile, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import * as v from 'valibot'
import { givenReport } from '../../../core/compare/given-report.ts'
import { BurstError, invalidInput } from '../../../core/errors.ts'
import { type Report, reportSchema } from '../../../core/report/report.ts'
import { type RunEntry, type RunList, unreadableCap } from '../../../core/report/live/ui-protocol.ts'
import { moment, runName } from '../../../core/input/bounds.ts'
import { seriesOf } from '../../compare/read-run.ts'
import { type OutputFile, keys, outputFiles } from '../../../functions/keys.ts'
import { renderOutput } from '../../../functions/reducer/render-output.ts'
import { readReportText, reportIn } from '../../local-runs/past.ts'
import { type KnownRun, knownRun, knownRuns } from '../../local-runs/run-folder.ts'
import { listedPlan, short } from './listed-plan.ts'

/**
 * burst reads at most this many entries of the folder, in descending order of their names. The name of a run begins with its start time, so burst
 * leaves out the oldest runs.
 */
const mostRuns = 100

/** The run of a report in the folder, or the reason why the run is not listed. */
type Past = { entry: RunEntry } | { file: string; why: string }

/**
 * The runs that the page lists: the runs in progress on this machine, the lost runs whose store was kept, the finished runs with files in the folder,
 * and the report that the user named.
 */
export class Catalogue {
  /** The folder with the results of all runs. It contains one folder for each run. */
  readonly #root: string
  /** The report that the user named by its path. It may be in any folder. */
  readonly #single: { path: string; report: Report } | undefined
  readonly #read = new Map<string, { mtimeMs: number; past: Past }>()
  readonly #folders = new Map<string, string>()

  constructor(root: string, single?: { path: string; report: Report }) {
    this.#root = root
    this.#single = single
  }

  /** Returns the runs of the list, newest first. */
  async list(): Promise<Pick<RunList, 'runs' | 'unreadable'>> {
    const [known, all] = await Promise.all([knownRuns(), this.#past()])
    const past = all.flatMap((one) => ('entry' in one ? [one.entry] : []))
    const bad = all.flatMap((one) => ('entry' in one ? [] : [one]))
    const finished = new Set(past.map(({ run }) => run))
    const going = await Promise.all(known.filter(({ run }) => !finished.has(run)).map(async (one) => entryOfKnown(one)))
    const single = this.#single && !finished.has(this.#single.report.run.id) ? entryOf(this.#single.report) : undefined
    const runs = [...going, ...(single ? [single] : []), ...past].toSorted((a, b) => b.startedAt - a.startedAt)
    const unreadable = { files: bad.slice(0, unreadableCap), more: Math.max(0, bad.length - unreadableCap) }
    return { runs, ...(bad.length > 0 && { unreadable }) }
  }

  /** Returns a file of a finished run whose files are on this machine; undefined when the file does not exist. */
  async file(run: string, name: OutputFile): Promise<string | undefined> {
    if (!runName.test(run)) return undefined
    if (this.#single?.report.run.id === run) return fileBeside(this.#single, name)
    const known = await knownRun(run)
    return known ? ofKnown(known, name) : inFolder(this.#folders.get(run) ?? join(this.#root, run), name)
  }

  /** Stores the folder to which a run writes its files. */
  lies(run: string, folder: string): void {
    this.#folders.set(run, folder)
  }

  async #past(): Promise<Past[]> {
    const names = (await readdir(this.#root).catch(() => [])).toSorted((a, b) => (a < b ? 1 : -1)).slice(0, mostRuns)
    const found = await Promise.all(names.map(async (name) => this.#pastIn(join(this.#root, name))))
    return found.filter((past) => past !== undefined)
  }

  /** Reads a report again only if its file has changed. Returns undefined if the folder has no report. */
  async #pastIn(folder: string): Promise<Past | undefined> {
    const path = join(folder, 'report.json')
    const found = await stat(path).catch(() => undefined)
    if (!found?.isFile()) return undefined
    const known = this.#read.get(folder)
    if (known?.mtimeMs === found.mtimeMs) return known.past
    const past = await pastIn(folder, path)
    this.#read.set(folder, { mtimeMs: found.mtimeMs, past })
    if ('entry' in past) this.#folders.set(past.entry.run, folder)
    return past
  }
}

async function pastIn(folder: string, path: string): Promise<Past> {
  const file = join(basename(folder), basename(path))
  try {
    const report = await reportIn(folder)
    const entry = report && entryOf(report)
    return entry ? { entry } : { file, why: 'it contains values that are not valid in a burst report' }
  } catch (error) {
    if (!(error instanceof BurstError)) throw error
    const hint = error.hint === undefined ? '' : `: ${error.hint}`
    return { file, why: `${error.message.replace(path, 'it')}${hint}`.slice(0, 300) }
  }
}

/**
 * Returns a file of a report that the user named by its path. The file is the named file, a file beside it in a folder of results, or a file that is
 * made from the report.
 */
async function fileBeside(
  { path, report }: { path: string; report: Report },
  name: OutputFile,
): Promise<string | undefined> {
  if (basename(path) === name) return readFile(path, 'utf8')
  if (name === 'report.json') return JSON.stringify(report)
  const beside = outputFiles.some((file) => file === basename(path)) ? await inFolder(dirname(path), name) : undefined
  return beside ?? renderOutput(report, name)
}

/**
 * Returns a file of a local run. Returns undefined if the file does not exist, or if the run's folder of results does not contain the report of this
 * run. The files in the folder may then belong to an earlier run.
 */
async function ofKnown({ run, out }: KnownRun, name: OutputFile): Promise<string | undefined> {
  const report = await reportIn(out).catch(() => undefined)
  return report?.run.id === run ? inFolder(out, name) : undefined
}

async function inFolder(folder: string, name: OutputFile): Promise<string | undefined> {
  return readFile(join(folder, name), 'utf8').catch(() => undefined)
}

const count = v.pipe(v.number(), v.minValue(0))
/** The fields of a report that the list shows. They are validated, because the file may have any content. */
const entrySchema = v.object({
  run: v.pipe(v.string(), v.regex(runName)),
  name: short,
  state: v.picklist(['passed', 'failed', 'inconclusive', 'unjudged']),
  where: v.picklist(['local', 'aws']),
  startedAt: moment,
  host: short,
  users: count,
  requests: count,
  failures: count,
  p95: v.nullable(count),
  tookMs: v.number(),
})

/** Returns a finished run for the list; undefined if a listed value is not valid. */
export function entryOf({ run, verdict, totals }: Report): RunEntry | undefined {
  const { output, success } = v.safeParse(entrySchema, {
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
  })
  return success ? output : undefined
}

async function entryOfKnown({ run, active, createdAt, store }: KnownRun): Promise<RunEntry> {
  const stored = await store.get(keys.plan(run)).catch(() => undefined)
  const { name = run, host = '', users = 0 } = (stored && listedPlan(stored.body)) ?? {}
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
 * Returns the report in a `report.json` or `report.html`.
 * @throws BurstError (104) when the file cannot be read or does not contain a complete report
 */
export async function readReportFile(path: string): Promise<Report> {
  const text = await readReportText(path)
  const report = givenReport(text, path)
  const whole = v.safeParse(reportSchema, report, { abortEarly: true })
  if (whole.success && entryOf(report)) {
    // Reads the series here, so that the terminal can show an error before the page opens.
    seriesOf(report, path)
    return report
  }
  const at = whole.issues ? v.getDotPath(whole.issues[0]) : null
  throw invalidInput(
    `${path} is not a complete burst report${at === null ? '' : `: ${at.slice(0, 100)} is not valid`}`,
    {
      hint: 'use the report.json or report.html of a run',
    },
  )
}
