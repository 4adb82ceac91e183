import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Report } from '../../core/report/report.ts'
import { startCountingTarget } from '../targets/counting-target.ts'
import { burst, startBurst } from './command-line.ts'
import { heard, project, reportIn } from './journey.ts'
import { isAlive } from '../alive.ts'

const scenario = (host: string): string => `import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('50ms')
  tasks = { visit: 1 }
  onStart() { console.log('process id ' + process.pid) }
  async visit() { await this.http.get(('/' + this.vars['run']) as '/x') }
}
export default scenario({ host: '${host}', users: [Visitor], load: [ramp(4, '0s'), hold('2s')] })`

test('two runs in one folder at once keep apart', async () => {
  const target = await startCountingTarget()
  const folder = await project({ 'both.burst.ts': scenario(target.origin) })
  const run = (name: string) => burst(['run', '--local', '--json', '--var', `run=${name}`], folder)
  const ended = await Promise.all([run('one'), run('two')])
  const reports = ended.map((one) => JSON.parse(one.stdout) as Report)
  expect(ended.map((one) => one.code)).toEqual([0, 0])
  expect(reports.map((report) => report.completeness.complete)).toEqual([true, true])
  expect(target.counts().byPath).toEqual({
    'GET /one': reports[0]?.totals.exchanges,
    'GET /two': reports[1]?.totals.exchanges,
  })
  expect(new Set(await readdir(join(folder, 'burst-results')))).toEqual(new Set(reports.map((report) => report.run.id)))
  await target.close()
})

test('a burst that is killed leaves no process and no load behind', async () => {
  const target = await startCountingTarget()
  const folder = await project({ 'both.burst.ts': scenario(target.origin) })
  const run = startBurst(['run', '--local', '-t', '60s', '--var', 'run=lost', '--out', 'out'], folder)
  const worker = await heard(run, /process id (\d+)/)
  const pids = process.platform === 'linux' ? await childrenOf(run.child.pid) : [worker]
  run.child.kill('SIGKILL')
  expect((await run.ended).code).toBe(null)
  await expect.poll(() => pids.filter((pid) => isAlive(Number(pid))), { timeout: 40_000 }).toEqual([])
  const { received } = target.counts()
  await sleep(500)
  expect(target.counts().received).toBe(received)
  expect(await readdir(join(folder, 'out'))).toEqual([])
  await target.close()
})

test.skipIf(process.platform !== 'linux')('reducers that are killed again and again lose no count', async () => {
  const target = await startCountingTarget()
  const text = scenario(target.origin).replace(
    'load:',
    "beforeRun: () => console.log('coordinator ' + process.pid), load:",
  )
  const folder = await project({ 'reduced.burst.ts': text })
  const run = startBurst(
    ['run', '--local', '--workers', '1', '-t', '5s', '--var', 'run=reduced', '--out', 'out'],
    folder,
  )
  const known = new Set([await heard(run, /coordinator (\d+)/), await heard(run, /process id (\d+)/)])
  const killed = new Set<string>()
  for (let k = 0; k < 30; k++) {
    await sleep(100)
    for (const pid of await childrenOf(run.child.pid)) {
      if (known.has(pid) || killed.has(pid)) continue
      killed.add(pid)
      process.kill(Number(pid), 'SIGKILL')
    }
  }
  expect((await run.ended).code).toBe(0)
  expect(killed.size).toBeGreaterThanOrEqual(2)
  const { completeness, totals } = await reportIn(folder)
  expect(completeness).toMatchObject({ complete: true, lost: [] })
  expect(target.counts().byPath).toEqual({ 'GET /reduced': totals.exchanges })
  await target.close()
})

test('a coordinator that is killed in the middle of a run does not end it', async () => {
  const target = await startCountingTarget()
  const text = scenario(target.origin).replace(
    'load:',
    "beforeRun: () => console.log('coordinator ' + process.pid), load:",
  )
  const folder = await project({ 'killed.burst.ts': text })
  const run = startBurst(['run', '--local', '-t', '6s', '--var', 'run=killed', '--out', 'out'], folder)
  const coordinator = Number(await heard(run, /coordinator (\d+)/))
  await expect.poll(() => target.counts().received, { timeout: 20_000 }).toBeGreaterThan(0)
  process.kill(coordinator, 'SIGKILL')
  expect((await run.ended).code).toBe(0)
  const report = await reportIn(folder)
  expect(report.verdict.stoppedBy).toBe(null)
  expect(report.completeness).toMatchObject({ complete: true, lost: [] })
  expect(report.events.map(({ text: said }) => said)).toContain(
    'the coordinator was lost, and another one goes on with the run',
  )
  expect(report.seconds.at(5)?.users).toBe(4)
  expect(target.counts().byPath).toEqual({ 'GET /killed': report.totals.exchanges })
  await target.close()
})

async function childrenOf(pid: number | undefined): Promise<string[]> {
  const found = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')
  return found.split(' ').filter((one) => one !== '')
}
