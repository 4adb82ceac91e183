import type { LiveSnapshot } from '../../core/report/live/snapshot.ts'
import { progressBar } from './progress-bar.ts'
import { cleanAll, type Style } from './style.ts'
import { type Column, fit, renderTable } from './table.ts'
import { counted, grouped, milliseconds, moment, perSecond, percent } from '../../core/words.ts'

const topRows = 6
const columns: Column[] = [
  { title: 'busiest', flexible: true },
  { title: 'req/s', align: 'right' },
  { title: 'failed/s', align: 'right' },
  { title: 'p50', align: 'right' },
  { title: 'p95', align: 'right' },
]

/** Returns the state of the run in a few lines of at most `width` columns. */
export function renderLive(snapshot: LiveSnapshot, width: number, style: Style): string {
  const now = cleanAll(snapshot)
  if (now.phase === 'starting') return fit(`starting ${counted(now.workersPlanned, 'worker')}`, width)
  const facts = [
    ['users', usersLine(now)],
    ['requests', `${grouped(now.requests)}, ${perSecond(now.rps)}/s`],
    ['failures', failuresLine(now, style)],
    ['latency', latencyLine(now)],
    ['workers', `${now.workersAlive} of ${now.workersPlanned} alive`],
    ['generator', generatorLine(now, style)],
  ]
  const rows = facts.map(([label, text]) => [style.dim(label as string), text as string])
  const head = renderTable([{ title: '' }, { title: '', flexible: true }], rows, { width })
  return [progressLine(now, width, style), head, ...busiest(now, width, style)].join('\n')
}

/** Returns one line with the state of the run, for logs. */
export function renderLiveLine(snapshot: LiveSnapshot): string {
  const now = cleanAll(snapshot)
  const { p50, p95, p99 } = now.latencyMs
  return [
    moment(now.elapsedS),
    `${grouped(now.users)}/${grouped(now.plannedUsers)} users`,
    `${perSecond(now.rps)} req/s`,
    counted(now.requests, 'request'),
    `${grouped(now.failures)} failed`,
    `p50 ${milliseconds(p50)}`,
    `p95 ${milliseconds(p95)}`,
    `p99 ${milliseconds(p99)}`,
    `${now.workersAlive}/${now.workersPlanned} workers`,
    now.generator.findings.length > 0 ? generatorLine(now) : `generator ${generatorLine(now)}`,
    pausedWords(now).trim(),
    endingWords(now).trim(),
  ]
    .filter((part) => part !== '')
    .join('  ')
}

function generatorLine({ generator: { isMeasured, findings } }: LiveSnapshot, style?: Style): string {
  if (findings.length === 0) return isMeasured ? 'healthy' : 'not judged yet'
  return findings.map(({ isSure, words }) => (isSure && style ? style.yellow(words) : words)).join('; ')
}

function progressLine(now: LiveSnapshot, width: number, style: Style): string {
  const ending = endingWords(now)
  const paused = pausedWords(now)
  if (now.durationS === null) return fit(`${moment(now.elapsedS)}${paused}${ending}, until Ctrl-C`, width)
  const before = `${moment(Math.min(now.elapsedS, now.durationS))} `
  const after = ending || `${paused && `${paused},`} ${moment(Math.max(0, now.durationS - now.elapsedS))} left`
  const room = width - before.length - after.length
  if (room < 5) return fit(`${before}${after.trim()}`, width)
  const bar = progressBar(now.elapsedS / now.durationS, Math.min(50, room))
  return `${before}${style.green(bar.done)}${style.dim(bar.left)}${after}`
}

/**
 * Returns words for a phase after the end of the load. Returns '' for an earlier phase. Both the live view and the lines for logs show these words.
 */
function endingWords({ phase, workersAwaited }: LiveSnapshot): string {
  if (phase === 'ending') return ' ending'
  if (phase === 'waiting') return ` waiting for messages of ${counted(workersAwaited, 'worker')}`
  return phase === 'reporting' ? ' making the report' : ''
}

function pausedWords({ pause }: LiveSnapshot): string {
  return pause === 'paused' || pause === 'returning' ? ' paused' : ''
}

function usersLine(now: LiveSnapshot): string {
  const draining = now.draining > 0 ? `, ${grouped(now.draining)} ending` : ''
  return `${grouped(now.users)} of ${grouped(now.plannedUsers)} planned${draining}`
}

function failuresLine(now: LiveSnapshot, style: Style): string {
  if (now.failures === 0) return '0'
  return style.red(
    `${grouped(now.failures)} (${percent(now.failures / now.requests)}), ${perSecond(now.failuresPerS)}/s`,
  )
}

function latencyLine(now: LiveSnapshot): string {
  const { p50, p95, p99 } = now.latencyMs
  return `p50 ${milliseconds(p50)}, p95 ${milliseconds(p95)}, p99 ${milliseconds(p99)}`
}

function busiest(now: LiveSnapshot, width: number, style: Style): string[] {
  if (now.top.length === 0) return []
  const rows = now.top.slice(0, topRows).map((row) => {
    const failures = perSecond(row.failuresPerS)
    const name = `${row.method} ${row.name}`.trim()
    return [
      name,
      perSecond(row.rps),
      row.failuresPerS > 0 ? style.red(failures) : failures,
      milliseconds(row.p50),
      milliseconds(row.p95),
    ]
  })
  return ['', renderTable(columns, rows, { width, heading: style.dim })]
}
