import { existsSync } from 'node:fs'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outputFiles } from '../../../functions/keys.ts'
import { type CountingTarget, startCountingTarget } from '../../targets/counting-target.ts'
import { unusedOrigin } from '../../targets/raw/rude-targets.ts'
import { burst, startBurst } from '../command-line.ts'
import { heard, project, reportIn, runIn } from '../journey.ts'

let target: CountingTarget
beforeAll(async () => {
  target = await startCountingTarget()
})
afterAll(() => target.close())

/**
 * Creates a project with one scenario, and returns its folder. The scenario has two users. Each user prints its process id and requests `path`.
 * `more` is added to the options of the scenario.
 */
function scenario(path: string, more = '', host = target.origin): Promise<string> {
  return project({
    'some.burst.ts': `import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('50ms')
  tasks = { visit: 1 }
  onStart() { console.log('process id ' + process.pid) }
  async visit() { await this.http.get('${path}') }
}
export default scenario({ host: '${host}', users: [Visitor], load: [ramp(2, '0s'), hold('1s')], ${more} })
`,
  })
}
const neverMet = `thresholds: ['rps > 100000']`
const forLong = ['run', '--local', '--out', 'out', '--workers', '2', '-t', '60s']

describe('the exit code says how a run ended', () => {
  test('a run without thresholds ends with exit code 0, and its verdict is unjudged (or inconclusive on a busy machine), but never passed', async () => {
    const { code, report, stdout } = await runIn(await scenario('/'))
    expect(code).toBe(0)
    expect(['unjudged', 'inconclusive']).toContain(report.verdict.result)
    expect(stdout).not.toContain('✓ passed')
  })

  test('without a threshold, failed requests result in exit code 0, or 99 with --fail-on-error', async () => {
    // Half of the requests fail. The other half succeeds, so the verdict is not "no request succeeded".
    const half = "/status/200'); await this.http.get('/status/503"
    const [allowed, forbidden] = await Promise.all([
      runIn(await scenario(half)),
      runIn(await scenario(half), ['--fail-on-error']),
    ])
    expect(allowed.code).toBe(0)
    expect(allowed.report.totals.failures).toBeGreaterThan(0)
    expect(forbidden.code).toBe(99)
    expect(forbidden.report.verdict).toMatchObject({ result: 'failed', exitCode: 99 })
    expect(forbidden.stdout).toContain('✗ failed')
  })

  test('--fail-on-inconclusive results in exit code 96 for a run that did not follow its plan, and the last line of the output gives the reason', async () => {
    // The users never finish their first iteration, so the load differs from the plan.
    const hanging = "/'); if (this.index >= 0) await new Promise(() => {}); void ('"
    const soon = ['--stop-timeout', '1s']
    const [forbidden, allowed] = await Promise.all([
      runIn(await scenario(hanging, neverMet), ['--fail-on-inconclusive', '--keep-store', ...soon]),
      runIn(await scenario(hanging), soon),
    ])
    expect(forbidden.report.verdict).toMatchObject({ result: 'inconclusive', exitCode: 96 })
    expect(forbidden.code).toBe(96)
    const lastLine = (text: string): string | undefined => text.trim().split('\n').at(-1)
    expect(lastLine(forbidden.stdout)).toBe(`? inconclusive, exit code 96: ${forbidden.report.verdict.reasons[0]}`)
    expect(allowed.report.verdict).toMatchObject({ result: 'inconclusive', exitCode: 0 })
    expect(allowed.code).toBe(0)
    expect(lastLine(allowed.stdout)).toMatch(
      /^\? inconclusive, exit code 0: .*; with --fail-on-inconclusive the exit code would be 96$/,
    )
  })

  test('the exit code is 99 if a threshold failed', async () => {
    const { code, stdout } = await runIn(await scenario('/', neverMet))
    expect(code).toBe(99)
    expect(stdout).toMatch(/✗ +rps > 100000/)
  })

  test('the exit code is 99 if the host is unreachable, and the report says that no request succeeded', async () => {
    const { code, report, stdout } = await runIn(await scenario('/', '', await unusedOrigin()))
    expect(code).toBe(99)
    expect(report.completeness.complete).toBe(true)
    expect(report.totals.requests).toBeGreaterThan(0)
    expect(report.totals.failures).toBe(report.totals.requests)
    expect(report.errors.map((one) => one.message).join()).toMatch(/ECONNREFUSED/)
    expect(stdout).toMatch(/no request succeeded/i)
    expect(stdout).toMatch(/ECONNREFUSED/)
  })

  test('the exit code is 98 if the last counts of a killed worker are missing, even if a threshold also failed', async () => {
    const folder = await scenario('/', neverMet)
    const run = startBurst(['run', '--local', '--out', 'out', '--workers', '2', '-t', '3s'], folder)
    process.kill(Number(await heard(run, /process id (\d+)/)), 'SIGKILL')
    expect((await run.ended).code).toBe(98)
    const { verdict, completeness } = await reportIn(folder)
    expect(verdict).toMatchObject({ result: 'inconclusive', exitCode: 98 })
    expect(verdict.reasons.join()).toContain('rps > 100000')
    expect(completeness).toMatchObject({ complete: false, slicesExpected: 2 })
    expect(completeness.lost.join()).toMatch(/worker [01] was killed \(out of memory or killed from outside\)/)
  })

  test('the exit code is 105 if a person stopped the run, even if a worker was killed before the stop', async () => {
    const folder = await scenario('/', neverMet)
    const run = startBurst(forLong, folder)
    process.kill(Number(await heard(run, /process id (\d+)/)), 'SIGKILL')
    run.child.kill('SIGINT')
    expect((await run.ended).code).toBe(105)
    const { verdict, completeness } = await reportIn(folder)
    expect(verdict).toMatchObject({ exitCode: 105, stoppedBy: 'Ctrl-C' })
    expect(completeness.complete).toBe(false)
  })

  test('the exit code is 97 if the results could not be written, even if a person stopped the run', async () => {
    const folder = await scenario('/')
    const run = startBurst(forLong, folder)
    await heard(run, /process id (\d+)/)
    await rm(join(folder, 'out'), { recursive: true })
    await writeFile(join(folder, 'out'), 'somebody else was here')
    run.child.kill('SIGINT')
    const { code, stdout, stderr } = await run.ended
    expect(code).toBe(97)
    expect(stdout).toContain('all')
    const [, kept, name] = /the report is kept in (\S+); burst report (\S+) --local --out <folder>/.exec(stderr) ?? []
    expect(stderr).toMatch(/^burst: cannot write results to /)
    expect(await readdir(kept ?? '')).toContain('report.html')
    const fetched = await burst(['report', name ?? '', '--local', '--out', 'elsewhere'], folder)
    expect(fetched).toMatchObject({ code: 105, stderr: '' })
    expect((await readdir(join(folder, 'elsewhere'))).toSorted()).toEqual([...outputFiles].toSorted())
    expect(existsSync(kept ?? '')).toBe(false)
  })

  test('the exit code is 104 if --out is invalid, even if the scenario file throws', async () => {
    const folder = await project({ 'some.burst.ts': 'throw new Error("no accounts")' })
    await writeFile(join(folder, 'out'), '')
    expect(await burst(['run', '--local', '--out', 'out/below'], folder)).toMatchObject({ code: 104 })
  })

  test('if beforeRun throws, the exit code is 107, no request is sent, and the report gives the reason', async () => {
    const before = target.counts().received
    const folder = await scenario('/', `${neverMet}, beforeRun() { throw new Error('the database is gone') }`)
    const { code, stdout, report } = await runIn(folder)
    expect(code).toBe(107)
    expect(stdout).toContain('beforeRun threw: the database is gone (some.burst.ts:8)')
    expect(report.verdict.exitCode).toBe(107)
    expect(target.counts().received).toBe(before)
  })

  test('the exit code is 104 if the command line has a mistake, even if the scenario file throws', async () => {
    const folder = await project({ 'some.burst.ts': 'throw new Error("no accounts")' })
    expect(await burst(['run', '--local', '-u', '-1'], folder)).toMatchObject({ code: 104 })
  })

  test('the exit code is 1 for a bug in burst, and the message says that this is a bug', async () => {
    const folder = await scenario('/')
    await writeFile(
      join(folder, 'fault.mjs'),
      `import os from 'node:os'
import { syncBuiltinESMExports } from 'node:module'
os.availableParallelism = () => { throw new TypeError('cores is not a function') }
syncBuiltinESMExports()`,
    )
    const { code, stdout, stderr } = await burst(['run', '--local'], folder, {
      NODE_OPTIONS: `--import ${pathToFileURL(join(folder, 'fault.mjs')).href}`,
    })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toBe(
      'burst: this is a bug in burst: cores is not a function\n  run the command again with --debug to see the stack trace\n',
    )
  })
})
