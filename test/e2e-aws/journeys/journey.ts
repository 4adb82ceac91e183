import { readFile, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Report } from '../../../core/report/report.ts'
import { type ChildTarget, runInChild } from '../../targets/child.ts'
import type { Counts } from '../../targets/counting-target.ts'
import { Account } from '../account.ts'
import type { Cloud } from '../emulators/cloud.ts'
import { merged, stopOf, testMishaps } from './mishaps.ts'
import { type Person, newPerson, writeScenario } from '../person.ts'
import { testReach } from './reach.ts'
import { until } from '../until.ts'

const executablePath = process.env['BURST_CHROMIUM'] ?? '/usr/bin/chromium'

type Part = 'fan-out' | 'runs' | 'mishaps'

interface Journey {
  /**
   * Selects the tests that run between the deployment and the removal. Each part of the tests has a separate stack, so the parts can run at the same
   * time. Default: all tests.
   */
  part?: Part
}

/** Tests each step of using burst on AWS, from the first deployment to the final removal. */
export function describeJourney(start: () => Promise<Cloud>, { part }: Journey = {}): void {
  describe('burst on AWS, as a person uses it', () => {
    let cloud: Cloud
    let account: Account
    let person: Person
    let before: Record<string, string[]>

    beforeAll(async () => {
      cloud = await start()
      account = new Account(cloud)
      person = await newPerson(cloud)
      before = await account.inventory()
    }, 300_000)
    afterAll(async () => {
      await cloud?.stop()
      if (person) await rm(person.folder, { recursive: true, force: true })
    }, 60_000)

    test('burst deploy works in an empty account without CDK bootstrap', async () => {
      await person.manages('deploy', '--yes', '--allow', cloud.targetHost)
      const { stacks } = await account.inventory()
      expect(stacks).toEqual([...(before['stacks'] ?? []), 'burst'])
    })

    const has = (one: Part): boolean => part === undefined || part === one
    if (has('runs')) testRuns()
    if (has('fan-out')) testFanOut()
    if (has('mishaps')) {
      testMishaps(() => ({ cloud, account, person }))
      testReach(() => ({ cloud, account, person }))
    }

    test('burst destroy leaves no resource in the account', async () => {
      await person.manages('destroy', '--yes')
      expect(await account.inventory()).toEqual(before)
    })

    function testRuns(): void {
      test('a second burst deploy does not change the stack', async () => {
        const first = await account.version()
        await person.manages('deploy', '--yes', '--allow', cloud.targetHost)
        expect(await account.version()).toEqual(first)
      })

      test('burst plan shows the price and starts no run, and a refused run creates no files', async () => {
        const home = await writeScenario(person.folder, `http://${cloud.targetHost}:1`)
        const flags = ['-u', '1000', '-t', '10m']
        const { stdout } = await person.manages('plan', home, ...flags)
        expect(stdout).toMatch(/cost about \$0\.\d\d by AWS's list price .* 2 workers/s)
        // The run costs more than 5 cents only because the price includes the data that the requests send.
        const refused = await person.burst('run', home, ...flags, '--budget', '0.05')
        expect([refused.code, refused.stderr]).toEqual([104, expect.stringContaining('the budget is $0.05')])
        const declined = await person.burst('run', home, '-u', '20000', '-t', '13m')
        expect([declined.code, declined.stderr]).toEqual([104, expect.stringContaining('Start it?')])
        expect(await account.keys('')).toEqual([])
        expect(await readdir(person.folder)).toEqual(['home.burst.ts'])
      })

      test('a stopped run sends no requests later than 5 s after the stop, and has a complete report', async () => {
        await withTarget(async (target, scenario) => {
          const run = await detached(scenario, '-u', '100', '-r', '100', '-t', '10m', '--workers', '4')
          await loaded(target, 100)
          const stopped = person.manages('stop', run)
          await stopOf(account, run)
          await sleep(5_000)
          const then = await target.ask<Counts>('counts')
          await stopped
          await sleep(3_000)
          expect((await target.ask<Counts>('counts')).received).toBe(then.received)
          const report = await watched(run)
          expect(report.verdict.stoppedBy).not.toBeNull()
          expect(await gist(report, target)).toEqual(whole({ users: 100, workers: 4 }))
        }, '500ms')
      })

      test('a run still ends with a complete report when the command that started it is killed', async () => {
        await withTarget(async (target, scenario) => {
          const flags = ['-u', '100', '-r', '100', '-t', '15s', '--workers', '4']
          const known = await account.keys('runs/')
          const running = person.start('run', scenario, '--yes', ...flags)
          const run = await begun(known)
          running.child.kill('SIGKILL')
          await running.ended
          expect((await target.ask<Counts>('counts')).received).toBe(0)
          const report = await watched(run)
          expect(report.verdict.stoppedBy).toBeNull()
          expect(await gist(report, target)).toEqual(whole({ users: 100, workers: 4 }))
        })
      })

      test('a run with hand-overs can be scaled to more workers, paused and continued, and all its counts are exact', async () => {
        await withTarget(async (target, scenario) => {
          const flags = ['-u', '40', '-r', '40', '-t', '10m', '--workers', '2', '--interval', '20s']
          const run = await detached(scenario, ...flags)
          await loaded(target, 40)
          const { stdout: scaled } = await person.manages('scale', run, '--users', '160', '--over', '1s')
          expect(scaled).toMatch(/changes from 40 to 160 users over 1 s, from \d\d:\d\d on, with 2 more workers/)
          // The additional workers also hand over their users.
          await merged(account, run, '0-1', '1-1', '2-1', '3-1')
          const { stdout: paused } = await person.manages('pause', run)
          expect(paused).toMatch(/pauses at \d\d:\d\d; its users keep their state; the run still ends at 10:00/)
          const silent = await silence(target)
          const { stdout: continued } = await person.manages('continue', run)
          expect(continued).toMatch(/continues at \d\d:\d\d: 160 users come back over 5 s/)
          await received(target, silent + 320)
          await person.manages('stop', run, '--now')
          const report = await watched(run)
          const { started, begunAnew, carried } = report.users
          expect(await gist(report, target)).toEqual(whole({ users: started, workers: 4 }))
          expect([started - begunAnew, carried > 160]).toEqual([160, true])
          const texts = report.events.map(({ text }) => text)
          expect(texts).toEqual(
            expect.arrayContaining([
              'the load changes from 40 to 160 users over 1 s',
              'the run is paused',
              'the run continues: 160 users come back over 5 s',
            ]),
          )
          expect(report.verdict.stoppedBy).toBe('burst stop --now')
        })
      })
    }

    function testFanOut(): void {
      test('the requests of 1,000 users who start at the same time on 50 workers are counted exactly, and the report opens in a browser', async () => {
        await withTarget(async (target, scenario) => {
          const flags = ['-u', '1000', '-r', '1000', '-t', '10m', '--workers', '50']
          const run = await detached(scenario, ...flags)
          // The time limit is long, because a busy machine takes minutes to start 50 processes.
          const failure = await loaded(target, 1000, 300_000)
            .then(() => received(target, 1500))
            .catch((error: unknown) => error)
          await person.manages('stop', run)
          const report = await watched(run)
          if (failure) throw new Error(`the report says ${JSON.stringify(reasonsIn(report))}`, { cause: failure })
          expect(await gist(report, target)).toEqual(whole({ users: 1000, workers: 50 }))
          // Each worker has twenty users, so 1,000 users in one second prove that all 50 workers run at the same time.
          expect(Math.max(...report.seconds.map(({ users }) => users))).toBe(1000)
          await person.burst('report', run, '--out', 'fetched')
          const fetched = await readFile(join(person.folder, 'fetched', 'report.json'), 'utf8')
          expect(JSON.parse(fetched)).toEqual(report)
          expect(await headingOf(join(person.folder, 'fetched', 'report.html'))).toContain('home')
        }, '5s')
      }, 600_000)
    }

    /** Calls `work` with a new target and a scenario that sends requests to this target. */
    async function withTarget(
      work: (target: ChildTarget, scenario: string) => Promise<void>,
      pause?: string,
    ): Promise<void> {
      const target = await runInChild('counting-target.ts')
      try {
        const { port } = new URL(target.origin)
        await work(target, await writeScenario(person.folder, `http://${cloud.targetHost}:${port}`, pause))
      } finally {
        await target.close()
      }
    }

    async function detached(scenario: string, ...flags: string[]): Promise<string> {
      const { stdout } = await person.manages('run', scenario, '--yes', '--detach', ...flags)
      return stdout.trim().split('\n').at(-1) ?? ''
    }

    /** Waits for the end of a run. @returns the report */
    async function watched(run: string): Promise<Report> {
      return reportOf((await person.burst('watch', run, '--json')).stdout)
    }

    /** Waits until a coordinator works on a run that is not among the `known` runs. @returns the name of the run */
    async function begun(known: readonly string[]): Promise<string> {
      const found = async (): Promise<string | undefined> => {
        const keys = (await account.keys('runs/')).filter((key) => !known.includes(key))
        return keys.find((key) => key.endsWith('/coordinator.json'))?.split('/')[1]
      }
      return until(found, 'no coordinator began to work on the run')
    }
  })
}

/** Returns the fields of a report that explain why users are missing. */
function reasonsIn({ users, completeness, events, verdict }: Report): object {
  return { users, completeness, events, reasons: verdict.reasons }
}

function reportOf(stdout: string): Report {
  return JSON.parse(stdout) as Report
}

/** Waits until every user has a connection and the target has received 100 requests. */
async function loaded(target: ChildTarget, users: number, limitMs?: number): Promise<void> {
  const isLoaded = async (): Promise<true | undefined> => {
    const { received, perConnection } = await target.ask<Counts>('counts')
    return received >= 100 && perConnection.length >= users ? true : undefined
  }
  await until(isLoaded, `the target did not have 100 requests and ${users} connections`, limitMs)
}

/** Waits until the target has received a number of requests. */
async function received(target: ChildTarget, requests: number): Promise<void> {
  const isEnough = async (): Promise<true | undefined> =>
    (await target.ask<Counts>('counts')).received >= requests ? true : undefined
  await until(isEnough, `the target did not receive ${requests} requests`)
}

/**
 * Waits until the target has received no request for 3 s.
 * @returns the total number of received requests
 */
async function silence(target: ChildTarget): Promise<number> {
  const silentCount = async (): Promise<number | undefined> => {
    const { received } = await target.ask<Counts>('counts')
    await sleep(3_000)
    return (await target.ask<Counts>('counts')).received === received ? received : undefined
  }
  return until(silentCount, 'the target was not without requests for 3 s')
}

/** Returns the facts of a report that the tests compare. `missing` is the number of requests that only the target counted. */
async function gist(report: Report, target: ChildTarget): Promise<object> {
  const { received } = await target.ask<Counts>('counts')
  const { complete, slicesReported, lost, unreadable } = report.completeness
  const missing = received - report.totals.exchanges - report.totals.interrupted
  const enough = received > report.users.started
  return { complete, lost, unreadable, missing, enough, users: report.users.started, workers: slicesReported }
}

function whole(plan: { users: number; workers: number }): object {
  return { complete: true, lost: [], unreadable: 0, missing: 0, enough: true, ...plan }
}

/** Opens the report in a browser, which must not log an error. @returns the heading of the report */
async function headingOf(file: string): Promise<string> {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    const page = await browser.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    await page.goto(pathToFileURL(file).href)
    expect(complaints).toEqual([])
    return (await page.locator('h1').textContent()) ?? ''
  } finally {
    await browser.close()
  }
}
