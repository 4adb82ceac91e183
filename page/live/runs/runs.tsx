import type { JSX } from 'preact'
import { badCount, count, ms, span } from '../../../core/report/figures.ts'
import type { RunEntry, RunList } from '../../../core/ui.ts'
import { Section } from '../../figure.tsx'
import { type Column, Table } from '../../table.tsx'

const states: Record<RunEntry['state'], [sign: string, word: string]> = {
  running: ['●', 'running'],
  lost: ['✗', 'no report'],
  passed: ['✓', 'passed'],
  failed: ['✗', 'failed'],
  inconclusive: ['?', 'inconclusive'],
  unjudged: ['•', 'unjudged'],
}

const places = { local: 'this machine', aws: 'AWS' }

/** The runs that are on, and those that were, the newest first. */
export function Runs({ runs, problem, go }: RunList & { go: (run: string) => void }): JSX.Element {
  return (
    <Section id="runs" title="Runs">
      {runs.length === 0 ? (
        <p class="calm">There are no runs yet. Those that are started in a terminal are shown here as well.</p>
      ) : (
        <Table caption="Runs" rows={runs} keyOf={({ run }) => run} columns={columnsFor(runs, go)} />
      )}
      {problem && (
        <p class="calm">
          The runs on AWS cannot be read now: <bdi>{problem.message}</bdi>
          {problem.hint !== undefined && (
            <>
              ; <bdi>{problem.hint}</bdi>
            </>
          )}
        </p>
      )}
    </Section>
  )
}

function columnsFor(runs: readonly RunEntry[], go: (run: string) => void): Column<RunEntry>[] {
  const isMixed = runs.some(({ where }) => where === 'aws')
  return [
    { key: 'name', title: 'Run', text: ({ name }) => name, cell: (entry) => <Link entry={entry} go={go} /> },
    { key: 'state', title: 'Verdict', text: ({ state }) => state, cell: ({ state }) => <State state={state} /> },
    {
      key: 'started',
      title: 'Started',
      number: ({ startedAt }) => ({
        text: dateOf(startedAt),
        exact: new Date(startedAt).toISOString(),
        value: startedAt,
      }),
    },
    ...(isMixed ? [whereColumn] : []),
    { key: 'users', title: 'Users', number: ({ users }) => count(users) },
    { key: 'requests', title: 'Requests', number: ({ requests }) => unlessNull(requests, count) },
    { key: 'failures', title: 'Failed', number: ({ failures }) => unlessNull(failures, badCount) },
    { key: 'p95', title: 'p95', number: ({ p95 }) => ms(p95) },
    {
      key: 'took',
      title: 'Took',
      number: ({ tookMs }) => unlessNull(tookMs, (took) => ({ text: span(took), exact: `${took} ms`, value: took })),
    },
    { key: 'host', title: 'Target', text: ({ host }) => host, cell: ({ host }) => <bdi>{host}</bdi> },
  ]
}

const whereColumn: Column<RunEntry> = {
  key: 'where',
  title: 'Where',
  text: ({ where }) => places[where],
  cell: ({ where }) => <>{places[where]}</>,
}

type Shown = ReturnType<typeof count>

function unlessNull(value: number | null, show: (value: number) => Shown): Shown {
  return value === null ? { text: '', exact: '', value: null } : show(value)
}

function Link({ entry: { run, name, state, where }, go }: { entry: RunEntry; go: (run: string) => void }): JSX.Element {
  if (state === 'lost') return <bdi title={`${rescues[where](run)} makes a report of what was counted`}>{name}</bdi>
  return (
    <a
      href={`/runs/${run}`}
      title={run}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return
        event.preventDefault()
        go(run)
      }}
    >
      <bdi>{name}</bdi>
    </a>
  )
}

/** What makes the report of a run that is lost. */
const rescues = {
  local: (run: string) => `burst report ${run} --local --finalize`,
  aws: (run: string) => `burst watch ${run}`,
}

function State({ state }: Pick<RunEntry, 'state'>): JSX.Element {
  const [sign, word] = states[state]
  return (
    <span class={`state ${state}`}>
      <span aria-hidden="true">{sign}</span> {word}
    </span>
  )
}

/** In the zone of this browser, to the minute. */
function dateOf(at: number): string {
  return new Date(at).toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'short' })
}
