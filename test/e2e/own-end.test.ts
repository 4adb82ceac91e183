import { type Server, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { moment } from '../../core/words.ts'
import type { Report } from '../../core/report/report.ts'
import type { StepEntry } from '../../core/report/entries/search-entry.ts'
import { TestBrowser, browserIsHere, wordsOf } from '../page/browser.ts'
import { runLocal } from './local.ts'

const servers: Server[] = []
// The tests run concurrently, so the servers are closed only after the last test.
afterAll(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** Starts a server that answers as `act` decides. `count` is the number of the request, from 0; `inFlight` includes this request. */
async function target(
  act: (count: number, inFlight: number) => { status: number; afterMs: number },
): Promise<{ origin: string; received: () => number }> {
  let [received, inFlight] = [0, 0]
  const server = createServer((_, response) => {
    inFlight++
    const { status, afterMs } = act(received++, inFlight)
    response.once('close', () => inFlight--)
    setTimeout(() => response.writeHead(status).end('ok'), afterMs)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received: () => received }
}

/** Workers send two messages per second, so that the run can be short. */
const fast = { windowMs: 1000, flushMs: 500 }

test.concurrent('a run that breaks a rule of abortOn stops gracefully before its planned end, with exit code 99 and exact counts', async () => {
  const { origin, received } = await target((count) => ({
    status: count >= 60 && count % 2 === 0 ? 500 : 200,
    afterMs: 5,
  }))
  const { report } = await runLocal({
    scenario: `
import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('100ms')
  tasks = { home: 1 }
  async home() { await this.http.get('/') }
  async onStop() { await this.http.get('/bye') }
}
export default scenario({
  host: '${origin}', users: [Visitor], load: [ramp(4, '0s'), hold('10m')], abortOn: [{ threshold: 'GET /: errors < 30%', over: '5s' }],
})`,
    options: { workers: 2 },
    plan: (plan) => ({ ...plan, ...fast, abortOn: plan.abortOn?.map((rule) => ({ ...rule, overMs: 3000 })) ?? [] }),
  })
  expect(report.verdict).toMatchObject({ result: 'failed', exitCode: 99, stoppedBy: null })
  expect(report.verdict.reasons[0]).toMatch(
    /^stopped at \d\d:\d\d: 'GET \/: errors < 30%' failed over 3 s \(it was \d+(?:\.\d+)? %\)$/,
  )
  expect(report.run.endedAt - report.run.startedAt).toBeLessThan(300_000)
  expect(report.completeness).toMatchObject({ complete: true, lost: [] })
  expect(report.totals.exchanges + report.totals.interrupted).toBe(received())
  expect(report.requests.find(({ name }) => name === '/bye')?.requests).toBe(4)
  expect(report.events.map(({ text }) => text)).toContainEqual(
    expect.stringMatching(/^burst stopped the run: 'GET \/: errors < 30%' failed over 3 s/),
  )
})

test.concurrent('a search finds two levels between which the target becomes slow, and reports each step with exact counts', async () => {
  // The target answers after 0.4 s while at most 5 requests are in flight. With more requests in flight, it answers after 1.6 s.
  const { origin, received } = await target((_, inFlight) => ({ status: 200, afterMs: inFlight > 5 ? 1600 : 400 }))
  const { report, outputs } = await runLocal({
    scenario: `
import { HttpUser, scenario } from 'burst'
class Visitor extends HttpUser {
  tasks = { home: 1 }
  async home() { await this.http.get('/') }
}
export default scenario({ host: '${origin}', users: [Visitor], find: { max: 8, start: 4, step: '10s', until: ['p95 < 1s'], precision: '50%' } })`,
    options: { workers: 2 },
    plan: (plan) => ({
      ...plan,
      ...fast,
      ...(plan.search && { search: { ...plan.search, stepMs: 4000, settleMs: 4000 } }),
    }),
  })
  const steps = report.search?.steps ?? []
  // On a busy machine, the result of a step may be `unclear`. The test ignores these steps.
  const clear = steps.filter(({ result }) => result !== 'unclear')
  const isClear = clear.length === steps.length
  expect(steps.map(({ level }) => level)).toEqual([4, 8, 6, 4].slice(0, steps.length))
  expect(clear.filter(({ level, result }) => (result === 'held') !== level <= 5)).toEqual([])
  expect(clear.filter(({ p95Ms, result }) => (p95Ms ?? 0) > 1000 !== (result === 'broke'))).toEqual([])
  expect(report.verdict).toMatchObject(
    isClear ? { result: 'passed', exitCode: 0 } : { result: 'inconclusive', exitCode: 98 },
  )
  expect(report.verdict.reasons[0]).toMatch(
    isClear
      ? /^4 users held, 6 users broke 'p95 < 1s' \(it was [\d.]+ s\)$/
      : /, and the search ended at \d users: .|^the search ended without a result at \d users: ./,
  )
  for (const { fromS, toS, requests, level } of steps) {
    const seconds = report.seconds.filter(({ at }) => at >= fromS && at < toS)
    expect(new Set(seconds.map(({ plannedUsers }) => plannedUsers))).toEqual(new Set([level]))
    expect(requests).toBe(seconds.reduce((sum, one) => sum + one.requests, 0))
  }
  expect(report.completeness).toMatchObject({ complete: true, lost: [] })
  expect(report.totals.exchanges + report.totals.interrupted).toBe(received())
  expect(report.run.workers).toBe(2)
  expect(outputs['report.md']).toContain('### Search for the highest load')
  if (browserIsHere) await checkPage(report)
}, 180_000)

/**
 * Checks the rows of the search on the report page. The rows are in the order of the steps. Each row has the measured values and, for a step that did
 * not hold, the reason.
 */
async function checkPage({ search, ...report }: Report): Promise<void> {
  if (!search) throw new Error('the report has no search')
  const browser = new TestBrowser()
  await browser.launch()
  try {
    const page = await browser.openReport({ ...report, search })
    const said = search.held === null ? 'No load held' : `The highest load that held: ${search.held} users`
    const words = await wordsOf(page, '#search')
    expect(words).toContain(said)
    expect(words).toContain("A load breaks if 'p95 < 1s' does not hold over a whole step.")
    const rows = await page.locator('#search tbody tr').allTextContents()
    expect(rows).toHaveLength(search.steps.length)
    for (const [k, step] of search.steps.entries()) for (const part of partsOf(step)) expect(rows[k]).toContain(part)
    await browser.closePages()
  } finally {
    await browser.end()
  }
}

/** Returns the strings that the row of a step must contain. */
function partsOf({ level, fromS, toS, requests, result, note, thresholds }: StepEntry): string[] {
  const start = `${level} users${moment(fromS)}–${moment(toS)}${requests}`
  return [start, result, ...(result === 'held' ? [] : [note ?? thresholds[0]?.expression ?? ''])]
}
