import type { JSX } from 'preact'
import { badCount, count, ms, share } from '../../core/report/figures.ts'
import type { Report, StepEntry } from '../../core/report/report.ts'
import { levelInWords, whyOfStep } from '../../core/verdict/searched.ts'
import { moment } from '../../core/words.ts'
import { Outside, Section } from '../figure.tsx'
import { type Column, Table } from '../table.tsx'

const signs = { held: '✓ held', broke: '✗ broke', unclear: '? unclear' }

/** The steps of a search for the highest load, with what was measured in each; nothing where the run had none. */
export function Search({ report: { search } }: { report: Report }): JSX.Element | null {
  if (!search) return null
  const inWords = (level: number): string => levelInWords(level, { whole: search.unit === 'users' })
  const columns: Column<StepEntry>[] = [
    {
      key: 'level',
      title: 'Load',
      number: ({ level }) => ({ text: inWords(level), exact: inWords(level), value: level }),
    },
    { key: 'from', title: 'From–to', text: ({ fromS, toS }) => `${moment(fromS)}–${moment(toS)}` },
    { key: 'requests', title: 'Requests', number: ({ requests }) => count(requests) },
    { key: 'p95', title: 'p95', number: ({ p95Ms }) => ms(p95Ms) },
    { key: 'failures', title: 'Failures', number: ({ failures }) => badCount(failures) },
    { key: 'errors', title: 'Errors', number: ({ failureShare }) => share(failureShare) },
    {
      key: 'result',
      title: 'Result',
      text: ({ result }) => result,
      cell: (step) => (
        <>
          {step.result === 'held' ? signs.held : <strong class="alert">{signs[step.result]}</strong>}{' '}
          {step.result !== 'held' && (
            <span class="hint">
              <Outside text={whyOfStep(step)} />
            </span>
          )}
        </>
      ),
    },
  ]
  return (
    <Section id="search" title="Search for the highest load">
      <p class="calm">
        {search.held === null ? 'No load held' : `The highest load that held: ${inWords(search.held)}`}
        {search.broke === null ? '.' : `; the lowest that broke: ${inWords(search.broke)}.`} Tried up to{' '}
        {inWords(search.max)}, until one of <Outside text={search.until.join(', ')} /> broke over a whole step.
      </p>
      {search.steps.length > 0 && (
        <Table
          caption="Steps of the search"
          rows={search.steps}
          keyOf={({ fromS }) => String(fromS)}
          columns={columns}
        />
      )}
    </Section>
  )
}
