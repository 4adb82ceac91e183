import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { type RunningBurst, startBurst } from '../../cli/command-line.ts'
import { heard, project } from '../../cli/journey.ts'
import { type CountingTarget, startCountingTarget } from '../../targets/counting-target.ts'
import { TestBrowser } from '../browser.ts'

export const hostile = '<img src=x onerror=alert(1)>'

/** A new project folder, a running `burst ui`, a target that counts requests, and a browser. */
export class PageOfBurstUi {
  readonly browser = new TestBrowser()
  target!: CountingTarget
  folder!: string
  /** The address of the page that `burst ui` printed, with the token. */
  address!: string
  #temporary!: string
  #ui!: RunningBurst

  /** @param files returns the files of the folder, given the origin of the target */
  async start(files: (origin: string) => Record<string, string>): Promise<void> {
    this.target = await startCountingTarget()
    this.#temporary = await mkdtemp(join(tmpdir(), 'burst-live-'))
    this.folder = await project(files(this.target.origin))
    this.#ui = this.burst(['ui', '--ui-port', '0', '--no-open'])
    this.address = await heard(this.#ui, /page +(\S+)/)
    await this.browser.launch()
  }

  async end(): Promise<void> {
    this.#ui.child.kill('SIGINT')
    await this.#ui.ended
    await this.browser.end()
    await this.target.close()
    await rm(this.#temporary, { recursive: true, force: true })
  }

  /** Starts another burst process with the same temporary folder, so that the page finds the run of that process. */
  burst(args: readonly string[], cwd = this.folder): RunningBurst {
    return startBurst(args, cwd, { TMPDIR: this.#temporary })
  }

  /** Returns the full address of a path of the page, such as `/runs/<run>`, with the token. */
  at(path: string): string {
    return this.address.replace('/?', `${path}?`)
  }

  /** Starts a run of `file` from the form and waits until the page shows charts. @returns the name of the run */
  async run(page: Page, file: string, fields: Record<string, string>): Promise<string> {
    await page.selectOption('#field-file', file)
    await page.waitForSelector('.class')
    for (const [name, value] of Object.entries(fields)) await page.fill(`#field-${name}`, value)
    await page.locator('.plan .button:enabled').click()
    await page.waitForSelector('.verdict.live')
    await page.locator('.stack canvas').nth(2).waitFor()
    return runIn(page)
  }
}

/** Returns the name of the run that the page shows. */
export function runIn(page: Page): string {
  return new URL(page.url()).pathname.split('/').at(-1) ?? ''
}

/** Returns the total number of requests in the table of the page. */
export async function requestsOn(page: Page): Promise<number> {
  const title = await page.locator('#requests .total td').first().locator('span').getAttribute('title')
  return Number(title?.replaceAll(',', ''))
}

/** Returns the violations of accessibility rules that axe finds in the page. */
export async function violationsOf(page: Page): Promise<unknown> {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'))
  return page.evaluate(
    'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html, nodes[0].failureSummary]))',
  )
}

/** Returns a scenario with two user classes. One class has a request name that is markup, and the other class has tags. */
export function shopScenario(origin: string): string {
  return `import { HttpUser, constant, scenario, task } from 'burst'
class Visitor extends HttpUser {
  wait = constant('50ms')
  @task(1, { tags: ['browse'] })
  async home() { await this.http.get('/', { name: '${hostile}' }) }
}
class Admin extends HttpUser {
  static weight = 3
  wait = constant('50ms')
  @task(1, { tags: ['stock'] })
  async stock() { await this.http.get('/stock/:region', { params: { region: this.vars.region ?? 'none' } }) }
}
export default scenario({ host: '${origin}', users: [Visitor, Admin], thresholds: ['errors < 1%'] })
`
}
