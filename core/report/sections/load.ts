import { badCount, count, ms, plural, share } from '../figures.ts'
import { type Markup, html } from '../markup.ts'
import type { Report, WorkerEntry } from '../report.ts'
import { table } from '../table.ts'

/** Who made the load: users, arrivals, and how well the generator kept up. */
export function load(report: Report): Markup {
  return html`<section class="pair">
      <div id="users">${users(report)} ${report.arrivals !== null && arrivals(report.arrivals)}</div>
      <div id="generator">${generator(report)}</div>
    </section>
    <section id="workers">
      <h2>Workers</h2>
      ${workers(report.workers)}
    </section>`
}

function facts(rows: readonly (readonly [string, number, string?])[]): Markup {
  return html`<dl>
    ${rows.map(
      ([name, n, bad]) =>
        html`<dt>${name}</dt>
          <dd class="${bad !== undefined && n > 0 ? 'alert' : ''}" title="${n}">${count(n).text}</dd>`,
    )}
  </dl>`
}

function users({ users: it, load: time }: Report): Markup {
  const classes = Object.entries(it.byClass)
  return html`<h2>Users</h2>
    ${facts([
      ['Started', it.started],
      ...classes.map(([name, n]) => [`of class ${name}`, n] as const),
      ['Unharmed: no failed request, no exception', it.unharmed],
      ['Failed to start', it.failedToStart, 'bad'],
      ...optional('Stopped: no data row left', it.exhausted),
      ...optional('Iterations given up, behind their pace', it.missedIterations),
    ])}
    ${time !== null && html`<p>Users were there for ${share(time.deliveredShare).text} of the time that was planned for them: ${count(Math.round(time.deliveredUserSeconds)).text} of ${count(Math.round(time.plannedUserSeconds)).text} user-seconds.</p>`}`
}

function optional(name: string, n: number): [string, number, string][] {
  return n > 0 ? [[name, n, 'bad']] : []
}

function arrivals({ offered, started, dropped }: NonNullable<Report['arrivals']>): Markup {
  return html`<h3>Arrivals</h3>
    ${facts([
      ['Planned', offered],
      ['Started', started],
      ['Dropped: no user was free', dropped.pool, 'bad'],
      ['Dropped: the generator was late', dropped.generator, 'bad'],
      ['Dropped: their worker was lost', dropped.lost, 'bad'],
    ])}`
}

const health = {
  healthy: '✓ The generator kept up.',
  bound: '✗ The generator was the bottleneck for part of the run.',
  unknown: '? Whether the generator kept up could not be measured.',
}

function generator({ generator: it }: Report): Markup {
  const lags = [
    { name: 'Possible error of a latency', of: it.timingErrorMs },
    { name: 'Sent later than meant', of: it.lagMs },
    { name: 'From the call to the write', of: it.sendLagMs },
    { name: 'From the response to the user', of: it.userLagMs },
  ]
  return html`<h2>Generator</h2>
    <p class="${it.result === 'healthy' ? 'good' : 'alert'}">${health[it.result]}</p>
    ${it.reasons.map((reason) => html`<p><bdi>${reason}</bdi></p>`)}
    ${table<(typeof lags)[number]>({
      caption: 'Delays by burst itself',
      rows: lags,
      columns: [
        { title: 'Delay', kind: 'name', cell: (lag) => lag.name },
        { title: 'p50', kind: 'number', cell: (lag) => ms(lag.of.p50) },
        { title: 'p99', kind: 'number', cell: (lag) => ms(lag.of.p99) },
        { title: 'Max', kind: 'number', cell: (lag) => ms(lag.of.max) },
      ],
    })}`
}

function workers(rows: readonly WorkerEntry[]): Markup {
  const shown = table<WorkerEntry>({
    caption: 'Workers',
    rows,
    columns: [
      {
        title: 'Slice',
        kind: 'name',
        cell: (it) => ({ text: String(it.slice), exact: `slice ${it.slice}`, value: it.slice }),
      },
      { title: 'Where', kind: 'text', cell: (it) => it.region },
      { title: 'Attempts', kind: 'number', cell: (it) => ({ ...count(it.attempts), alert: it.attempts > 1 }) },
      { title: 'Users', kind: 'number', cell: (it) => count(it.users) },
      { title: 'Requests', kind: 'number', cell: (it) => count(it.requests) },
      { title: 'Lag p50', kind: 'number', cell: (it) => ms(it.lagMs.p50) },
      { title: 'Lag p99', kind: 'number', cell: (it) => ms(it.lagMs.p99) },
      { title: 'Loop delay p99', kind: 'number', cell: (it) => ms(it.loopDelayMs.p99) },
      { title: 'Loop busy', kind: 'number', cell: (it) => share(it.loopUtilization) },
      { title: 'GC', kind: 'number', hint: 'time spent collecting garbage', cell: (it) => ms(it.gcMs) },
      { title: 'Memory, MiB', kind: 'number', cell: (it) => count(Math.round(it.rssMb)) },
      { title: 'Sockets', kind: 'number', cell: (it) => count(it.sockets) },
    ],
  })
  const failed = rows.filter((it) => it.errors.length > 0)
  if (failed.length > 0) return html`${listed(rows, shown)} ${details(failed)}`
  return listed(rows, shown)
}

/** What the platform itself said of the workers that failed. */
function details(rows: readonly WorkerEntry[]): Markup {
  return html`<details>
    <summary>${plural(rows.length, 'worker')} failed: what the platform said</summary>
    <dl>
      ${rows.map((it) =>
        it.errors.map(
          (error) =>
            html`<dt>worker ${it.slice}</dt>
              <dd><bdi>${error}</bdi></dd>`,
        ),
      )}
    </dl>
  </details>`
}

function listed(rows: readonly WorkerEntry[], shown: Markup): Markup {
  if (rows.length <= 20) return shown
  const relaunched = rows.filter((it) => it.attempts > 1).length
  const more = relaunched > 0 && html`, <span class="alert">${badCount(relaunched).text} of them relaunched</span>`
  return html`<details>
    <summary>${plural(rows.length, 'worker')}${more}</summary>
    ${shown}
  </details>`
}
