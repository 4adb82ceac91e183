import type { JSX } from 'preact'
import { type Figure, badCount, count, ms, share } from '../../core/report/figures.ts'
import type { Report } from '../../core/report/report.ts'
import type { StepEntry } from '../../core/report/entries/search-entry.ts'
import { levelInWords, whyOfStep } from '../../core/verdict/searched.ts'
import { moment } from '../../core/words.ts'
import { Outside, Section } from '../figure.tsx'
import { type Column, Table } from '../table.tsx'

const signs = { held: '✓ held', broke: '✗ broke', unclear: '? unclear' }

/** Shows the steps of a search for the highest load, with their measurements. Shows nothing if the run had no search. */
export function Search({ report: { search } }: { report: Report }): JSX.Element | null {
  if (!search) return null
  const inWords = wordsFor(search.unit)
  return (
    <Section id="search" title="Search for the highest load">
      <p class="calm">
        {search.held === null ? 'No load held' : `The highest load that held: ${inWords(search.held)}`}
        {search.broke === null ? '.' : `; the lowest load that broke: ${inWords(search.broke)}.`} The search had a limit
        of {inWords(search.max)}. A load breaks if {search.until.length > 1 && 'one of '}
        <Outside text={search.until.map((expression) => `'${expression}'`).join(', ')} /> does not hold over a whole
        step.
      </p>
      {search.steps.length > 0 && (
        <Table
          caption="Steps of the search"
          rows={search.steps}
          keyOf={({ fromS }) => String(fromS)}
          columns={columnsFor(search.unit)}
        />
      )}
    </Section>
  )
}

type Unit = NonNullable<Report['search']>['unit']

function wordsFor(unit: Unit): (level: number) => string {
  return (level) => levelInWords(level, { whole: unit === 'users' })
}

function columnsFor(unit: Unit): Column<StepEntry>[] {
  const inWords = wordsFor(unit)
  const load = (level: number): Figure => ({ text: inWords(level), exact: inWords(level), value: level })
  return [
    { key: 'level', title: 'Load', number: ({ level }) => load(level) },
    { key: 'from', title: 'From–to', text: ({ fromS, toS }) => `${moment(fromS)}–${moment(toS)}` },
    { key: 'requests', title: 'Requests', number: ({ requests }) => count(requests) },
    { key: 'p95', title: 'p95', number: ({ p95Ms }) => ms(p95Ms) },
    { key: 'failures', title: 'Failures', number: ({ failures }) => badCount(failures) },
    { key: 'errors', title: 'Errors', number: ({ failureShare }) => share(failureShare) },
    { key: 'result', title: 'Result', text: ({ result }) => result, cell: (step) => <Result step={step} /> },
  ]
}

function Result({ step }: { step: StepEntry }): JSX.Element {
  if (step.result === 'held') return <>{signs.held}</>
  return (
    <>
      <strong class="alert">{signs[step.result]}</strong>{' '}
      <span class="hint">
        <Outside text={whyOfStep(step)} />
      </span>
    </>
  )
}
