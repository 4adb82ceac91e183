import { count, instant, span, usd } from '../figures.ts'
import { type Markup, html } from '../markup.ts'
import type { Report } from '../report.ts'
import { moment } from '../../words.ts'

/** Why the numbers can be believed, and how to get them again. */
export function evidence(report: Report): Markup {
  return html`<section class="pair" id="evidence">
      <div>
        <h2>Completeness</h2>
        ${completeness(report)} ${cost(report)}
      </div>
      <div>
        <h2>Plan and provenance</h2>
        ${plan(report)}
      </div>
    </section>
    ${report.events.length > 0 && events(report)} ${meaning}`
}

function completeness({ completeness: it }: Report): Markup {
  const verdict = it.complete
    ? html`<p class="good">✓ Everything that was counted is in this report.</p>`
    : html`<p class="alert">✗ Something that was counted is not in this report.</p>`
  return html`${verdict}
    ${
      it.lost.length > 0 &&
      html`<ul>
        ${it.lost.map((sentence) => html`<li><bdi>${sentence}</bdi></li>`)}
      </ul>`
    }
    <dl>
      ${line('Slices that reported', `${count(it.slicesReported).text} of ${count(it.slicesExpected).text}`)}
      ${line('Intervals merged', `${count(it.windowsMerged).text} of ${count(it.windowsExpected).text}`)}
      ${line('Repeats dropped', count(it.duplicatesDropped).text)} ${line('Too late to be merged', count(it.late).text)}
      ${line('Unreadable', count(it.unreadable).text)}
    </dl>`
}

function line(name: string, value: string | Markup): Markup {
  return html`<dt>${name}</dt>
    <dd><bdi>${value}</bdi></dd>`
}

function cost({ cost: it, run }: Report): Markup {
  if (run.backend === 'local') return html``
  return html`<h3>Cost</h3>
    <dl>
      ${line('Estimated before', usd(it.estimateUsd))} ${line('Actual', usd(it.actualUsd))}
      ${it.lines.map((one) => line(one.what, usd(one.usd)))}
    </dl>`
}

function plan({ run }: Report): Markup {
  return html`<ul>
      ${run.plan.words.map((sentence) => html`<li><bdi>${sentence}</bdi></li>`)}
    </ul>
    <dl class="wide">
      ${line('Run', run.id)} ${line('Scenario', run.scenario)} ${line('Target', run.host)}
      ${line('From', instant(run.startedAt))} ${line('To', instant(run.endedAt))}
      ${line('Planned length', run.plan.durationMs === null ? 'until stopped' : span(run.plan.durationMs))}
      ${line('Seed', html`<code>${run.seed}</code>`)} ${line('Bundle', html`<code>${run.bundle}</code>`)}
      ${line('Build of burst', html`<code>${run.build}</code>`)}
    </dl>`
}

function events(report: Report): Markup {
  return html`<section id="events">
    <h2>Events</h2>
    <dl class="timeline">
      ${report.events.map((event) => line(event.at === null ? '–' : moment(event.at), event.text))}
    </dl>
  </section>`
}

const meaning = html`<section id="meaning" class="prose">
  <h2>What the numbers mean</h2>
  <p>
    <b>Latency</b> runs from the moment a request was written to the socket until the last byte of its answer had
    arrived. Time to look up a name, connect and shake hands is not in it; those phases have columns of their own. A
    chain of redirects is one request, and its hops are counted as <b>exchanges</b>.
  </p>
  <p>
    <b>From intent</b> begins when the user meant to send: at the scheduled time of an arrival or a paced iteration,
    otherwise when the planned pause was over. It contains every delay, burst’s own too. Where it is far above the
    latency, users had to wait before they could even ask.
  </p>
  <p>
    <b>Lag</b> is how much later than its user meant a request was sent, by burst’s own doing. The <b>possible error</b>
    of a latency is the longest time that its bytes may have waited until burst read them. A run is generator-bound when
    more than 1 % of the requests were sent late by more than 5 ms and a tenth of the name’s median latency, when the
    possible error exceeds 1 ms and a twentieth of that median for more than 1 % of them, or when lag cost more than 2 %
    of the load. It then proves little about the target. The first second of each worker is not judged.
  </p>
  <p>
    <b>Percentiles</b> are read from HdrHistograms with three significant digits, after those of all workers and windows
    were added up. Percentiles are never averaged. Failed requests are included; requests that burst cut off when users
    stopped (<b>interrupted</b>) are not. A user is <b>unharmed</b> if none of its requests failed and its code threw
    nothing.
  </p>
</section>`
