import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { count, ms } from '../../../core/report/figures.ts'
import type { RunEntry, RunList } from '../../../core/report/live/ui-protocol.ts'
import { Section } from '../../figure.tsx'
import { type Column, Table } from '../../table.tsx'
import { type Place, addressOf } from '../router.ts'
import { counted, span } from '../../../core/words.ts'

const states: Record<RunEntry['state'], [sign: string, word: string]> = {
  running: ['●', 'running'],
  lost: ['✗', 'no report'],
  passed: ['✓', 'passed'],
  failed: ['✗', 'failed'],
  inconclusive: ['?', 'inconclusive'],
  unjudged: ['•', 'unjudged'],
}

const places = { local: 'this machine', aws: 'AWS' }

export interface RunsProps extends RunList {
  go: (place: Place) => void
  /** Fills the form for a new run with the values of an earlier run. This function is undefined if the page cannot start runs. */
  again: ((run: RunEntry) => void) | undefined
}

/** Shows the list of runs in progress and earlier runs, newest first. The user can pick two runs that have reports, and compare these runs. */
export function Runs({ runs, unreadable, problem, go, again }: RunsProps): JSX.Element {
  const [picked, setPicked] = useState<readonly string[]>([])
  const known = picked.filter((run) => runs.some((entry) => entry.run === run))
  const pick = (run: string): void => setPicked(toggled(known, run))
  return (
    <Section id="runs" title="Runs">
      {runs.length === 0 ? (
        <p class="calm">There are no runs yet. Runs that are started in a terminal also appear here.</p>
      ) : (
        <>
          {runs.filter(hasReport).length > 1 && <Picked runs={known} go={go} />}
          <Table
            caption="Runs"
            rows={runs}
            keyOf={({ run }) => run}
            columns={columnsFor(runs, { picked: known, pick, go, again })}
          />
        </>
      )}
      {unreadable && <Unreadable {...unreadable} />}
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

function Unreadable({ files, more }: NonNullable<RunList['unreadable']>): JSX.Element {
  return (
    <div class="unreadable">
      <p>{counted(files.length + more, 'report')} in this folder cannot be shown:</p>
      <ul>
        {files.map(({ file, why }) => (
          <li>
            <bdi>{file}</bdi>: <bdi>{why}</bdi>
          </li>
        ))}
        {more > 0 && <li>and {counted(more, 'more report')}</li>}
      </ul>
    </div>
  )
}

/**
 * Adds a run to the picked runs. If the run is already picked, removes it. At most two runs can be picked: a third run replaces the run that was
 * picked first.
 */
function toggled(picked: readonly string[], run: string): readonly string[] {
  return picked.includes(run) ? picked.filter((one) => one !== run) : [...picked, run].slice(-2)
}

function hasReport({ state }: RunEntry): boolean {
  return state !== 'running' && state !== 'lost'
}

const hints = ['Select two runs to compare them.', 'Select a second run to compare the two runs.', '']

function Picked({ runs, go }: { runs: readonly string[]; go: RunsProps['go'] }): JSX.Element {
  const [first, second] = runs
  const compare = (): void => {
    if (first !== undefined && second !== undefined) go({ kind: 'compare', runs: [first, second] })
  }
  return (
    <p class="picked">
      <button type="button" class="button" disabled={second === undefined} onClick={compare}>
        Compare
      </button>{' '}
      <span class="hint" aria-live="polite">
        {hints[runs.length]}
      </span>
    </p>
  )
}

interface Picking {
  picked: readonly string[]
  pick: (run: string) => void
  go: RunsProps['go']
  again: RunsProps['again']
}

function columnsFor(runs: readonly RunEntry[], picking: Picking): Column<RunEntry>[] {
  const isMixed = runs.some(({ where }) => where === 'aws')
  return [
    {
      key: 'name',
      title: 'Run',
      text: ({ name }) => name,
      cell: (entry) => <Named entry={entry} {...picking} />,
    },
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
    { key: 'users', title: 'Users', number: ({ users }) => count(users) },
    { key: 'requests', title: 'Requests', number: ({ requests }) => unlessNull(requests, count) },
    { key: 'failures', title: 'Failed', number: failed },
    { key: 'p95', title: 'p95', number: ({ p95 }) => ms(p95) },
    {
      key: 'took',
      title: 'Took',
      number: ({ tookMs }) => unlessNull(tookMs, (took) => ({ text: span(took), exact: `${took} ms`, value: took })),
    },
    ...(isMixed ? [whereColumn] : []),
    { key: 'host', title: 'Target', text: ({ host }) => host, cell: ({ host }) => <bdi>{host}</bdi> },
    ...(picking.again ? [againColumn(picking.again)] : []),
  ]
}

function againColumn(again: (run: RunEntry) => void): Column<RunEntry> {
  return {
    key: 'again',
    title: 'New run',
    cell: (entry) =>
      hasReport(entry) && (
        <button type="button" class="link again" aria-label={`Run again: ${entry.name}`} onClick={() => again(entry)}>
          Run again
        </button>
      ),
  }
}

const whereColumn: Column<RunEntry> = {
  key: 'where',
  title: 'Where',
  text: ({ where }) => places[where],
  cell: ({ where }) => <>{places[where]}</>,
}

function Named({ entry, picked, pick, go }: Picking & { entry: RunEntry }): JSX.Element {
  const { run, name } = entry
  return (
    <span class="named">
      <input
        type="checkbox"
        aria-label={`pick ${name}, ${dateOf(entry.startedAt)}, for a comparison`}
        disabled={!hasReport(entry)}
        checked={picked.includes(run)}
        onChange={() => pick(run)}
      />
      <Link entry={entry} go={go} />
    </span>
  )
}

type Shown = ReturnType<typeof count>

/** Returns the number of failures. The number gets a mark if more than 1 % of the requests failed and the verdict is not `passed`. */
function failed({ failures, requests, state }: RunEntry): Shown {
  if (failures === null) return unlessNull(failures, count)
  return { ...count(failures), alert: state !== 'passed' && failures > 0.01 * (requests ?? 0) }
}

function unlessNull(value: number | null, show: (value: number) => Shown): Shown {
  return value === null ? { text: '', exact: '', value: null } : show(value)
}

function Link({ entry: { run, name, state, where }, go }: { entry: RunEntry; go: RunsProps['go'] }): JSX.Element {
  if (state === 'lost') return <Lost name={name} command={rescues[where](run)} />
  return (
    <a
      href={addressOf({ kind: 'run', run })}
      title={run}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return
        event.preventDefault()
        go({ kind: 'run', run })
      }}
    >
      <bdi>{name}</bdi>
    </a>
  )
}

function Lost({ name, command }: { name: string; command: string }): JSX.Element {
  return (
    <span class="lost-run">
      <bdi>{name}</bdi>
      <span class="hint">
        to make a report from the stored counts, run <code>{command}</code>
      </span>
    </span>
  )
}

/** The command that makes the report of a run whose process or coordinator has failed. */
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

/** Returns the date in the time zone of the browser, to the minute. */
function dateOf(at: number): string {
  return new Date(at).toLocaleString('sv-SE', { dateStyle: 'short', timeStyle: 'short' })
}
