import type { JSX } from 'preact'
import { useMemo } from 'preact/hooks'
import { ms } from '../../../core/report/figures.ts'
import type { Report } from '../../../core/report/report.ts'
import type { NamedRow } from '../../../core/verdict/results.ts'
import { mayBeInaccurate } from '../../../core/verdict/generator/doubts.ts'
import { counted, moment } from '../../../core/words.ts'
import { Jump, RequestName } from '../../figure.tsx'
import type { RunModel } from '../../model/model.ts'
import { type Slowdown, slowdownsOf } from '../../model/slowness.ts'

/** Shows sentences that say what is slow, since when, and whether the target or burst is the cause. */
export function Answers({ model }: { model: RunModel }): JSX.Element | null {
  const { report } = model
  const slowdowns = useMemo(() => slowdownsOf(model), [model])
  const slowest = slowestOf(report)
  if (!slowest) return null
  const own = slowdowns.find(({ index }) => report.requests[index] === slowest)
  return (
    <p class="answers">
      Slowest: <RequestName method={slowest.method} name={slowest.name} />, p95 {ms(slowest.latencyMs.p95).text}
      {own && <Since report={report} of={own} />}
      <Others report={report} of={slowdowns.filter((one) => one !== own)} />. <Cause report={report} />
    </p>
  )
}

/** Returns the name with the greatest p95 among names with at least 0.5 % of the requests. */
function slowestOf({ requests, totals }: Report): NamedRow | undefined {
  const usual = requests.filter((row) => row.requests >= totals.requests / 200 && row.latencyMs.p95 !== null)
  return usual.toSorted((a, b) => (b.latencyMs.p95 ?? 0) - (a.latencyMs.p95 ?? 0))[0]
}

function Since({ report, of: { atS, beforeMs, afterMs } }: { report: Report; of: Slowdown }): JSX.Element {
  const users = report.run.plan.model === 'users' ? (report.seconds[Math.floor(atS)]?.users ?? 0) : 0
  return (
    <>
      , from {moment(atS)} on{users > 0 && ` (${counted(users, 'user')})`} {ms(afterMs).text} instead of{' '}
      {ms(beforeMs).text}
    </>
  )
}

/** Shows the first name of a list of slowdowns, and how many more names the list has. The list does not contain the slowest name. */
function Others({ report, of: [first, ...more] }: { report: Report; of: readonly Slowdown[] }): JSX.Element | null {
  const row = first && report.requests[first.index]
  if (!row) return null
  return (
    <>
      ; <RequestName method={row.method} name={row.name} />
      <Since report={report} of={first} />
      {more.length > 0 && ` (and ${counted(more.length, 'more name')})`}
    </>
  )
}

const causes = {
  healthy: 'burst did not delay the requests',
  inaccurate: 'Some latencies may be too long because of burst',
  bound: 'burst created less load than planned, or sent requests late',
  unknown: 'The delay that burst added to the latencies was not measured',
}

function Cause({ report: { generator } }: { report: Report }): JSX.Element {
  const { result, timingErrorMs } = generator
  const most = result === 'healthy' && timingErrorMs.p99 !== null ? ms(timingErrorMs.p99).text : null
  const known = mayBeInaccurate(generator) ? causes.inaccurate : causes[result]
  const cause = most === null ? known : `burst added at most ${most} to 99 % of the latencies`
  // The link includes the full stop. Otherwise, on a narrow screen, the full stop could be alone on the next line.
  return <Jump to="generator">{cause}.</Jump>
}
