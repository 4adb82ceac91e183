import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Report } from '../../core/report/report.ts'
import { startCountingTarget } from '../targets/counting-target.ts'
import { burst, startBurst } from './command-line.ts'
import { heard, project } from './journey.ts'

const scenario = (host: string): string => `import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('50ms')
  tasks = { visit: 1 }
  onStart() { console.log('worker ' + process.pid) }
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
  expect(new Set(await readdir(join(folder, 'burst-results')))).toEqual(
    new Set(['.store', ...reports.map((report) => report.run.id)]),
  )
  await target.close()
})

test('a burst that is killed leaves no process and no load behind', async () => {
  const target = await startCountingTarget()
  const folder = await project({ 'both.burst.ts': scenario(target.origin) })
  const run = startBurst(['run', '--local', '-t', '60s', '--var', 'run=lost', '--out', 'out'], folder)
  const worker = Number(await heard(run, /worker (\d+)/))
  run.child.kill('SIGKILL')
  expect((await run.ended).code).toBe(null)
  await expect.poll(() => isAlive(worker), { timeout: 20_000 }).toBe(false)
  const { received } = target.counts()
  await sleep(500)
  expect(target.counts().received).toBe(received)
  expect(await readdir(join(folder, 'out'))).toEqual([])
  await target.close()
})

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
