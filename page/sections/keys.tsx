import { greatest } from '../../core/extremes.ts'
import type { JSX } from 'preact'
import { type Figure, count, ms, rate, share } from '../../core/report/figures.ts'
import { isAlerting } from './alerts.ts'
import { counted } from '../../core/words.ts'
import { Count } from '../figure.tsx'
import type { RunModel } from '../model/model.ts'
import type { Span } from '../model/span.ts'
import type { Figures } from '../model/statistics.ts'

interface Key {
  name: string
  figure: Figure
  below: string
}

/** Shows the most important values of the selected span. The fraction of users without a failure is always for the whole run. */
export function Keys({ model, span, all }: { model: RunModel; span: Span | null; all: Figures }): JSX.Element {
  return (
    <dl class="keys" aria-label="Key figures">
      {[...loadKeys(model, span, all), ...latencyKeys(all), unharmed(model, span)].map(({ name, figure, below }) => (
        <div class={figure.alert === true ? 'key alert' : 'key'}>
          <dt>{name}</dt>
          <dd class="value">
            <Count of={{ ...figure, alert: false }} />
          </dd>
          <dd class="below">{below}</dd>
        </div>
      ))}
    </dl>
  )
}

function loadKeys({ report, stepS }: RunModel, span: Span | null, all: Figures): Key[] {
  const seconds = span ? report.seconds.slice(span.from * stepS, span.to * stepS) : report.seconds
  const most = (of: (second: (typeof seconds)[number]) => number): number => greatest(seconds, of, 0)
  const planned = report.run.plan.model === 'users' ? most((second) => second.plannedUsers) : report.run.plan.users
  const of = report.run.plan.model === 'users' ? `of ${count(planned).text} planned` : `pool of ${count(planned).text}`
  const alert = isAlerting(report, { ...all, method: '', name: '' }, span !== null)
  return [
    { name: 'Users, peak', figure: count(most((second) => second.users)), below: of },
    { name: 'Requests/s', figure: rate(all.rps), below: counted(all.requests, 'request') },
    {
      name: 'Errors',
      figure: { ...share(all.failureShare), alert },
      below: `${count(all.failures).text} failed`,
    },
  ]
}

function latencyKeys(all: Figures): Key[] {
  return [
    { name: 'Latency p50', figure: ms(all.p50), below: '50 % are faster' },
    { name: 'Latency p95', figure: ms(all.p95), below: '95 % are faster' },
    { name: 'Latency p99', figure: ms(all.p99), below: `${ms(all.intentP99).text} from intent` },
    { name: 'Slowest', figure: ms(all.max), below: 'of all requests' },
  ]
}

function unharmed({ report: { users } }: RunModel, span: Span | null): Key {
  const started = Math.max(users.started, users.unharmed)
  const figure = started === 0 ? { ...count(0), text: '–' } : share(users.unharmed / started)
  return {
    name: 'Users without a failure',
    figure,
    below: span ? 'whole run' : `${count(users.unharmed).text} of ${count(started).text}`,
  }
}
