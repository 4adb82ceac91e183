import type { JSX } from 'preact'
import { badCount, count, ms, share } from '../../core/report/figures.ts'
import { mayBeInaccurate } from '../../core/verdict/generator/doubts.ts'
import { counted } from '../../core/words.ts'
import type { WorkerEntry } from '../../core/report/entries/report-entries.ts'
import type { Report } from '../../core/report/report.ts'
import { Count, Facts, Section, Sentences } from '../figure.tsx'
import { type Column, Table } from '../table.tsx'

/** Shows the users and the arrivals, whether the generator kept up with the load, and the workers. */
export function Load({ report }: { report: Report }): JSX.Element {
  return (
    <>
      <div class="pair">
        <Section id="users" title="Users">
          <Users report={report} />
        </Section>
        <Section id="generator" title="Generator">
          <Generator report={report} />
        </Section>
      </div>
      <Section id="workers" title="Workers">
        <Workers rows={report.workers} />
        <PlatformErrors rows={report.workers.filter(({ errors }) => errors.length > 0)} />
      </Section>
    </>
  )
}

type Fact = [name: string, value: JSX.Element]

function fact(name: string, n: number): Fact {
  return [name, <Count of={count(n)} />]
}

function some(name: string, n: number): Fact[] {
  return n > 0 ? [fact(name, n)] : []
}

function bad(name: string, n: number): Fact[] {
  return n > 0 ? [[name, <Count of={badCount(n)} />]] : []
}

function Users({ report: { users, arrivals, load } }: { report: Report }): JSX.Element {
  return (
    <>
      <Facts
        of={[
          fact('Started', users.started),
          ...Object.entries(users.byClass).map(([name, n]) => fact(`of class ${name}`, n)),
          fact('Without a failed request or an exception', users.unharmed),
          ...bad('Failed to start', users.failedToStart),
          ...bad('Stopped: no data rows left', users.exhausted),
          ...bad('Iterations skipped because the user was behind its pace', users.missedIterations),
          ...some('Handed over between workers', users.carried),
          ...some('Started again by the next worker', users.begunAnew),
        ]}
      />
      {load !== null && (
        <p>
          Users were active for {share(load.deliveredShare).text} of the planned time:{' '}
          {count(Math.round(load.deliveredUserSeconds)).text} of {count(Math.round(load.plannedUserSeconds)).text}{' '}
          user-seconds.
        </p>
      )}
      {arrivals !== null && (
        <>
          <h3>Arrivals</h3>
          <Facts
            of={[
              fact('Planned', arrivals.offered),
              fact('Started', arrivals.started),
              ...bad('Dropped: no user of the pool was free', arrivals.dropped.pool),
              ...bad('Dropped: the generator was late', arrivals.dropped.generator),
              ...bad('Dropped: a worker was lost', arrivals.dropped.lost),
            ]}
          />
        </>
      )}
    </>
  )
}

const inaccurate = '✗ The latencies may be inaccurate.'
const health = {
  healthy: '✓ The generator kept up.',
  inaccurate,
  bound: '✗ Generator-bound: requests were sent later than planned, because of burst itself.',
  unknown: '? It is not known whether the generator kept up.',
}

const tones = { healthy: 'good', inaccurate: 'alert', bound: 'alert', unknown: 'calm' }

function Generator({ report: { generator } }: { report: Report }): JSX.Element {
  const lags = [
    { name: 'Latency error, upper bound', of: generator.timingErrorMs },
    { name: 'Send delay, total', of: generator.lagMs },
    { name: 'Part: from call to socket write', of: generator.sendLagMs },
    { name: 'Part: from response to user code', of: generator.userLagMs },
  ]
  return (
    <>
      <p class={tones[generator.result]}>{health[generator.result]}</p>
      {generator.result === 'bound' && mayBeInaccurate(generator) && <p class="alert">{inaccurate}</p>}
      <Sentences of={generator.reasons} />
      <Table
        caption="Delays caused by burst"
        rows={lags}
        keyOf={({ name }) => name}
        columns={[
          { key: 'name', title: 'Delay', text: ({ name }) => name },
          ...(['p50', 'p99', 'max'] as const).map((key) => ({
            key,
            title: key === 'max' ? 'Max' : key,
            number: ({ of }: (typeof lags)[number]) => ms(of[key]),
          })),
        ]}
      />
    </>
  )
}

/** If a run has more workers than this number, the list of workers is collapsed. */
const shownWorkers = 20

function Workers({ rows }: { rows: readonly WorkerEntry[] }): JSX.Element {
  const table = <Table caption="Workers" rows={rows} keyOf={({ slice }) => String(slice)} columns={workerColumns} />
  if (rows.length <= shownWorkers) return table
  const again = rows.filter(({ attempts }) => attempts > 1).length
  return (
    <details>
      <summary>
        {counted(rows.length, 'worker')}
        {again > 0 && `, ${count(again).text} of them started again`}
      </summary>
      {table}
    </details>
  )
}

/** Shows the errors of failed workers, as the platform reported them. */
function PlatformErrors({ rows }: { rows: readonly WorkerEntry[] }): JSX.Element | null {
  if (rows.length === 0) return null
  const said = rows.flatMap(({ slice, errors }) =>
    errors.map((error) => [`worker ${slice}`, <bdi>{error}</bdi>] as const),
  )
  return (
    <details>
      <summary>{counted(rows.length, 'worker')} failed: messages of the platform</summary>
      <Facts of={said} />
    </details>
  )
}

const workerColumns: Column<WorkerEntry>[] = [
  { key: 'slice', title: 'Worker', text: ({ slice }) => String(slice) },
  { key: 'region', title: 'Where', text: ({ region }) => region },
  {
    key: 'attempts',
    title: 'Attempts',
    number: ({ attempts, errors }) => ({ ...count(attempts), alert: errors.length > 0 }),
  },
  { key: 'users', title: 'Users', number: ({ users }) => count(users) },
  { key: 'requests', title: 'Requests', number: ({ requests }) => count(requests) },
  { key: 'lag50', title: 'Lag p50', number: ({ lagMs }) => ms(lagMs.p50) },
  { key: 'lag99', title: 'Lag p99', number: ({ lagMs }) => ms(lagMs.p99) },
  { key: 'loop', title: 'Loop delay p99', number: ({ loopDelayMs }) => ms(loopDelayMs.p99) },
  { key: 'busy', title: 'Loop busy', number: ({ loopUtilization }) => share(loopUtilization) },
  {
    key: 'wait',
    title: 'Waited for a core',
    hint: 'ready to run, but other processes used all cores',
    number: ({ coreWaitShare }) => share(coreWaitShare),
  },
  { key: 'gc', title: 'GC', hint: 'time spent collecting garbage', number: ({ gcMs }) => ms(gcMs) },
  { key: 'rss', title: 'Memory, MiB', number: ({ rssMb }) => count(Math.round(rssMb)) },
  { key: 'sockets', title: 'Sockets', number: ({ sockets }) => count(sockets) },
]
