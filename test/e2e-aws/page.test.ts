import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { LiveReport } from '../../core/report/live/live-report.ts'
import type { Report } from '../../core/report/report.ts'
import { type OutputFile, keys } from '../../functions/keys.ts'
import type { RunningBurst } from '../cli/command-line.ts'
import { heard } from '../cli/journey.ts'
import { TestBrowser, browserIsHere, wordsOf } from '../page/browser.ts'
import { type ChildTarget, runInChild } from '../targets/child.ts'
import type { Counts } from '../targets/counting-target.ts'
import { Account } from './account.ts'
import type { Cloud } from './emulators/cloud.ts'
import { startLocalStack } from './emulators/localstack.ts'
import { type Wire, startWire } from './emulators/wire.ts'
import { PageProgram } from './page-program.ts'
import { type Person, newPerson } from './person.ts'

/** Strings that the browser must never receive. */
const secrets = { key: 'key-of-the-person', secret: 'secret-of-the-person', variable: 'value-of-the-token' }

describe.skipIf(!browserIsHere)('the page of burst ui with a stack on AWS', () => {
  const browser = new TestBrowser()
  let cloud: Cloud
  let account: Account
  let wire: Wire
  let person: Person
  const folders: string[] = []
  let target: ChildTarget
  let ui: RunningBurst
  let address: string
  let program: PageProgram
  /** The name of the run that the page starts. */
  let run: string
  /** Everything that the server of the page has sent to browsers and programs. */
  const told: string[] = []

  beforeAll(async () => {
    const temporary = await mkdtemp(join(tmpdir(), 'burst-page-aws-'))
    cloud = await startLocalStack()
    account = new Account(cloud)
    wire = await startWire(cloud.endpoint)
    person = await newPerson(
      { ...cloud, endpoint: wire.endpoint },
      {
        AWS_ENDPOINT_URL: wire.endpoint,
        AWS_ACCESS_KEY_ID: secrets.key,
        AWS_SECRET_ACCESS_KEY: secrets.secret,
        TMPDIR: temporary,
      },
    )
    folders.push(temporary, person.folder)
    target = await runInChild('counting-target.ts')
    const host = `http://${cloud.targetHost}:${new URL(target.origin).port}`
    await writeFile(join(person.folder, 'shop.burst.ts'), scenario(host, '/'))
    await writeFile(join(person.folder, 'slow.burst.ts'), scenario(host, '/delay/600000'))
    await person.manages('deploy', '--yes', '--allow', cloud.targetHost)
    ui = person.start('ui', '--ui-port', '0', '--no-open')
    address = await heard(ui, /page +(\S+)/)
    program = new PageProgram(address)
    await browser.launch()
  }, 300_000)
  afterAll(async () => {
    ui?.child.kill('SIGINT')
    await ui?.ended
    await browser.end()
    await target?.close()
    await wire?.cut()
    await cloud?.stop()
    for (const folder of folders) await rm(folder, { recursive: true, force: true })
  }, 60_000)
  afterEach(() => browser.closePages())

  test('the form shows a mistake beside its field, with the same error message as the terminal', async () => {
    const page = await opened()
    await page.selectOption('#field-file', 'shop.burst.ts')
    await page.selectOption('#field-where', 'aws')
    await page.waitForSelector('.price')
    expect(await wordsOf(page, '.price')).toMatch(/^cost about .* by AWS's list price \(1 × 1,769 MB/)

    await page.fill('#field-host', 'http://other.example')
    await page.waitForSelector('#problem-host')
    const [host] = await sentence(page, 'host')
    await page.fill('#field-host', '')
    await fill(page, { users: '1000', runTime: '10m', budget: '0.01' })
    await page.waitForSelector('#problem-budget')
    const [price] = await sentence(page, 'budget')
    await fill(page, { users: '900000', budget: '' })
    await page.waitForSelector('#problem-takeConcurrency')
    const [concurrency] = await sentence(page, 'takeConcurrency')
    await page.getByLabel('Reduce the run until it fits').check()
    await page.waitForSelector('.price')
    expect(await wordsOf(page, '.plan')).toMatch(/--fit: [\d,]+ of 900,000 users/)

    const load = ['-u', '1000', '-t', '10m']
    const refused = await Promise.all([
      person.burst('run', 'shop.burst.ts', '-H', 'http://other.example'),
      person.burst('run', 'shop.burst.ts', ...load, '--budget', '0.01'),
      person.burst('run', 'shop.burst.ts', '-u', '900000', '-t', '10m'),
    ])
    for (const [k, told] of [host, price, concurrency].entries()) expect(refused[k]?.stderr).toContain(told)
  })

  test('a run from the form is shown live, continues while the page cannot reach AWS, and has a complete report after a stop', async () => {
    const page = await opened()
    await page.selectOption('#field-file', 'shop.burst.ts')
    await page.selectOption('#field-where', 'aws')
    await fill(page, { users: '20', runTime: '10m', workers: '2' })
    await page.getByText('Tags, variables').click()
    await page.fill('#field-vars', `api_token=${secrets.variable}`)
    await page.waitForSelector('.plan button:enabled')
    await page.locator('.plan li', { hasText: '20 users for' }).waitFor()
    await page.getByRole('button', { name: 'Start' }).click()
    await page.waitForSelector('.verdict.live')
    run = new URL(page.url()).pathname.split('/').at(-1) ?? ''
    const seconds = new Map<number, number>()
    const following = follow(run, seconds)
    await expect.poll(() => requestsOn(page), { timeout: 60_000 }).toBeGreaterThan(0)

    await wire.cut()
    const before = await received()
    await page.getByText('The page tries again; the run continues').waitFor()
    expect(await wordsOf(page, '.verdict.live')).toContain(`${wire.endpoint} cannot be reached`)
    await expect.poll(() => received()).toBeGreaterThan(before + 100)
    const shown = await requestsOn(page)
    await wire.mend()
    await page.getByText('The page tries again; the run continues').waitFor({ state: 'detached' })
    await expect.poll(() => requestsOn(page), { timeout: 60_000 }).toBeGreaterThan(shown + 100)

    await page.keyboard.press('s')
    await page.keyboard.press('Enter')
    await page.waitForSelector('.verdict:not(.live)')
    await following
    const report = JSON.parse(await account.object(keys.output(run, 'report.json'))) as Report
    expect(report.completeness).toMatchObject({ complete: true, slicesReported: 2 })
    expect(report.verdict.stoppedBy).toBe('the page of burst ui')
    expect(await requestsOn(page)).toBe(report.totals.requests)
    expect(report.totals.requests + report.totals.interrupted).toBe(await received())
    // Every second of the live view equals the report, so the lost connection has not left a gap.
    const last = Math.max(...seconds.keys())
    expect([...seconds.keys()].toSorted((a, b) => a - b)).toEqual(Array.from({ length: last + 1 }, (_, at) => at))
    expect(report.seconds.slice(0, last).map(({ requests }) => requests)).toEqual(
      Array.from({ length: last }, (_, at) => seconds.get(at)),
    )
  })

  test('a run from a terminal appears in the page and stays in the list, and the report after "Stop now" contains the requests in flight', async () => {
    const page = await opened()
    const before = await received()
    const flags = ['--yes', '--detach', '-u', '6', '-r', '6', '-t', '10m', '--workers', '2']
    const { stdout } = await person.manages('run', 'slow.burst.ts', ...flags)
    const slow = stdout.trim().split('\n').at(-1) ?? ''
    await page.locator(`a[href="/runs/${slow}"]`).click()
    await page.waitForSelector('.verdict.live')
    await expect.poll(() => received(), { timeout: 60_000 }).toBe(before + 6)
    await page.keyboard.press('s')
    await page.getByRole('button', { name: 'Stop now' }).click()
    await page.waitForSelector('.verdict:not(.live)')
    const report = JSON.parse(await account.object(keys.output(slow, 'report.json'))) as Report
    expect(report.completeness.complete).toBe(true)
    expect(report.totals).toMatchObject({ requests: 0, interrupted: 6 })

    await page.getByRole('link', { name: 'New run and all runs' }).click()
    const row = page.locator('tr', { has: page.locator(`a[href="/runs/${run}"]`) })
    await row.locator('.state:not(.running)').waitFor()
    // The columns are verdict, start, users, requests, failures, p95 and place.
    expect(await row.textContent()).toMatch(/(?:inconclusive|unjudged)\d{4}-\d\d-\d\d \d\d:\d\d20[\d,]+.*\d\sms.*AWS/)
    await row.getByRole('link').click()
    await page.waitForSelector('.verdict:not(.live)')
    expect(await requestsOn(page)).toBeGreaterThan(100)
    await page.goto(`${new URL(address).origin}/runs/20200101-000000-none-0000`)
    await page.getByText("there is no run '20200101-000000-none-0000'").waitFor()
    // For a run that does not exist, the server answers with an error, which the browser logs.
    browser.complaints.splice(0)
  })

  test('burst report prints the report of a run on AWS, in every format, exactly as the bucket stores it', async () => {
    const formats: [string, OutputFile][] = [
      ['json', 'report.json'],
      ['html', 'report.html'],
      ['markdown', 'report.md'],
      ['junit', 'junit.xml'],
      ['csv', 'stats.csv'],
      ['csv-history', 'history.csv'],
      ['csv-failures', 'failures.csv'],
      ['csv-exceptions', 'exceptions.csv'],
      ['hlog', 'latency.hlog'],
    ]
    const { verdict } = JSON.parse(await account.object(keys.output(run, 'report.json'))) as Report
    for (const [format, file] of formats) {
      const { code, stdout, stderr } = await person.burst('report', run, '--format', format)
      expect([format, code, stderr]).toEqual([format, verdict.exitCode, ''])
      const isStored = stdout === (await account.object(keys.output(run, file)))
      expect([format, isStored, stdout.length > 20]).toEqual([format, true, true])
    }
  })

  test('a call without the token, or from the origin or host of another site, cannot start or stop a run on AWS', async () => {
    const known = await account.keys('')
    const cookie = `burst-ui-${program.port}=${program.token}`
    const authorization = `Bearer ${program.token}`
    const calls: [path: string, body: unknown][] = [
      ['/api/plan', { file: 'shop.burst.ts', where: 'aws' }],
      ['/api/runs', { file: 'shop.burst.ts', where: 'aws' }],
      [`/api/runs/${run}/stop`, {}],
      [`/api/runs/${run}/stop`, { now: true }],
    ]
    for (const [path, body] of calls) {
      expect(await program.post(path, body, {})).toBe(403)
      expect(await program.post(path, body, { cookie })).toBe(403)
      expect(await program.post(path, body, { cookie, origin: 'https://evil.example' })).toBe(403)
      expect(await program.post(path, body, { authorization, origin: 'https://evil.example' })).toBe(403)
      expect(await program.post(path, body, { authorization, host: `evil.example:${program.port}` })).toBe(421)
    }
    // The server refuses to stop a run that has ended.
    expect(await program.post(`/api/runs/${run}/stop`, {}, { authorization })).toBe(404)
    expect(await account.keys('')).toEqual(known)
  })

  test('no browser received AWS credentials or the value of a secret variable', () => {
    const all = told.join('\n')
    expect(all).toContain(run)
    for (const secret of Object.values(secrets)) expect(all).not.toContain(secret)
  })

  async function opened(): Promise<Page> {
    const page = await browser.open(address)
    page.on('response', (response) => {
      // The event stream is not recorded here, because `follow` records it.
      if (!response.url().endsWith('/stream'))
        response.text().then(
          (text) => told.push(text),
          () => undefined,
        )
    })
    await page.reload()
    return page
  }

  async function fill(page: Page, fields: Record<string, string>): Promise<void> {
    for (const [name, value] of Object.entries(fields)) await page.fill(`#field-${name}`, value)
  }

  /** Returns the error message and the hint that the page shows beside a field. */
  async function sentence(page: Page, field: string): Promise<string[]> {
    return page.locator(`#problem-${field} bdi`).allTextContents()
  }

  async function requestsOn(page: Page): Promise<number> {
    const total = page.locator('#requests .total td').first().locator('span')
    if ((await total.count()) === 0) return 0
    return Number((await total.getAttribute('title'))?.replaceAll(',', ''))
  }

  async function received(): Promise<number> {
    return (await target.ask<Counts>('counts')).received
  }

  /** Reads the events of a run, without a browser, until the run ends. Records the number of requests in each second. */
  async function follow(name: string, seconds: Map<number, number>): Promise<void> {
    for await (const { kind, data } of program.events(name)) {
      told.push(data)
      const report = kind === 'whole' || kind === 'change' ? (JSON.parse(data) as LiveReport).report : undefined
      for (const { at, requests } of report?.seconds ?? []) seconds.set(at, requests)
    }
  }
})

function scenario(host: string, path: string): string {
  return `import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('200ms')
  tasks = { home: 1 }
  async home() { await this.http.get('${path}') }
}
export default scenario({ host: '${host}', users: [Visitor], load: [ramp(10, '0s'), hold('30s')] })
`
}
