import type { JSX } from 'preact'
import { count } from '../../../core/report/figures.ts'
import type { Report } from '../../../core/report/report.ts'
import { tlsInWords } from '../../../core/report/entries/tls-facts.ts'
import { dollars, instant, moment, span } from '../../../core/words.ts'
import { Facts, Outside, Section, Sentences } from '../../figure.tsx'

/** Shows whether the counts are complete, the cost of a run on AWS, the data that a person needs to repeat the run, and the events of the run. */
export function Evidence({ report, isInProgress }: { report: Report; isInProgress: boolean }): JSX.Element {
  return (
    <>
      <div class="pair">
        <Section id="evidence" title="Completeness">
          {isInProgress ? (
            <p class="calm">The counts are checked for completeness when the run has ended.</p>
          ) : (
            <Completeness report={report} />
          )}
        </Section>
        <Section id="plan" title="Plan and provenance">
          <Plan report={report} />
        </Section>
      </div>
      {report.events.length > 0 && (
        <Section id="events" title="Events">
          <dl class="timeline">
            {report.events.map(({ at, text }) => (
              <>
                <dt>{timeOf(at)}</dt>
                <dd>
                  <Outside text={text} />
                </dd>
              </>
            ))}
          </dl>
        </Section>
      )}
    </>
  )
}

/** Formats a time in seconds since the start of the run. Times before the start are negative, as in the terminal. Returns `–` for null. */
export function timeOf(at: number | null): string {
  if (at === null) return '–'
  return at < 0 ? `−${moment(Math.ceil(-at))}` : moment(at)
}

function Completeness({ report: { completeness, cost, run } }: { report: Report }): JSX.Element {
  const { complete, lost, slicesReported, slicesExpected, windowsMerged, windowsExpected } = completeness
  return (
    <>
      <p class={complete ? 'good' : 'alert'}>
        {complete ? '✓ All counts are in this report.' : '✗ Some counts are missing from this report.'}
      </p>
      {lost.length > 0 && <Sentences of={lost} />}
      <Facts
        of={[
          ['Workers that reported', `${count(slicesReported).text} of ${count(slicesExpected).text}`],
          ['Messages merged', `${count(windowsMerged).text} of ${count(windowsExpected).text}`],
          ['Duplicates dropped', count(completeness.duplicatesDropped).text],
          ['Too late to be merged', count(completeness.late).text],
          ['Unreadable', count(completeness.unreadable).text],
        ]}
      />
      {run.backend === 'aws' && <Cost cost={cost} />}
    </>
  )
}

function Cost({ cost }: Pick<Report, 'cost'>): JSX.Element {
  const lines = cost.lines.map(({ what, usd: amount }) => [what, dollars(amount)] as const)
  return (
    <>
      <h3>Cost</h3>
      <Facts
        of={[['Estimated before the run', dollars(cost.estimateUsd)], ['Actual', dollars(cost.actualUsd)], ...lines]}
      />
    </>
  )
}

function Plan({ report: { run, tls } }: { report: Report }): JSX.Element {
  return (
    <>
      <Sentences of={run.plan.words} />
      <Facts
        of={[
          ['Run', <Outside text={run.id} />],
          ['Scenario', <Outside text={run.scenario} />],
          ['Target', <Outside text={run.host} />],
          ...(tls ? [['TLS', <Outside text={tlsInWords(tls)} />] as [string, JSX.Element]] : []),
          ['From', instant(run.startedAt)],
          ['To', instant(run.endedAt)],
          ['Planned length', run.plan.durationMs === null ? 'until stopped' : span(run.plan.durationMs)],
          ['Seed', <code>{run.seed}</code>],
          ['Bundle', <code>{run.bundle}</code>],
          ['Build of burst', <code>{run.build}</code>],
        ]}
      />
    </>
  )
}
