import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Report } from '../../../core/report/report.ts'
import { outputFiles } from '../../../functions/keys.ts'
import { type CountingTarget, startCountingTarget } from '../../targets/counting-target.ts'
import { type RunningBurst, burst, emptyFolder, startBurst } from '../command-line.ts'

let target: CountingTarget
beforeAll(async () => {
  target = await startCountingTarget()
})
afterAll(() => target.close())

test('a run prints the plan, progress lines, the summary and the folder of the files, and ends with exit code 0', async () => {
  const folder = await withScenario()
  const { code, stdout, stderr } = await burst(['run', '--local', '-t', '1s'], folder)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain('all')
  // On a busy machine the run may be inconclusive.
  expect(stdout).toMatch(/(✓ passed|\? inconclusive) {2}tiny, http:\/\/127/)
  expect(stdout).not.toContain('\u001b')
  const place = /files {3}(burst-results\/\S+)/.exec(stdout)?.[1] ?? ''
  expect((await readdir(join(folder, place))).toSorted()).toEqual([...outputFiles].toSorted())
  expect(stdout).toMatch(/^ {2}run (\S+); in another terminal: burst watch, stop or report \1 --local$/m)
  expect(stdout).toContain(`report  file://${join(folder, place, 'report.html')}`)
})

test('with --json, stdout contains exactly the report, and the files are written to --out', async () => {
  const folder = await withScenario()
  const { code, stdout, stderr } = await burst(['run', '--local', '-t', '1s', '--json', '--out', 'result'], folder)
  expect(code).toBe(0)
  expect(stdout).toBe(await readFile(join(folder, 'result', 'report.json'), 'utf8'))
  expect((JSON.parse(stdout) as Report).schemaVersion).toBe(1)
  expect(stderr).toMatch(/✓ passed|\? inconclusive/)
})

test('with --quiet, burst run prints only the summary', async () => {
  const { stdout } = await burst(['run', '--local', '-t', '1s', '--quiet'], await withScenario())
  expect(stdout).toMatch(/^\nrequest /)
})

test('if the path of --out cannot be used, the run ends with exit code 104 before it sends a request', async () => {
  const folder = await withScenario()
  await writeFile(join(folder, 'file'), '')
  const before = target.counts().received
  const { code, stderr } = await burst(['run', '--local', '--out', 'file/out'], folder)
  expect({ code, stderr }).toEqual({
    code: 104,
    stderr: `burst: cannot write results to ${join(folder, 'file/out')}: a part of the path is a file, not a folder\n  choose another folder with --out\n`,
  })
  expect(target.counts().received).toBe(before)
})

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  'the first %s stops the run gracefully: a report is written, and the exit code is 105',
  async (signal) => {
    const folder = await withScenario()
    const run = startBurst(['run', '--local', '-t', '60s', '--out', 'out'], folder)
    await load()
    run.child.kill(signal)
    const { code, stdout } = await run.ended
    expect(code).toBe(105)
    const more =
      signal === 'SIGHUP'
        ? ' because of SIGHUP: requests in flight have 2 s to finish'
        : ': requests in flight have 2 s to finish; press Ctrl-C again to end immediately'
    expect(stdout).toContain(`stopping${more}`)
    const report = JSON.parse(await readFile(join(folder, 'out', 'report.json'), 'utf8')) as Report
    expect(report.verdict.stoppedBy).toBe(signal === 'SIGINT' ? 'Ctrl-C' : signal)
    expect(report.completeness.complete).toBe(true)
  },
)

test('signals that arrive together count as one request to stop, because the terminal and npx may both send a signal for one Ctrl-C', async () => {
  const folder = await withScenario()
  const run = startBurst(['run', '--local', '-t', '60s', '--out', 'out'], folder)
  await load()
  // When the process continues, the system delivers the pending signals in the order of their numbers, so SIGHUP is the first.
  for (const signal of ['SIGSTOP', 'SIGINT', 'SIGTERM', 'SIGHUP', 'SIGCONT'] as const) run.child.kill(signal)
  expect((await run.ended).code).toBe(105)
  expect(await readdir(join(folder, 'out'))).toContain('report.json')
})

test('a second Ctrl-C ends the run immediately without a report, but burst report can later make the report from the kept counts', async () => {
  // The target answers slowly. Requests are therefore in flight when the second signal arrives, even if a busy machine delivers this signal late.
  const folder = await withScenario('/delay/1500')
  const run = startBurst(['run', '--local', '-t', '60s', '--stop-timeout', '60s', '--out', 'out'], folder)
  await reported(run)
  run.child.kill('SIGINT')
  await until(run, 'stopping')
  const again = setInterval(() => run.child.kill('SIGINT'), 50)
  const { code, stderr } = await run.ended
  clearInterval(again)
  expect(code).toBe(105)
  expect(await readdir(join(folder, 'out'))).toEqual([])
  const [, store = '', name = ''] =
    /^burst: .*immediately, without a report\n {2}the counts are kept in (\S+); burst report (\S+) --local --finalize/.exec(
      stderr,
    ) ?? []
  expect((await readdir(store)).toSorted()).toEqual(['active', 'runs'])
  const remade = await burst(['report', name, '--local', '--finalize'], folder)
  expect(remade).toMatchObject({ code: 97, stderr: '' })
  const report = JSON.parse(await readFile(join(folder, 'out', 'report.json'), 'utf8')) as Report
  expect(report.verdict.reasons.join()).toContain('the run was ended immediately')
  expect(report.totals.requests).toBeGreaterThan(0)
})

test('hooks run before and after the load, and afterRun receives the result of beforeRun', async () => {
  const folder = await withScenario()
  const file = join(folder, 'tiny.burst.ts')
  const hooks = "beforeRun: () => ({ made: 1 }), afterRun: ({ data }) => console.log('cleared', JSON.stringify(data)),"
  await writeFile(file, (await readFile(file, 'utf8')).replace('scenario({', `scenario({ ${hooks}`))
  const { code, stdout, stderr } = await burst(['run', '--local', '-t', '1s', '--json'], folder)
  expect(stderr).toContain('cleared {"made":1}')
  expect((JSON.parse(stdout) as Report).totals.requests).toBeGreaterThan(0)
  expect(code).toBe(0)
})

test('if a run is stopped during afterRun, burst waits for afterRun and says how long afterRun may take', async () => {
  const folder = await withScenario()
  const file = join(folder, 'tiny.burst.ts')
  const hook =
    "afterRun: async () => { console.log('clearing'); await new Promise((done) => setTimeout(done, 1_000)); console.log('cleared') },"
  await writeFile(file, (await readFile(file, 'utf8')).replace('scenario({', `scenario({ ${hook}`))
  const run = startBurst(['run', '--local', '-t', '1s'], folder)
  await until(run, 'clearing')
  run.child.kill('SIGINT')
  const { stdout } = await run.ended
  expect(stdout).toContain(
    'stopping: requests in flight have 2 s to finish, then afterRun has up to 1 min; press Ctrl-C again',
  )
  expect(stdout).toContain('cleared')
})

async function withScenario(path = '/'): Promise<string> {
  const folder = await emptyFolder()
  await writeFile(
    join(folder, 'tiny.burst.ts'),
    `import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('50ms')
  tasks = { home: 1 }
  async home() { await this.http.get('${path}').expect(200) }
}
export default scenario({ host: '${target.origin}', users: [Visitor], load: [ramp(4, '0s'), hold('2s')], thresholds: ['errors < 1%'] })
`,
  )
  return folder
}

/** Waits until the target has received at least five more requests. */
async function load(): Promise<void> {
  const before = target.counts().received
  while (target.counts().received < before + 5) await sleep(20)
}

/** Waits until some counts have been merged. */
async function reported(run: RunningBurst): Promise<void> {
  await load()
  while (!/ [1-9]\d* requests/.test(run.said())) await sleep(20)
}

async function until(run: RunningBurst, text: string): Promise<void> {
  while (!run.said().includes(text)) await sleep(5)
}
