import type { JSX } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import type { Printed } from '../../../core/report/live/printed.ts'
import type { Report } from '../../../core/report/report.ts'
import { grouped, instant, moment, counted } from '../../../core/words.ts'
import { Jump, Outside, Section } from '../../figure.tsx'

export interface OutputProps {
  report: Pick<Report, 'run' | 'exceptions'>
  printed: Printed
}

/** Shows the output of the scenario while the run is in progress, with a link to the scenario's exceptions. The newest line is at the bottom. */
export function Output({ report: { run, exceptions }, printed: { lines, before } }: OutputProps): JSX.Element {
  const thrown = exceptions.reduce((sum, { count }) => sum + count, 0)
  return (
    <Section id="output" title="Output of the scenario">
      {lines.length === 0 ? (
        <p class="calm">{emptyWords[run.backend]}</p>
      ) : (
        <Lines lines={lines} startedAt={run.startedAt} />
      )}
      {before > 0 && (
        <p class="hint">
          {grouped(before)} earlier {before === 1 ? 'line is' : 'lines are'} not shown.
        </p>
      )}
      {thrown > 0 && (
        <p>
          <Jump to="failures">{counted(thrown, 'exception')} of the scenario, with their stack traces</Jump>
        </p>
      )}
    </Section>
  )
}

const emptyWords = {
  local: 'The scenario has not printed anything yet. The output of console.log appears here.',
  aws: 'The output of the scenario is in the logs of its workers, in CloudWatch.',
}

function Lines({ lines, startedAt }: Pick<Printed, 'lines'> & { startedAt: number }): JSX.Element {
  const box = useRef<HTMLDivElement>(null)
  const follows = useRef(true)
  useLayoutEffect(() => {
    if (box.current && follows.current) box.current.scrollTop = box.current.scrollHeight
  }, [lines])
  const hasOrigins = lines.some(({ by }) => by !== null)
  return (
    <div
      class="output"
      role="log"
      aria-label="Printed lines"
      aria-live="off"
      tabIndex={0}
      ref={box}
      onScroll={({ currentTarget: { scrollTop, clientHeight, scrollHeight } }) => {
        // The output scrolls to a new line, but not if the user has scrolled up to read earlier lines.
        follows.current = scrollTop + clientHeight > scrollHeight - 20
      }}
    >
      {lines.map(({ at, by, text }) => (
        <p>
          <span class="at" title={instant(at)}>
            {moment((at - startedAt) / 1000)}
          </span>{' '}
          {hasOrigins && <span class="by">{by ?? ''}</span>} <Outside text={text} />
        </p>
      ))}
    </div>
  )
}
