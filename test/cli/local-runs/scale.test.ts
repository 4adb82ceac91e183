import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'vitest'
import type { Report } from '../../../core/report/report.ts'
import { heard } from '../journey.ts'
import { openLocalRuns } from './local-runs.ts'

const file = 'scaled.burst.ts'

const users = (origin: string): Record<string, string> => ({
  [file]: `import { HttpUser, constant, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('100ms')
  tasks = { home: 1 }
  async home() { await this.http.get('/user/' + this.index) }
}
export default scenario({ host: '${origin}', users: [Visitor] })
`,
})

const arrivals = (origin: string): Record<string, string> => ({
  [file]: `import { HttpUser, arrivals, scenario } from 'burst'
class Visitor extends HttpUser {
  tasks = { home: 1 }
  async home() { await this.http.get('/arrival') }
}
export default scenario({ host: '${origin}', users: [Visitor], load: [arrivals(10, '10m', { maxUsers: 20 })] })
`,
})

const reportIn = async (folder: string): Promise<Report> =>
  JSON.parse(await readFile(join(folder, 'out', 'report.json'), 'utf8')) as Report

// Each test has its own target and its own folder for local runs, so the tests of this file can run at the same time.
test.concurrent('all counts stay exact when burst scale adds workers, reduces the number of users to 0 and starts users again', async ({
  expect,
  onTestFinished,
}) => {
  const { target, folder, here, start, close } = await openLocalRuns(users)
  onTestFinished(close)
  const run = start('run', file, '--local', '-t', '10m', '-u', '3', '--workers', '1', '--out', 'out')
  await heard(run, /3\/3 users/)
  const up = await here('scale', '--local', '--users', '120', '--over', '1s')
  expect(up).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/changes from 3 to 120 users over 1 s, from \d\d:\d\d on, with \d more workers?\n/),
  })
  await heard(run, /120\/120 users/)
  expect(await here('scale', '--local', '--users', '0', '--over', '0')).toMatchObject({ code: 0 })
  await heard(run, /0\/0 users/)
  expect(await here('scale', '--local', '--users', '5', '--spawn-rate', '50')).toMatchObject({ code: 0 })
  await heard(run, /5\/5 users/)
  expect(await here('scale', '--local', '--rate', '5')).toMatchObject({
    code: 104,
    stderr: expect.stringContaining('the load of this run is a number of users, not a rate'),
  })
  expect(await here('continue', '--local')).toMatchObject({
    code: 104,
    stderr: expect.stringMatching(/^burst: run \S+ is not paused\n/),
  })
  expect(await here('pause', '--local')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      /^run \S+ pauses at \d\d:\d\d; its users keep their state; the run still ends at 10:00\n$/,
    ),
  })
  await heard(run, /paused/)
  const { received: atPause } = target.counts()
  expect(await here('pause', '--local')).toMatchObject({ code: 104, stderr: expect.stringContaining('already paused') })
  expect(target.counts().received).toBe(atPause)
  expect(await here('continue', '--local')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(
      / continues at \d\d:\d\d: 5 users come back over 5 s; the run still ends at 10:00\n$/,
    ),
  })
  await expect.poll(() => target.counts().received, { timeout: 60_000 }).toBeGreaterThan(atPause + 50)
  expect(await here('stop', '--all', '--local')).toMatchObject({ code: 0 })
  await run.ended
  const report = await reportIn(folder)
  expect(report.totals.exchanges + report.totals.interrupted).toBe(target.counts().received)
  expect(report.completeness).toMatchObject({ complete: true, lost: [] })
  expect(report.events.map(({ text }) => text)).toEqual(
    expect.arrayContaining([
      'the load changes from 3 to 120 users over 1 s',
      'the load changes from 120 to 0 users',
      expect.stringMatching(/^the load changes from 0 to 5 users/),
      'the run is paused',
      'the run continues: 5 users come back over 5 s',
    ]),
  )
  const planned = new Set(report.seconds.map(({ plannedUsers }) => plannedUsers))
  expect([3, 120, 0, 5].filter((users) => !planned.has(users))).toEqual([])
  // The planned number of users may change within a second. The number of users in a second may therefore be the planned number of this second or of
  // an adjacent second. In the second of the stop and in all later seconds, the planned number of users is 0, but some users may still be active. The
  // check ignores these seconds.
  const timeOf = (beginning: string): number =>
    report.events.find(({ text }) => text.startsWith(beginning))?.at ?? Number.NaN
  const stopAt = timeOf('a stop was requested')
  expect(stopAt).toBeGreaterThan(timeOf('the run continues'))
  for (const [index, { users, at }] of report.seconds.entries()) {
    if (at >= Math.floor(stopAt)) continue
    const planned = report.seconds.slice(Math.max(0, index - 1), index + 2).map(({ plannedUsers }) => plannedUsers)
    expect({ at, users, beyond: users > Math.max(...planned) }).toEqual({ at, users, beyond: false })
  }
}, 180_000)

test.concurrent.for([3_600_000, -3_600_000])(
  'if the system time is changed by %i ms during a run, commands in another terminal can still show and change the run',
  async (stepMs, { expect, onTestFinished }) => {
    const { folder, here, start, close } = await openLocalRuns(users, {
      NODE_OPTIONS: `--import ${new URL('../../fixtures/stepping-clock.mjs', import.meta.url).href}`,
      BURST_TEST_STEP_MS: String(stepMs),
      BURST_TEST_STEP_FILE: 'stepped',
    })
    onTestFinished(close)
    const run = start('run', file, '--local', '-t', '10m', '-u', '3', '--workers', '1', '--out', 'out')
    await heard(run, /3\/3 users/)
    await writeFile(join(folder, 'stepped'), '')
    expect(await here('scale', '--local', '--users', '6', '--over', '0')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/changes from 3 to 6 users, from 0\d:\d\d on/),
    })
    await heard(run, /6\/6 users/)
    const watch = start('watch', '--local')
    await heard(watch, /0\d:\d\d.*6\/6 users/)
    expect(await here('pause', '--local')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/ pauses at 0\d:\d\d; /),
    })
    await heard(run, /paused/)
    expect(await here('stop', '--all', '--local')).toMatchObject({ code: 0 })
    await Promise.all([run.ended, watch.ended])
    expect((await reportIn(folder)).completeness).toMatchObject({ complete: true, lost: [] })
  },
)

test.concurrent('burst scale changes the arrival rate and the size of the user pool without losing or repeating an arrival', async ({
  expect,
  onTestFinished,
}) => {
  const { target, folder, here, start, close } = await openLocalRuns(arrivals)
  onTestFinished(close)
  const run = start('run', file, '--local', '--workers', '2', '--out', 'out')
  await heard(run, /[1-9]\d* requests/)
  expect(await here('scale', '--local', '--rate', '60', '--over', '2s')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/from 10(?:\.0)? to 60(?:\.0)? arrivals\/s over 2 s/),
  })
  await heard(run, /[5-6]\d(?:\.\d)? req\/s/)
  expect(await here('scale', '--local', '--rate', '0', '--over', '0')).toMatchObject({ code: 0 })
  await heard(run, / 0(?:\.0)? req\/s/)
  expect(await here('stop', '--all', '--local')).toMatchObject({ code: 0 })
  await run.ended
  const report = await reportIn(folder)
  expect(report.totals.exchanges + report.totals.interrupted).toBe(target.counts().received)
  const { offered, started, dropped } = report.arrivals as NonNullable<Report['arrivals']>
  expect(started + dropped.pool + dropped.generator).toBe(offered)
  expect(dropped.lost).toBe(0)
}, 180_000)
