import type { Report } from '../../core/report/report.ts'
import { grouped, milliseconds, span } from '../../core/words.ts'
import { screenFor } from '../terminal/display.ts'
import { clean } from '../terminal/style.ts'
import { type Column, renderTable } from '../terminal/table.ts'
import { pastRuns } from './past.ts'
import { type KnownRun, knownRuns } from './run-folder.ts'

const columns: Column[] = [
  { title: 'run' },
  { title: 'state' },
  { title: 'started' },
  { title: 'users', align: 'right' },
  { title: 'requests', align: 'right' },
  { title: 'failures', align: 'right' },
  { title: 'p95', align: 'right' },
  { title: 'took', align: 'right' },
  // No column of this table is flexible, so `renderTable` never cuts a cell. A program may read the table.
  { title: 'target' },
]

/**
 * Returns a table with three groups of runs: this user's runs in progress, this user's runs with a kept store, and the runs in `burst-results` of
 * `cwd`. The table contains at most `last` runs, the newest first. If there are no runs, a sentence replaces the table. The next lines name the
 * folders in `burst-results` in which burst has found an unreadable report.
 */
export async function renderLocalRuns(cwd: string, last: number): Promise<string> {
  const [known, past] = await Promise.all([knownRuns(), pastRuns(cwd, last)])
  const finished = new Set(past.runs.map(({ report }) => report.run.id))
  const rows = [
    ...known.filter(({ run }) => !finished.has(run)).map((one) => ({ at: one.createdAt, row: rowOfKnown(one) })),
    ...past.runs.map(({ report }) => ({ at: report.run.startedAt, row: rowOf(report) })),
  ]
  const unread = past.broken.map((folder) => `\n${clean(folder)} contains no readable report`)
  if (rows.length === 0) return ['there are no runs here yet', ...unread].join('')
  const shown = rows.toSorted((a, b) => b.at - a.at).slice(0, last)
  const screen = screenFor(process.stdout, false)
  const table = renderTable(
    columns,
    shown.map(({ row }) => row),
    { width: screen.width(), heading: screen.style.dim },
  )
  return [table, ...unread].join('')
}

function rowOfKnown({ run, active, createdAt }: KnownRun): string[] {
  return [clean(run), active ? 'running' : 'store kept', dateOf(createdAt), '', '', '', '', '', '']
}

function rowOf({ run, verdict, totals }: Report): string[] {
  return [
    clean(run.id),
    clean(verdict.result),
    dateOf(run.startedAt),
    grouped(run.plan.users),
    grouped(totals.requests),
    grouped(totals.failures),
    milliseconds(totals.latencyMs.p95),
    span(run.endedAt - run.startedAt),
    clean(run.host),
  ]
}

/** Returns the time in this machine's time zone, to the minute. */
function dateOf(atMs: number): string {
  return new Date(atMs).toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'short' })
}
