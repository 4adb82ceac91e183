import { type Figure, badCount, count, instant, ms, plural, rate, share, span } from '../figures.ts'
import { type Markup, html } from '../markup.ts'
import type { Report } from '../report.ts'
import { moment } from '../../words.ts'

const signs = { passed: '✓', failed: '✗', inconclusive: '?', unjudged: '•' }
const words = { passed: 'Passed', failed: 'Failed', inconclusive: 'Inconclusive', unjudged: 'Unjudged' }

/** What run this is, how it ended and why: the first thing to read. */
export function head(report: Report): Markup {
  const { run, verdict } = report
  const [first, ...others] = verdict.reasons
  return html`<header>
    <div class="title">
      <h1><span class="brand">burst</span><bdi>${run.name}</bdi></h1>
      <p class="facts">
        <bdi>${run.host}</bdi> · ${instant(run.startedAt)} · ${span(run.endedAt - run.startedAt)} ·
        ${run.backend === 'local' ? 'this machine' : run.regions.join(', ')}, ${plural(run.workers, 'worker')}
      </p>
    </div>
    <section class="verdict ${verdict.result}" aria-label="Verdict">
      <p class="word"><span aria-hidden="true">${signs[verdict.result]}</span> ${words[verdict.result]}</p>
      <div class="why">
        <p><bdi>${first}</bdi></p>
        ${
          others.length > 0 &&
          html`<ul>
            ${others.map((reason) => html`<li><bdi>${reason}</bdi></li>`)}
          </ul>`
        }
        ${evidence(report)}
      </div>
    </section>
  </header>`
}

function evidence({ verdict, thresholds, completeness, generator, load }: Report): Markup {
  const held = thresholds.filter((threshold) => threshold.passed).length
  const health = { healthy: 'generator healthy', bound: 'generator-bound', unknown: 'generator health unknown' }
  return html`<p class="evidence">
    ${thresholds.length > 0 && html`<a href="#thresholds">${held} of ${plural(thresholds.length, 'threshold')} held</a>`}
    <a href="#evidence">${completeness.complete ? 'nothing lost' : 'something is missing'}</a>
    <a href="#generator">${health[generator.result]}</a>
    ${load !== null && html`<a href="#users">${share(load.deliveredShare).text} of the planned load</a>`}
    ${verdict.stoppedBy !== null && html`<span>stopped by <bdi>${verdict.stoppedBy}</bdi></span>`}
    <span>exit code ${verdict.exitCode}</span>
  </p>`
}

interface KeyFigure {
  name: string
  figure: Figure
  below: string
  href: string
}

/** The eight numbers that people ask for first, each a link to where it comes from. */
export function keyFigures(report: Report): Markup {
  const tiles = [...loadFigures(report), ...latencyFigures(report), ...harmFigures(report)]
  return html`<section class="keys" aria-label="Key figures">
    ${tiles.map(
      (tile) =>
        html`<a href="${tile.href}" class="${tile.figure.alert === true ? 'key alert' : 'key'}">
          <span class="name">${tile.name}</span>
          <span class="value" title="${tile.figure.exact}">${tile.figure.text}</span>
          <span class="below">${tile.below}</span>
        </a>`,
    )}
  </section>`
}

function loadFigures({ totals, seconds, run }: Report): KeyFigure[] {
  const peak = greatest(seconds.map((second) => second.users))
  const busiest = greatest(seconds.map((second) => second.requests))
  const { failures, failureShare } = totals
  const most = run.plan.model === 'users' ? 'planned' : 'in the pool at most'
  return [
    { name: 'Users, peak', figure: count(peak), below: `of ${count(run.plan.users).text} ${most}`, href: '#users' },
    { name: 'Requests/s', figure: rate(totals.rps), below: `${count(busiest).text} at most`, href: '#requests' },
    {
      name: 'Errors',
      figure: { ...share(failureShare), alert: failures > 0 },
      below: `${count(failures).text} failed`,
      href: '#failures',
    },
  ]
}

function latencyFigures({ totals }: Report): KeyFigure[] {
  const of = (name: 'p50' | 'p95' | 'p99'): KeyFigure => ({
    name: `Latency, ${name}`,
    figure: ms(totals.latencyMs[name]),
    below: `${ms(totals.fromIntentMs[name]).text} from intent`,
    href: '#latency',
  })
  return [of('p50'), of('p95'), of('p99')]
}

function harmFigures({ totals, users, arrivals }: Report): KeyFigure[] {
  const started = Math.max(users.started, users.unharmed)
  const unharmed = started === 0 ? { ...count(0), text: '–' } : share(users.unharmed / started)
  const dropped = arrivals === null ? 0 : arrivals.offered - arrivals.started
  const sent = `${count(totals.exchanges).text} exchanges`
  return [
    {
      name: 'Requests',
      figure: count(totals.requests),
      below: dropped > 0 ? `${badCount(dropped).text} arrivals dropped` : sent,
      href: '#requests',
    },
    {
      name: 'Users unharmed',
      figure: unharmed,
      below: `${count(users.unharmed).text} of ${count(started).text}`,
      href: '#users',
    },
  ]
}

function greatest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, value), 0)
}

/** The places of the charts; the script fills them. */
export function charts(names: readonly { method: string; name: string }[], report: Report): Markup {
  const events = report.events.filter((event) => event.at !== null)
  return html`<section class="charts" id="latency" aria-label="Charts">
    <figure>
      <figcaption>
        <h2>Overview</h2>
        <span class="hint">shaded: latency from p50 to p99</span>
      </figcaption>
      <div class="chart" id="overview"></div>
    </figure>
    <figure>
      <figcaption>
        <h2>Latency</h2>
        <label class="picker" hidden
          >of
          <select id="latency-of">
            <option value="0">all requests</option>
            ${names.map((row, k) => html`<option value="${k + 1}">${row.method} ${row.name}</option>`)}
          </select></label
        >
      </figcaption>
      <div class="chart" id="percentiles"></div>
    </figure>
    <p class="hint charts-note">
      <noscript>The charts need JavaScript; every table below is complete without it.</noscript>
      <span class="scripted" hidden>Drag across a chart to look closer, double-click to see the whole run.</span>
      <button type="button" id="whole-run" hidden>Whole run</button>
      ${events.length > 0 && html`<span>▾ ${events.slice(0, 6).map((event) => html`<span class="event">${moment(event.at ?? 0)} <bdi>${event.text}</bdi></span>`)}${events.length > 6 && html`<a href="#events">all ${events.length} events</a>`}</span>`}
    </p>
  </section>`
}
