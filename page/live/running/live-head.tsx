import type { ComponentChildren, JSX } from 'preact'
import type { LiveFacts } from '../../../core/report/live/live-report.ts'
import { count, share } from '../../../core/report/figures.ts'
import type { Report } from '../../../core/report/report.ts'
import type { FieldError } from '../../../core/report/live/ui-protocol.ts'
import { Jump, Outside } from '../../figure.tsx'
import { timeOf } from '../../sections/verdict/evidence.tsx'
import { counted, instant, moment } from '../../../core/words.ts'

export interface LiveHeadProps {
  report: Report
  live: LiveFacts
  /** `true` if the connection is lost. The shown values may then be out of date. */
  isCut: boolean
  /** The reason why burst currently cannot read the run; null if burst can read the run. */
  trouble: FieldError | null
  /** The content beside the name of the run. */
  files: ComponentChildren
  /** Buttons. */
  children: ComponentChildren
}

/** Shows the name and the state of a run in progress. For a finished run, the page shows `Verdict` instead. */
export function LiveHead({ report, live, isCut, trouble, files, children }: LiveHeadProps): JSX.Element {
  const { run } = report
  const where = run.backend === 'local' ? 'this machine' : run.regions.join(', ')
  return (
    <header>
      <div class="title">
        <h1>
          <Outside text={run.name} />
        </h1>
        <p class="facts">
          <Outside text={run.host} /> · {instant(run.startedAt)} · {where}, {counted(run.workers, 'worker')}
        </p>
        {files}
      </div>
      <section class="verdict live" aria-label="State of the run">
        <p class="word">
          <span class="pulse" aria-hidden="true" /> {wordOf(live)}
        </p>
        <div class="why">
          <p>{sentenceOf(live, report)}</p>
          {live.durationS !== null && (
            <progress
              aria-label="Time of the run"
              max={live.durationS}
              value={Math.max(0, Math.min(live.elapsedS, live.durationS))}
            />
          )}
          <Evidence report={report} live={live} />
          {isCut && (
            <p class="alert" role="status">
              The connection to burst is lost. The page tries again; the run continues.
            </p>
          )}
          {trouble && !isCut && <Trouble of={trouble} />}
        </div>
        {children}
      </section>
    </header>
  )
}

/** Shows why burst cannot read the run. The values on the page still come from the last successful read. */
export function Trouble({ of: { message, hint } }: { of: FieldError }): JSX.Element {
  return (
    <p class="alert" role="status">
      <bdi>{message}</bdi>
      {hint !== undefined && (
        <>
          ; <bdi>{hint}</bdi>
        </>
      )}
      . The page tries again; the run continues.
    </p>
  )
}

function wordOf({ phase, pause, stopping }: LiveFacts): string {
  if (phase === 'reporting') return 'Reporting'
  if (phase === 'starting') return 'Starting'
  if (stopping !== null) return 'Stopping'
  if (pause === 'paused' || pause === 'returning') return 'Paused'
  return phase === 'running' ? 'Running' : 'Ending'
}

function sentenceOf(live: LiveFacts, { run }: Report): string {
  const { phase, elapsedS, durationS, workersPlanned, stopping } = live
  if (phase === 'starting')
    return `Starting ${counted(workersPlanned, 'worker')}; the load begins in ${moment(-elapsedS)}.`
  if (stopping !== null || phase !== 'running') return endingOf(live, run)
  const left =
    durationS === null
      ? `${moment(elapsedS)} elapsed, no planned end`
      : `${moment(Math.max(0, durationS - elapsedS))} left of ${moment(durationS)}`
  return `${loadOf(live, run)}, ${pauses[live.pause] ?? trends[live.trend]}; ${left}.`
}

/** Returns a message about a run that is ending. If the run was stopped, the message contains the reason. */
function endingOf(live: LiveFacts, run: Report['run']): string {
  const { phase, workersAwaited, stopping } = live
  const why = stopping === null ? 'The load has ended.' : sentence(stopping)
  if (phase === 'reporting') return `${why} The report is being written.`
  if (phase === 'waiting') return `${why} Waiting for the last messages of ${counted(workersAwaited, 'worker')}.`
  const rest = stopping === null ? 'The load has ended; requests in flight are finishing.' : why
  return `${loadOf(live, run)}. ${rest}`
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
}

const pauses: Partial<Record<LiveFacts['pause'], string>> = {
  asked: 'about to pause',
  paused: 'until the run continues',
  returning: 'about to continue',
}
const trends = { rising: 'ramping up', falling: 'ramping down', level: 'holding' }

/**
 * Returns the number of users, followed by `as planned` or by the planned number. For arrivals, returns the number of users and the size of the pool.
 * A difference from the plan is not marked as a problem, because users start and stop slightly later than planned.
 */
function loadOf({ users, plannedUsers, draining }: LiveFacts, { plan }: Report['run']): string {
  const ending = draining > 0 ? `, ${count(draining).text} ending` : ''
  const now = counted(users, 'user')
  if (plan.model === 'arrivals') return `${now} of a pool of ${count(plan.users).text}${ending}`
  return `${now}, ${users === plannedUsers ? 'as planned' : `${count(plannedUsers).text} planned`}${ending}`
}

function Evidence({ report, live }: { report: Report; live: LiveFacts }): JSX.Element {
  return (
    <>
      <p class="evidence">
        {report.seconds.length === 0 ? <span>{workersOf(live)}</span> : <Found report={report} live={live} />}
      </p>
      <LastEvents events={report.events} />
    </>
  )
}

function workersOf({ workersAlive, workersPlanned }: LiveFacts): string {
  return `${workersAlive} of ${counted(workersPlanned, 'worker')} alive`
}

/** Shows the main findings so far. Each finding links to its section. */
function Found({ report, live }: { report: Report; live: LiveFacts }): JSX.Element {
  return (
    <>
      <Thresholds report={report} />
      <Jump to="workers">{workersOf(live)}</Jump>
      <Generator of={live.generator} />
      {report.load !== null && report.load.plannedUserSeconds > 0 && (
        <Jump to="users">{share(report.load.deliveredShare).text} of the planned load so far</Jump>
      )}
    </>
  )
}

/** Shows the findings about the generator. A finding that is based on few requests is grey, because the final verdict may differ. */
function Generator({ of: { isMeasured, findings } }: { of: LiveFacts['generator'] }): JSX.Element {
  if (findings.length === 0)
    return <Jump to="generator">{isMeasured ? 'generator healthy' : 'generator not judged yet'}</Jump>
  return (
    <>
      {findings.map(({ kind, isSure, words }) => (
        <Jump key={kind} to="generator">
          <span class={isSure ? 'alert' : undefined}>{words}</span>
        </Jump>
      ))}
    </>
  )
}

/** Shows how many thresholds have held so far. Shows nothing until the run has requests. */
function Thresholds({ report: { thresholds, totals } }: { report: Report }): JSX.Element | null {
  const held = thresholds.filter(({ passed }) => passed).length
  if (thresholds.length === 0 || totals.requests === 0) return null
  return (
    <Jump to="thresholds">
      <span class={held < thresholds.length ? 'alert' : undefined}>
        {held} of {counted(thresholds.length, 'threshold')} held so far
      </span>
    </Jump>
  )
}

/** The maximum number of events beside the state of the run. The page shows the newest events; the report contains all events. */
const eventsShown = 3

function LastEvents({ events }: Pick<Report, 'events'>): JSX.Element | null {
  if (events.length === 0) return null
  return (
    <ol class="last-events" aria-label="Last events" reversed>
      {events
        .slice(-eventsShown)
        .toReversed()
        .map(({ at, text }) => (
          <li>
            <span class="at">{timeOf(at)}</span> <Outside text={text} />
          </li>
        ))}
    </ol>
  )
}
