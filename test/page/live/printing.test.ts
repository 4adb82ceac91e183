import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { heard } from '../../cli/journey.ts'
import { browserIsHere, wordsOf } from '../browser.ts'
import { PageOfBurstUi, hostile, runIn, violationsOf } from './page-of-burst-ui.ts'

/**
 * Returns a scenario that prints lines, throws exceptions and blocks its worker. Its users stop slowly, so that the test can read the page before the
 * run ends.
 */
function noisyScenario(origin: string): string {
  return `import { HttpUser, constant, hold, ramp, scenario, task } from 'burst'
class Noisy extends HttpUser {
  wait = constant('50ms')
  @task async shout() {
    console.log('line ' + this.index + ' ${hostile}')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 30)
    await this.http.get('/')
  }
  @task async fall() { throw new Error('fell ${hostile}') }
  async onStop() { await new Promise((resolve) => setTimeout(resolve, 6000)) }
}
export default scenario({
  host: '${origin}', users: [Noisy], load: [ramp(12, '0s'), hold('10m')], abortOn: [{ threshold: 'errors < 50%', over: '5s' }],
})`
}

describe.skipIf(!browserIsHere)('the page of a run in progress', () => {
  const ui = new PageOfBurstUi()
  let status = 200
  const server = createServer((_, response) => void response.writeHead(status).end('ok'))
  beforeAll(async () => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await ui.start(() => ({ 'noisy.burst.ts': noisyScenario(origin) }))
  })
  afterAll(async () => {
    await ui.end()
    server.closeAllConnections()
    server.close()
  })
  afterEach(() => ui.browser.closePages())

  const begin = (): ReturnType<PageOfBurstUi['burst']> => {
    const flags = ['--local', '--workers', '2', '--stop-timeout', '9s', '--ui', '--ui-port', '0', '--no-open']
    return ui.burst(['run', 'noisy.burst.ts', ...flags])
  }
  const shows = (page: Page, part: string, words: RegExp): Promise<void> =>
    page.locator(part, { hasText: words }).first().waitFor({ timeout: 60_000 })

  test("the page shows the scenario's output by worker, its exceptions, findings about the generator, and the reason why burst stops the run", async () => {
    const noisy = begin()
    const own = await ui.browser.open(await heard(noisy, /page +(\S+)/))
    await shows(own, '.output', /line \d+ <img/)
    const run = runIn(own)
    // The page of another burst process shows the same output.
    const page = await ui.browser.open(ui.at(`/runs/${run}`))
    for (const one of [own, page]) {
      await shows(one, '.output', /worker 0.*line \d*[02468] <img src=x onerror=alert\(1\)>/)
      await shows(one, '.output', /worker 1.*line \d*[13579] <img/)
      await shows(one, '#output', /exceptions of the scenario, with their stack traces/)
      expect(await one.locator('.output img').count()).toBe(0)
    }
    expect(await page.locator('.output p').count()).toBeLessThanOrEqual(200)
    expect(await violationsOf(page)).toEqual([])
    await page.locator('#output .link').press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('failures-title')
    await page.locator('#failures summary', { hasText: 'fell' }).press('Enter')
    await shows(page, '#failures pre', /at .*fall.*noisy\.burst\.ts:9/)
    await shows(page, '.evidence .alert', /^generator-bound: /)
    status = 500
    const why = /Burst stopped the run: 'errors < 50%' failed over 5 s \(it was \d+(\.\d+)? %\)\./
    for (const one of [own, page]) await shows(one, '.verdict.live', why)
    for (const one of [own, page]) await one.waitForSelector('.verdict:not(.live)')
    expect(await wordsOf(page, '.verdict')).toMatch(/stopped at \d\d:\d\d: 'errors < 50%' failed over 5 s/)
    expect((await noisy.ended).code).toBe(99)
  }, 120_000)

  test('after burst is killed, the page shows a command that makes a report of the run, and the command can be copied', async () => {
    const killed = begin()
    const own = await ui.browser.open(await heard(killed, /page +(\S+)/))
    await shows(own, '.output', /line/)
    const run = runIn(own)
    await own.close()
    killed.child.kill('SIGKILL')
    await killed.ended
    const page = await ui.browser.open(ui.address)
    const command = page.locator('.lost-run code')
    await command.waitFor()
    expect(await command.textContent()).toBe(`burst report ${run} --local --finalize`)
    await command.click()
    expect(await page.evaluate('getSelection().toString()')).toBe(`burst report ${run} --local --finalize`)
    expect(await violationsOf(page)).toEqual([])
    ui.browser.complaints.splice(0)
  }, 120_000)
})
