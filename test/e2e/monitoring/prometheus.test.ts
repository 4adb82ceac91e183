import { expect, test } from 'vitest'
import { startBurst } from '../../cli/command-line.ts'
import { page } from '../../docs/code-blocks.ts'
import { heard, project, reportIn } from '../../cli/journey.ts'
import { startCountingTarget } from '../../targets/counting-target.ts'
import { hasPrometheus, startPrometheus } from './prometheus-server.ts'
import { sameCounts, sameLatencies, shopScenario, totalOf, valuesOf } from './stored-figures.ts'

test.skipIf(!hasPrometheus)(
  'the values that a real Prometheus has stored at the end equal the report, for burst run and for burst ui',
  async () => {
    const target = await startCountingTarget()
    const folder = await project({ 'shop.burst.ts': shopScenario(target.origin) })
    const args = ['run', '--local', '-u', '4', '-t', '8s', '--workers', '2', '--out', 'out', '--prometheus', '0']
    const run = startBurst(args, folder)
    const ui = startBurst(['ui', '--ui-port', '0', '--no-open'], folder)
    const address = await heard(run, /metrics {2}http:\/\/(\S+)\/metrics/)
    const shown = new URL(await heard(ui, /page {2}(\S+)/))
    const token = shown.searchParams.get('token') ?? ''
    const prometheus = await startPrometheus([
      { name: 'run', target: address },
      { name: 'ui', target: shown.host, token },
    ])
    try {
      const { stdout: said, stderr } = await run.ended
      expect(stderr).toBe('')
      expect(said).toContain('the last counts can be scraped')
      const report = await reportIn(folder)
      // Prometheus stores a scrape only some time after the answer.
      const ofRun = (job: string): string => `job="${job}",run="${report.run.id}"`
      for (const job of ['run', 'ui']) {
        const finished = async (): Promise<number[]> =>
          valuesOf(await prometheus.newest(`burst_finished{${ofRun(job)}}`))
        await expect.poll(finished).toEqual([1])
        const all = await prometheus.newest(`{__name__=~"burst_.+",${ofRun(job)}}`)
        sameCounts(all, report)
        sameLatencies(all, report)
      }
      const stored = await prometheus.newest(`{__name__=~"burst_.+",${ofRun('run')}}`)
      expect(totalOf(stored, 'burst_failures_by_kind_total', {})).toBe(report.totals.failures)
      for (const kind of ['status', 'timeout', 'expect']) {
        const counted = report.errors.filter((error) => error.kind === kind).reduce((sum, { count }) => sum + count, 0)
        expect(counted).toBeGreaterThan(0)
        expect(totalOf(stored, 'burst_failures_by_kind_total', { kind })).toBe(counted)
      }
      // Prometheus stored the number of users during the run.
      expect(valuesOf(await prometheus.ask(`max_over_time(burst_users{${ofRun('run')}}[1h])`))).toEqual([4])
      expect((await fetch(`${shown.origin}/metrics`)).status).toBe(403)
      const queries = shippedQueries()
      expect(queries.length).toBeGreaterThan(20)
      for (const query of queries)
        expect({ query, found: (await prometheus.ask(query, report.run.endedAt - 1000)).length > 0 }).toEqual({
          query,
          found: true,
        })
    } finally {
      run.child.kill('SIGKILL')
      ui.child.kill('SIGINT')
      await ui.ended
      await Promise.all([prometheus.close(), target.close()])
    }
  },
)

/** The queries of the dashboard and the alerts, as Grafana sends them. Queries about arrivals have no value in the closed model. */
function shippedQueries(): string[] {
  const { panels } = JSON.parse(page('docs/monitoring/grafana-dashboard.json')) as {
    panels: { targets: { expr: string }[] }[]
  }
  const drawn = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
  const alerts = [...page('docs/monitoring/alerts.yml').matchAll(/^ +expr: (.+?)(?: (?:>|==) [\d.]+)?$/gm)].map(
    ([, expr = '']) => expr,
  )
  const whole = [...drawn, ...alerts].filter((expr) => !expr.includes('burst_arrivals') && !expr.includes('0.9 * '))
  return whole.map((expr) => expr.replaceAll('$__rate_interval', '1m').replaceAll('$run', '.+'))
}
