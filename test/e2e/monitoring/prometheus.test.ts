import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Report } from '../../../core/report/report.ts'
import { startBurst } from '../../cli/command-line.ts'
import { page } from '../../docs/code-blocks.ts'
import { heard, project, reportIn } from '../../cli/journey.ts'
import { startCountingTarget } from '../../targets/counting-target.ts'
import { type PrometheusServer, type StoredSeries, hasPrometheus, startPrometheus } from './prometheus-server.ts'
import { sameCounts, sameLatencies, shopScenario, totalOf, valuesOf } from './stored-figures.ts'

/** The values of the label `job`, one for each way in which a series reaches Prometheus. A series that was not scraped does not have this label. */
const ways = ['run', 'ui', '']

test.skipIf(!hasPrometheus)(
  'at the end of a run, the values in a real Prometheus equal the report, both with scraping and with remote write',
  async () => {
    const target = await startCountingTarget()
    const prometheus = await startPrometheus()
    const { run, arriving, ui, folder, page: shown } = await startPrograms(target.origin, prometheus)
    try {
      const ofPage = await startedOnPage(shown)
      const { stdout: said, stderr } = await run.ended
      expect(stderr).toBe('')
      expect(said).toContain('the last counts can be scraped')
      expect(said).not.toContain('remote write')
      const report = await reportIn(folder)
      for (const way of ways) await sameValues(prometheus, way, report)
      sameKinds(await prometheus.newest(`{__name__=~"burst_.+",job="run",run="${report.run.id}"}`), report)
      // The scenario sends requests under ten names that could break a label.
      expect(report.requests.filter(({ method }) => method === 'POST')).toHaveLength(10)
      await beganAndEnded(prometheus, report)
      expect((await fetch(`${shown.origin}/metrics`)).status).toBe(403)
      expect((await arriving.ended).stderr).toBe('')
      const few = await readReport(join(folder, 'few'))
      for (const way of ways) await shippedQueriesFind(prometheus, way, { report, few })
      await heard(ui, new RegExp(`run ${ofPage} has ended`))
      const byPage = await readReport(join(folder, 'burst-results', ofPage))
      for (const way of ['ui', '']) await sameValues(prometheus, way, byPage)
      await beganAndEnded(prometheus, byPage)
      const examples = byPage.errors.flatMap(({ exemplars }) => exemplars)
      expect(examples.filter(({ traceId }) => traceId !== undefined).length).toBeGreaterThan(0)
    } finally {
      run.child.kill('SIGKILL')
      arriving.child.kill('SIGKILL')
      ui.child.kill('SIGINT')
      await ui.ended
      await Promise.all([prometheus.close(), target.close()])
    }
  },
)

/**
 * Starts the page and two runs. The metrics of the first run reach Prometheus both by scraping and by remote write. The second run has arrivals, and
 * its metrics reach Prometheus only by remote write.
 */
async function startPrograms(host: string, prometheus: PrometheusServer) {
  const folder = await project({ 'shop.burst.ts': shopScenario(host), 'few.burst.ts': arrivalsScenario(host) })
  const remote = ['--local', '--prometheus-remote-write', prometheus.origin]
  const shop = ['run', 'shop.burst.ts', '-u', '4', '-t', '15s', '--workers', '2', '--out', 'out', '--prometheus', '0']
  const run = startBurst([...shop, ...remote], folder)
  const arriving = startBurst(['run', 'few.burst.ts', '--workers', '1', '--out', 'few', ...remote], folder)
  const observed = ['--prometheus-remote-write', prometheus.origin, '--trace-context']
  const ui = startBurst(['ui', '--ui-port', '0', '--no-open', ...observed], folder)
  const address = await heard(run, /metrics {2}http:\/\/(\S+)\/metrics/)
  const shown = new URL(await heard(ui, /page {2}(\S+)/))
  await prometheus.scrape([
    { name: 'run', target: address },
    { name: 'ui', target: shown.host, token: shown.searchParams.get('token') ?? '' },
  ])
  return { run, arriving, ui, folder, page: shown }
}

async function readReport(folder: string): Promise<Report> {
  return JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')) as Report
}

/** Starts a run with the request that the form of the page sends. @returns the name of the run */
async function startedOnPage({ origin, searchParams }: URL): Promise<string> {
  const answer = await fetch(`${origin}/api/runs`, {
    method: 'POST',
    headers: { authorization: `Bearer ${searchParams.get('token')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ file: 'shop.burst.ts', users: '4', runTime: '15s', workers: '2' }),
  })
  expect(answer.status).toBe(201)
  return ((await answer.json()) as { run: string }).run
}

async function sameValues(prometheus: PrometheusServer, way: string, report: Report): Promise<void> {
  const ofRun = `job="${way}",run="${report.run.id}"`
  // Prometheus stores the scraped values some time after it gets the answer, so the test polls.
  await expect.poll(async () => valuesOf(await prometheus.newest(`burst_finished{${ofRun}}`))).toEqual([1])
  const all = await prometheus.newest(`{__name__=~"burst_.+",${ofRun}}`)
  sameCounts(all, report)
  sameLatencies(all, report)
  // The greatest number of users is known only if Prometheus stored values during the run.
  expect(valuesOf(await prometheus.ask(`max_over_time(burst_users{${ofRun}}[1h])`))).toEqual([4])
}

function sameKinds(stored: readonly StoredSeries[], report: Report): void {
  expect(totalOf(stored, 'burst_failures_by_kind_total', {})).toBe(report.totals.failures)
  for (const kind of ['status', 'timeout', 'expect']) {
    const counted = report.errors.filter((error) => error.kind === kind).reduce((sum, { count }) => sum + count, 0)
    expect(counted).toBeGreaterThan(0)
    expect(totalOf(stored, 'burst_failures_by_kind_total', { kind })).toBe(counted)
  }
}

/**
 * Checks that remote write sends the start of each counter, so that rate() includes the first counts. Also checks that remote write marks the end of
 * all series.
 */
async function beganAndEnded(prometheus: PrometheusServer, report: Report): Promise<void> {
  const ofRun = `job="",run="${report.run.id}"`
  for (const counter of ['burst_requests_total', 'burst_latency_seconds_bucket']) {
    const least = await prometheus.ask(`min_over_time(${counter}{${ofRun}}[1h])`)
    expect(new Set(valuesOf(least))).toEqual(new Set([0]))
  }
  expect(await prometheus.ask(`{__name__=~"burst_.+",${ofRun}}`)).toEqual([])
}

/**
 * Checks that each query of the dashboard and the alerts has a result. Only the run `few` has arrivals, and its metrics reach Prometheus only by
 * remote write.
 */
async function shippedQueriesFind(
  prometheus: PrometheusServer,
  way: string,
  { report, few }: { report: Report; few: Report },
): Promise<void> {
  const all = shippedQueries(way)
  expect(all.length).toBeGreaterThan(20)
  const ofArrivals = shippedQueries('').filter((query) => query.includes('burst_arrivals'))
  expect(ofArrivals).toHaveLength(2)
  const queries = all.filter((query) => !query.includes('burst_arrivals')).map((query) => ({ query, of: report }))
  for (const { query, of } of [...queries, ...ofArrivals.map((query) => ({ query, of: few }))]) {
    const found = await prometheus.ask(query, of.run.endedAt - 1000)
    expect({ query, found: found.length > 0 }).toEqual({ query, found: true })
  }
}

/** Returns a scenario with arrivals. Some arrivals are dropped, because one user cannot run all arrivals. */
const arrivalsScenario = (host: string): string => `
import { HttpUser, arrivals, scenario, task } from 'burst'
class Visitor extends HttpUser { @task async page() { await this.http.get('/delay/300') } }
export default scenario({ host: '${host}', users: [Visitor], load: [arrivals(20, '8s', { maxUsers: 1 })] })`

/**
 * Returns the queries of the dashboard and the alerts in the form in which Grafana and Prometheus send them. Each query selects only series whose
 * label `job` equals the argument `job`.
 */
function shippedQueries(job: string): string[] {
  const { panels } = JSON.parse(page('docs/monitoring/grafana-dashboard.json')) as {
    panels: { targets: { expr: string }[] }[]
  }
  const drawn = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
  // Removes the limit from the query of each alert. With the limit, the query has a result only while the alert fires.
  const alerts = [...page('docs/monitoring/alerts.yml').matchAll(/^ +expr: (.+?)(?: (?:>|<|==) .+)?$/gm)].map(
    ([, expr = '']) => expr,
  )
  return [...drawn, ...alerts].map((expr) =>
    expr
      .replaceAll('$__rate_interval', '1m')
      .replaceAll('run=~"$run"', `run=~".+",job="${job}"`)
      .replaceAll(/\bburst_\w+(?!\w|\{)/g, `$&{job="${job}"}`),
  )
}
