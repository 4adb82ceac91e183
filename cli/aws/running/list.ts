import { BurstError } from '../../../core/errors.ts'
import type { Report } from '../../../core/report/report.ts'
import { keys } from '../../../functions/keys.ts'
import { screenFor } from '../../terminal/display.ts'
import { clean } from '../../terminal/style.ts'
import { type Column, renderTable } from '../../terminal/table.ts'
import { withS3 } from '../s3-buckets.ts'
import { type Cloud, openCloud } from '../cloud.ts'
import { type Place, onAws } from '../place.ts'
import { reportInStack } from './remote-run.ts'
import { type ActiveRun, activeRuns } from './active-runs.ts'
import { dollars, grouped, span } from '../../../core/words.ts'

const columns: Column[] = [
  { title: 'run' },
  { title: 'state' },
  { title: 'users', align: 'right' },
  { title: 'requests', align: 'right' },
  { title: 'failures', align: 'right' },
  { title: 'took', align: 'right' },
  { title: 'cost', align: 'right' },
  // Columns of this table are never cut, because a program may read the table.
  { title: 'target' },
]

/** Returns the newest runs of the stack, at most `last`, as a table. If the stack has no runs, returns a message. */
export async function renderRuns(place: Place, last: number): Promise<string> {
  const cloud = await openCloud(place)
  return onAws(place, async () => {
    const [runs, active] = await Promise.all([runNames(cloud), activeRuns(cloud)])
    if (runs.length === 0) return 'there are no runs yet'
    const states = new Map(active.map((one) => [one.run, stateOf(one)]))
    const shown = runs.toSorted((a, b) => (a < b ? 1 : -1)).slice(0, last)
    const rows = await Promise.all(
      shown.map(async (run) => rowOf(run, ...(await reportOrState(cloud, run, states.get(run))))),
    )
    const screen = screenFor(process.stdout, false)
    return renderTable(columns, rows, { width: screen.width(), heading: screen.style.dim })
  })
}

function stateOf({ alive, problem }: ActiveRun): string {
  if (problem !== undefined) return 'the control file cannot be read; burst stop --all ends the run'
  return alive ? 'running' : 'the coordinator is lost; burst watch makes the report'
}

/** Returns the report of a run, or the state of the run. Does not throw if the report cannot be read, so that the other runs are listed. */
async function reportOrState(
  cloud: Cloud,
  run: string,
  state: string | undefined,
): Promise<[Report | undefined, string | undefined]> {
  try {
    return [await reportInStack(cloud, run), state]
  } catch (error) {
    if (!(error instanceof BurstError) || error.reason !== 'invalidInput') throw error
    return [undefined, 'the report cannot be read']
  }
}

function rowOf(run: string, report: Report | undefined, state: string | undefined): string[] {
  if (!report) return [clean(run), state ?? 'no report', '', '', '', '', '', '']
  const { totals, verdict, cost } = report
  return [
    clean(run),
    verdict.result,
    grouped(report.run.plan.users),
    grouped(totals.requests),
    grouped(totals.failures),
    span(report.run.endedAt - report.run.startedAt),
    dollars(cost.actualUsd),
    clean(report.run.host),
  ]
}

/** Returns the names of the folders under `runs/`. Does not list the objects in these folders, because there are many. */
export async function runNames({ stack }: Cloud): Promise<string[]> {
  const { paginateListObjectsV2 } = await import('@aws-sdk/client-s3')
  const prefix = keys.plan('').split('/')[0] + '/'
  const names: string[] = []
  const place = { Bucket: stack.bucket, Prefix: prefix, Delimiter: '/' }
  await withS3(stack.account, async (client) => {
    for await (const { CommonPrefixes = [] } of paginateListObjectsV2({ client }, place)) {
      for (const { Prefix = '' } of CommonPrefixes) names.push(Prefix.slice(prefix.length, -1))
    }
  })
  // The folder `unknown` contains messages that belong to an unknown run.
  return names.filter((name) => name !== 'unknown')
}
