import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Report } from '../../../core/report/report.ts'
import { outputFiles } from '../../../functions/keys.ts'
import { burst } from '../command-line.ts'
import { heard } from '../journey.ts'
import { type LocalRuns, openLocalRuns } from './local-runs.ts'

let target: LocalRuns['target']
let folder: string
let temporary: string
let here: LocalRuns['here']
let start: LocalRuns['start']
let close: LocalRuns['close']

beforeAll(async () => {
  ;({ target, folder, temporary, here, start, close } = await openLocalRuns((origin) => ({
    'tiny.burst.ts': `import { HttpUser, constant, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('50ms')
  tasks = { home: 1 }
  onStart() { console.log('worker ' + process.pid) }
  async home() { await this.http.get('/') }
}
export default scenario({ host: '${origin}', users: [Visitor], thresholds: ['errors < 1%'] })
`,
    'slow.ts': `import { HttpUser, constant, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('10m')
  tasks = { go: 1 }
  async go() { await this.http.get(this.index === 0 ? '/delay/600000' : '/') }
  async onStop() { await this.http.get('/bye') }
}
export default scenario({ host: '${origin}', users: [Visitor] })
`,
  })))
})
afterAll(() => close())

const kept = (): Promise<string[]> => readdir(join(temporary, `burst-${process.getuid?.() ?? ''}`, 'runs'))

test('another terminal can list, watch and stop a local run, and only the result files of the run remain after its end', async () => {
  const run = start('run', '--local', '-t', '10m', '-u', '3')
  await heard(run, /worker \d+/)
  const listed = await here('list', '--local')
  const name = /^(\S+-tiny-\w+) +running/m.exec(listed.stdout)?.[1] ?? ''
  const elsewhere = await burst(['list', '--local'], temporary, { TMPDIR: temporary })
  expect(elsewhere.stdout).toContain(name)
  expect(await here('report', name, '--local')).toMatchObject({
    code: 97,
    stderr: expect.stringContaining('is still running'),
  })

  const view = start('watch', '--local')
  await heard(view, /3\/3 users/)
  const left = start('watch', name, '--local')
  await heard(left, /3\/3 users/)
  left.child.kill('SIGHUP')
  expect(await left.ended).toMatchObject({ code: 105, stderr: expect.stringContaining('continues without this view') })

  const stopped = await here('stop', '--local', '--reason', 'seen enough')
  expect(stopped).toMatchObject({ code: 0, stdout: expect.stringContaining(`run ${name} is stopping`) })
  const [ran, watched] = await Promise.all([run.ended, view.ended])
  expect([ran.code, watched.code]).toEqual([105, 105])
  expect(ran.stdout).toContain('stopping: seen enough')
  expect(watched.stdout).toContain('stopped by a person')
  expect(await kept()).toEqual([])

  const files = await readFile(join(folder, 'burst-results', name, 'report.json'), 'utf8')
  const again = await here('report', name, '--local', '--json')
  expect(again).toMatchObject({ code: 105, stdout: files })
  expect(await here('report', '--local', '--finalize')).toMatchObject({
    code: 104,
    stderr: expect.stringContaining('no run of this folder has a kept store'),
  })
  expect(await here('report', '--local', '--json')).toMatchObject({
    code: 105,
    stdout: files,
    stderr: expect.stringContaining(`the newest run of this folder: burst-results/${name}\n`),
  })
  const copied = await here('report', name, '--local', '--out', 'copy')
  expect(copied.code).toBe(105)
  expect((await readdir(join(folder, 'copy'))).toSorted()).toEqual([...outputFiles].toSorted())
  expect(await here('report', 'copy', '--local')).toMatchObject({ code: 105 })
  expect(await here('stop', name, '--local')).toMatchObject({ code: 104, stderr: expect.stringContaining('is over') })
  for (const command of ['stop', 'watch'])
    expect(await here(command, '--local')).toMatchObject({ code: 104, stderr: 'burst: no local run is in progress\n' })
  await writeFile(join(folder, 'copy', 'report.json'), '{"schemaVersion":1}')
  expect(await here('report', 'copy', '--local')).toMatchObject({ code: 104 })
  const after = await here('list', '--local', '-n', '5')
  const [, users, requests, failures, p95] =
    new RegExp(`^${name} +\\w+ +[-\\d]+ [:\\d]+ +(\\d+) +([\\d,]+) +(\\d+) +([\\d.]+ m?s)`, 'm').exec(after.stdout) ??
    []
  expect({ users, failures }).toEqual({ users: '3', failures: '0' })
  expect(requests).toBeDefined()
  expect(p95).toBeDefined()
})

test('burst stop --now cuts off the requests in flight: no user runs onStop, and the report contains every count', async () => {
  const { received: earlier } = target.counts()
  const run = start('run', 'slow.ts', '--local', '-t', '10m', '-u', '4', '--workers', '2', '--out', 'now')
  await expect.poll(() => target.counts().received - earlier, { timeout: 30_000 }).toBe(4)
  expect(await here('stop', '--all', '--local', '--now')).toMatchObject({ code: 0 })
  expect(await run.ended).toMatchObject({
    code: 105,
    stdout: expect.stringContaining('stopping immediately: burst stop --now'),
  })
  const report = JSON.parse(await readFile(join(folder, 'now', 'report.json'), 'utf8')) as Report
  expect(report.totals).toMatchObject({ exchanges: 3, interrupted: 1 })
  expect(report.completeness).toMatchObject({ complete: true, lost: [] })
  expect(target.counts()).toMatchObject({ received: earlier + 4 })
  expect(target.counts().byPath).not.toHaveProperty('GET /bye')
})

test('a killed worker leaves no temporary file, and the run continues without this worker', async () => {
  const run = start('run', '--local', '-t', '3s', '-u', '2', '--workers', '2', '--out', 'short')
  process.kill(Number(await heard(run, /\] worker (\d+)/)), 'SIGKILL')
  expect((await run.ended).code).toBe(98)
  expect(await readdir(join(temporary, `burst-${process.getuid?.() ?? ''}`))).toEqual(['runs'])
  expect(await kept()).toEqual([])
})

test('after a run was killed and its bundle was deleted, burst report can still make a report from the counts', async () => {
  const run = start('run', '--local', '-t', '10m', '--out', 'lost')
  await heard(run, /[1-9]\d* requests/)
  run.child.kill('SIGKILL')
  await run.ended
  const [name = ''] = await kept()
  expect(await here('watch', name, '--local')).toMatchObject({
    code: 104,
    stderr: expect.stringContaining('--finalize'),
  })
  expect(await here('report', name, '--local')).toMatchObject({
    code: 97,
    stderr: expect.stringContaining('--finalize'),
  })
  await here('debug')
  const store = join(temporary, `burst-${process.getuid?.() ?? ''}`, 'runs', name)
  expect((await readdir(store)).toSorted()).toEqual(['run.json', 'store'])
  expect(await readdir(join(store, 'store'))).not.toContain('bundles')
  const made = await here('report', name, '--local', '--finalize')
  expect(made).toMatchObject({ code: 97, stderr: '', stdout: expect.stringMatching(/ended immediately/) })
  expect(await readdir(join(folder, 'lost'))).toContain('report.html')
  expect(await kept()).toEqual([])
})

test('after a run with --keep-store, burst report can make the same report again', async () => {
  const { stdout } = await here('run', '--local', '-t', '1s', '--keep-store', '--samples', '--out', 'first')
  const store = /^store {3}(\S+)$/m.exec(stdout)?.[1] ?? ''
  expect((await readdir(store)).toSorted()).toEqual(['active', 'bundles', 'runs'])
  const [name = ''] = await kept()
  const made = await here('report', '--local', '--finalize', '--out', 'second')
  expect(made).toMatchObject({ code: 0, stderr: `the newest run of this folder: ${name}\n` })
  const names = (await readdir(join(folder, 'first'))).toSorted()
  expect(names).toEqual([...outputFiles, 'worker-0.samples.ndjson'].toSorted())
  expect((await readdir(join(folder, 'second'))).toSorted()).toEqual(names)
  for (const file of names) {
    const [first, second] = await Promise.all(
      ['first', 'second'].map((one) => readFile(join(folder, one, file), 'utf8')),
    )
    expect(second).toBe(first)
  }
  expect(await kept()).toEqual([name])
})

test.each([
  [
    ['report', 'r1', '--local'],
    "there is no local run 'r1'",
    'burst list --local names the runs; if the run wrote its files to a folder of --out, name that folder',
  ],
  [
    ['report'],
    'name the run',
    'burst list shows the names of the runs on AWS; --local shows the newest run of this folder',
  ],
  [['stop', 'r1', '--local'], "there is no local run 'r1'", 'burst list --local names the runs'],
  [
    ['watch', 'r1', '--local', '--region', 'eu-west-1'],
    '--region cannot be used with --local',
    'remove one of these flags',
  ],
  [['run', '--keep-store'], '--keep-store needs --local', 'on AWS, the bucket keeps all data of a run'],
  [
    ['run', '--detach', '--out', 'files'],
    '--out cannot be combined with --detach',
    'start the run with --detach, then use burst watch RUN --out FOLDER',
  ],
  [
    ['run', '--detach', '--json'],
    '--json cannot be combined with --detach',
    'start the run with --detach, then use burst watch RUN --json',
  ],
])('the command %j is refused with a one-sentence error message', async (args, sentence, hint) => {
  expect(await here(...args)).toEqual({ code: 104, stdout: '', stderr: `burst: ${sentence}\n  ${hint}\n` })
})
