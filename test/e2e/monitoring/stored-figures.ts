import { expect } from 'vitest'
import type { Report } from '../../../core/report/report.ts'
import type { StoredSeries } from './prometheus-server.ts'

/** Names that could break a label: characters that a label must escape, names of labels and of metrics, queries, and very long names. */
const oddNames = [
  'quote " backslash \\ line\nend é',
  '__name__',
  'burst_requests_total{run="x"} 1e9',
  'le',
  "'; drop # HELP\r\n\t\u0000\u001b[31m",
  '{{.Labels}} ${run} $__all',
  '日本語 🛒 \u202e\u200b',
  'half \ud83d',
  ' ',
  'x'.repeat(10_000),
]

/**
 * Returns a scenario in which some requests succeed, and others fail with a status, an expectation or a timeout. The names of the requests to `/odd`
 * could break a label.
 */
export const shopScenario = (host: string): string => `
import { HttpUser, constant, scenario, task } from 'burst'
const names = ${JSON.stringify(oddNames)}
class Shopper extends HttpUser {
  count = this.index
  wait = constant('50ms')
  @task(3) async page() { await this.http.get('/page') }
  @task async gone() { await this.http.get('/status/500') }
  @task(2) async odd() { await this.http.post('/odd', { json: { a: 1 }, name: names[this.count++ % names.length] }).expect(204) }
  @task async slow() { await this.http.get('/delay/300', { timeout: '100ms' }) }
}
export default scenario({ host: '${host}', users: [Shopper] })`

/** Checks that the stored counts equal the counts in the report. */
export function sameCounts(stored: readonly StoredSeries[], report: Report): void {
  for (const row of report.requests) {
    const { method, name } = row
    const found = (metric: string): number => totalOf(stored, `burst_${metric}_total`, { method, name })
    expect({
      name,
      requests: found('requests'),
      failures: found('failures'),
      exchanges: found('exchanges'),
      responses: found('responses'),
      bytes: [found('received_bytes'), found('sent_bytes')],
    }).toEqual({
      name,
      requests: row.requests,
      failures: row.failures,
      exchanges: row.exchanges,
      responses: row.requests,
      bytes: [row.bytesIn, row.bytesOut],
    })
  }
  expect(totalOf(stored, 'burst_requests_total', {})).toBe(report.totals.requests)
}

/** Checks that the stored latencies equal the latencies in the report. */
export function sameLatencies(stored: readonly StoredSeries[], report: Report): void {
  for (const { method, name, latencyMs } of report.requests) {
    const labels = { method, name }
    const count = totalOf(stored, 'burst_latency_seconds_count', labels)
    expect(totalOf(stored, 'burst_latency_seconds_bucket', { ...labels, le: '+Inf' })).toBe(count)
    expect(totalOf(stored, 'burst_latency_seconds_sum', labels)).toBeCloseTo((count * (latencyMs.mean ?? 0)) / 1000, 6)
    expect(totalOf(stored, 'burst_latency_quantile_seconds', { ...labels, quantile: '0.95' })).toBeCloseTo(
      (latencyMs.p95 ?? 0) / 1000,
      9,
    )
  }
}

export function valuesOf(series: readonly StoredSeries[]): number[] {
  return series.map(({ value }) => value)
}

/** Returns the sum of the values of all stored series that have this metric name and these labels. */
export function totalOf(stored: readonly StoredSeries[], metric: string, labels: Record<string, string>): number {
  const wanted = Object.entries({ __name__: metric, ...labels })
  const found = stored.filter((one) => wanted.every(([label, text]) => one.labels[label] === text))
  return found.reduce((sum, { value }) => sum + value, 0)
}
