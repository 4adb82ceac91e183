import type { JSX } from 'preact'
import { share, unbroken } from '../../../core/report/figures.ts'
import { counted, instant, span } from '../../../core/words.ts'
import type { Report } from '../../../core/report/report.ts'
import { Jump, Outside, Sentences } from '../../figure.tsx'
import type { RunModel } from '../../model/model.ts'
import { Answers } from './answers.tsx'

const signs = { passed: '✓', failed: '✗', inconclusive: '?', unjudged: '•' }
const words = {
  passed: 'Passed',
  failed: 'Failed',
  inconclusive: 'Inconclusive',
  unjudged: 'Unjudged',
}

/** Shows the head of the page: the name of the run, its verdict and the reasons. */
export function Verdict({ model, files }: { model: RunModel; files?: JSX.Element | undefined }): JSX.Element {
  const { report } = model
  const { run, verdict } = report
  const [first = '', ...others] = verdict.reasons
  const where = run.backend === 'local' ? 'this machine' : run.regions.join(', ')
  return (
    <header>
      <div class="title">
        <h1>
          <span class="brand">burst</span>
          <Outside text={run.name} />
        </h1>
        <p class="facts">
          <Outside text={run.host} /> · {instant(run.startedAt)} · {unbroken(span(run.endedAt - run.startedAt))} ·{' '}
          {where}, {counted(run.workers, 'worker')}
        </p>
        {files}
      </div>
      <section class={`verdict ${verdict.result}`} aria-label="Verdict">
        <p class="word">
          <span aria-hidden="true">{signs[verdict.result]}</span> {words[verdict.result]}
        </p>
        <div class="why">
          <p>
            <Outside text={first} />
          </p>
          <Others reasons={others} />
          <Answers model={model} />
          <Evidence report={report} />
        </div>
      </section>
    </header>
  )
}

function Others({ reasons }: { reasons: readonly string[] }): JSX.Element | null {
  // The number of reasons is limited, so that the charts fit on the first screen.
  const [shown, folded] = reasons.length <= 2 ? [reasons, []] : [reasons.slice(0, 1), reasons.slice(1)]
  return (
    <>
      <Reasons reasons={shown} />
      {folded.length > 0 && (
        <details class="more-reasons">
          <summary>{counted(folded.length, 'more reason')}</summary>
          <Reasons reasons={folded} />
        </details>
      )}
    </>
  )
}

function Reasons({ reasons }: { reasons: readonly string[] }): JSX.Element | null {
  if (reasons.length === 0) return null
  return <Sentences of={reasons} />
}

function Evidence({ report }: { report: Report }): JSX.Element {
  const { verdict, thresholds, completeness, load } = report
  const held = thresholds.filter((threshold) => threshold.passed).length
  return (
    <p class="evidence">
      {thresholds.length > 0 && (
        <Jump to="thresholds">
          {held} of {counted(thresholds.length, 'threshold')} held
        </Jump>
      )}
      <Jump to="evidence">{completeness.complete ? 'all counts complete' : 'counts are missing'}</Jump>
      {load !== null && <Jump to="users">{share(load.deliveredShare).text} of the planned load</Jump>}
      {verdict.stoppedBy !== null && (
        <span>
          stopped by <Outside text={verdict.stoppedBy} />
        </span>
      )}
      <span>exit code {verdict.exitCode}</span>
    </p>
  )
}
