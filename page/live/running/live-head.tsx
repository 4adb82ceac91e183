import type { ComponentChildren, JSX } from 'preact'
import type { LiveFacts } from '../../../core/report/live/live-report.ts'
import { count, instant, plural, share } from '../../../core/report/figures.ts'
import type { Report } from '../../../core/report/report.ts'
import type { FieldError } from '../../../core/ui.ts'
import { moment } from '../../../core/words.ts'
import { Jump, Outside } from '../../figure.tsx'

export interface LiveHeadProps {
  report: Report
  live: LiveFacts
  /** The connection is lost, and what is shown is what was told before. */
  isCut: boolean
  /** Why burst cannot read the run for now. */
  trouble: FieldError | null
  /** Buttons. */
  children: ComponentChildren
}

/** Which run this is and how it stands, in the place where its verdict will be. */
export function LiveHead({ report, live, isCut, trouble, children }: LiveHeadProps): JSX.Element {
  const { run } = report
  const where = run.backend === 'local' ? 'this machine' : run.regions.join(', ')
  return (
    <header>
      <div class="title">
        <h1>
          <Outside text={run.name} />
        </h1>
        <p class="facts">
          <Outside text={run.host} /> · {instant(run.startedAt)} · {where}, {plural(run.workers, 'worker')}
        </p>
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
              The connection to burst is lost; trying again. The run goes on without this page.
            </p>
          )}
          {trouble && !isCut && <Trouble of={trouble} />}
        </div>
        {children}
      </section>
    </header>
  )
}

/** The figures are those that were read last. */
export function Trouble({ of: { message, hint } }: { of: FieldError }): JSX.Element {
  return (
    <p class="alert" role="status">
      <bdi>{message}</bdi>
      {hint !== undefined && (
        <>
          ; <bdi>{hint}</bdi>
        </>
      )}{' '}
      Trying again. The run goes on without this page.
    </p>
  )
}

function wordOf({ phase, stopping }: LiveFacts): string {
  if (phase === 'reporting') return 'Reporting'
  if (phase === 'starting') return 'Starting'
  if (stopping !== null) return 'Stopping'
  return phase === 'running' ? 'Running' : 'Ending'
}

function sentenceOf(live: LiveFacts, { run }: Report): string {
  const { phase, elapsedS, durationS, workersPlanned, workersAwaited, stopping } = live
  if (phase === 'starting')
    return `Starting ${plural(workersPlanned, 'worker')}; the load begins in ${moment(-elapsedS)}.`
  if (phase === 'reporting') return 'The load is over, and the report is being made.'
  if (phase === 'waiting') return `Waiting for the last messages of ${plural(workersAwaited, 'worker')}.`
  if (stopping !== null) return `${loadOf(live, run)}. It was asked to stop: ${stopping}.`
  if (phase === 'ending') return `${loadOf(live, run)}. The load is over; requests in flight get their time.`
  const left =
    durationS === null
      ? `${moment(elapsedS)} so far, until stopped`
      : `${moment(Math.max(0, durationS - elapsedS))} left of ${moment(durationS)}`
  return `${loadOf(live, run)}, ${trends[live.trend]}; ${left}.`
}

const trends = { rising: 'ramping up', falling: 'ramping down', level: 'holding' }

function loadOf({ users, plannedUsers, draining }: LiveFacts, { plan }: Report['run']): string {
  const ending = draining > 0 ? `, ${count(draining).text} ending` : ''
  if (plan.model === 'arrivals')
    return `${count(users).text} of at most ${count(plan.users).text} pooled users${ending}`
  return `${count(users).text} of ${count(plannedUsers).text} users${ending}`
}

const health = {
  healthy: 'generator healthy',
  bound: 'the generator is the bottleneck',
  unknown: 'generator not judged yet',
}

function Evidence({ report, live }: { report: Report; live: LiveFacts }): JSX.Element {
  const held = report.thresholds.filter(({ passed }) => passed).length
  const last = report.events.findLast(({ at }) => at !== null)
  return (
    <p class="evidence">
      {report.thresholds.length > 0 && (
        <Jump to="thresholds">
          <span class={held < report.thresholds.length ? 'alert' : undefined}>
            {held} of {plural(report.thresholds.length, 'threshold')} held so far
          </span>
        </Jump>
      )}
      <Jump to="workers">
        {live.workersAlive} of {plural(live.workersPlanned, 'worker')} alive
      </Jump>
      <Jump to="generator">
        <span class={live.generator === 'bound' ? 'alert' : undefined}>{health[live.generator]}</span>
      </Jump>
      {report.load !== null && report.load.plannedUserSeconds > 0 && (
        <Jump to="users">{share(report.load.deliveredShare).text} of the load so far</Jump>
      )}
      {last && (
        <span>
          last event, {moment(Math.max(0, last.at ?? 0))}: <Outside text={last.text} />
        </span>
      )}
    </p>
  )
}
