import { once } from 'node:events'
import { readFile, readdir } from 'node:fs/promises'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Report } from '../../../core/report/report.ts'
import { outputFiles } from '../../../functions/keys.ts'
import { type CountingTarget, startCountingTarget } from '../../targets/counting-target.ts'
import { type RunningBurst, burst, startBurst } from '../command-line.ts'
import { heard, project, reportIn } from '../journey.ts'
import { isAlive } from '../../alive.ts'

const scenario = (host: string): string => `import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('50ms')
  tasks = { visit: 1 }
  onStart() { console.log('process id ' + process.pid) }
  async visit() { await this.http.get(('/' + this.vars['run']) as '/x') }
}
export default scenario({ host: '${host}', users: [Visitor], load: [ramp(4, '0s'), hold('2s')] })`

test('two simultaneous runs in one folder do not affect each other', async () => {
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

test('if burst is killed, all its child processes exit, and the load stops', async () => {
  const target = await startCountingTarget()
  const folder = await project({ 'both.burst.ts': scenario(target.origin) })
  const run = startBurst(['run', '--local', '-t', '60s', '--workers', '2', '--var', 'run=lost', '--out', 'out'], folder)
  const worker = await heard(run, /process id (\d+)/)
  const pids = process.platform === 'linux' ? await childrenOf(run.child.pid) : [worker]
  // Three processes are running: two workers, and one process for the coordinator and the reducer. The process of the bundler has ended.
  const stages = process.platform === 'linux' ? await stagesOf(run) : pids
  expect([stages, pids.length]).toEqual([pids, process.platform === 'linux' ? 3 : 1])
  run.child.kill('SIGKILL')
  expect((await run.ended).code).toBe(null)
  await expect.poll(() => pids.filter((pid) => isAlive(Number(pid))), { timeout: 40_000 }).toEqual([])
  // Requests that were already written may still arrive, but an open connection would mean that a process is still running.
  await expect.poll(() => target.counts().connectionsOpen).toBe(0)
  // The killed run leaves its claim behind, but the claim does not prevent the next run from using the folder.
  expect(await readdir(join(folder, 'out'))).toEqual(['.burst-run.json'])
  const next = await burst(['run', '--local', '-t', '1s', '--json', '--var', 'run=next', '--out', 'out'], folder)
  expect(next.code).toBe(0)
  expect((await readdir(join(folder, 'out'))).toSorted()).toEqual([...outputFiles].toSorted())
  await target.close()
})

test('burst run and burst report refuse an --out folder to which another run writes', async () => {
  const target = await startCountingTarget()
  const folder = await project({ 'both.burst.ts': scenario(target.origin) })
  const run = (name: string): string[] => [
    'run',
    '--local',
    '--json',
    '-t',
    '30s',
    '--var',
    `run=${name}`,
    '--out',
    'out',
  ]
  await burst(['run', '--local', '-t', '1s', '--var', 'run=earlier', '--out', 'earlier'], folder)
  const first = startBurst(run('first'), folder)
  await heard(first, /process id (\d+)/)
  for (const args of [run('second'), ['report', 'earlier', '--local', '--out', 'out']]) {
    const refused = await burst(args, folder)
    expect(refused.code).toBe(104)
    expect(refused.stderr).toMatch(/run \S+ \(process \d+\) is in progress and writes its results to \S+\/out\n/)
    expect(refused.stderr).toContain('choose another folder with --out, or wait until that run has ended')
    expect(refused.stderr).toContain(`(process ${first.child.pid})`)
  }
  expect(await readdir(join(folder, 'out'))).toEqual(['.burst-run.json'])
  first.child.kill('SIGINT')
  const { stdout } = await first.ended
  expect(await readFile(join(folder, 'out', 'report.json'), 'utf8')).toBe(stdout)
  expect(target.counts().byPath['GET /second']).toBeUndefined()
  expect(await readdir(join(folder, 'out'))).not.toContain('.burst-run.json')
  await target.close()
})

describe.skipIf(process.platform !== 'linux')('a local run whose processes are killed', () => {
  test('no count is lost when the process of the coordinator and the reducer is killed repeatedly', async () => {
    const { run, folder, target, hook } = await startHeld(['--workers', '1', '-t', '6s', '--var', 'run=reduced'])
    const others = new Set([hook, await heard(run, /process id (\d+)/)])
    for (let killed = 0; killed < 3;) {
      // The test waits for more than 50 further requests, so that the worker sends counts between two kills.
      const enough = target.counts().received + 50
      await expect.poll(() => target.counts().received, { timeout: 40_000 }).toBeGreaterThan(enough)
      for (const pid of await stagesOf(run)) if (!others.has(pid) && kill(pid)) killed++
    }
    expect((await run.ended).code).toBe(0)
    const { completeness, totals } = await reportIn(folder)
    expect(completeness).toMatchObject({ complete: true, lost: [] })
    expect(target.counts().byPath).toEqual({ 'GET /begin': 1, 'GET /reduced': totals.exchanges })
    await target.close()
  })

  test('the run continues when its coordinator is killed', async () => {
    const { run, folder, target, coordinator } = await startHeld(['-t', '6s', '--var', 'run=killed'])
    await heard(run, /process id \d+/)
    expect(kill(coordinator)).toBe(true)
    expect((await run.ended).code).toBe(0)
    const report = await reportIn(folder)
    expect(report.verdict.stoppedBy).toBe(null)
    expect(report.completeness).toMatchObject({ complete: true, lost: [] })
    expect(report.events.map(({ text: said }) => said)).toContain(
      'the coordinator was lost, and another coordinator continues the run',
    )
    expect(report.seconds.at(5)?.users).toBe(4)
    expect(target.counts().byPath).toEqual({ 'GET /begin': 1, 'GET /killed': report.totals.exchanges })
    await target.close()
  })
})

/** Starts a run that waits in `beforeRun` until the test has found the coordinator among the processes of the run. */
async function startHeld(args: readonly string[]): Promise<HeldRun> {
  const target = await startCountingTarget()
  const gate = createServer()
  const begun = once(gate, 'request') as Promise<[IncomingMessage, ServerResponse]>
  await once(gate.listen(0, '127.0.0.1'), 'listening')
  const { port } = gate.address() as AddressInfo
  const hook = `beforeRun: async ({ host }) => {
    console.log('hook ' + process.pid)
    await fetch('http://127.0.0.1:${port}')
    await fetch(host + '/begin')
  },`
  const folder = await project({ 'held.burst.ts': scenario(target.origin).replace('load:', `${hook} load:`) })
  const run = startBurst(['run', '--local', '--out', 'out', ...args], folder)
  const hookPid = await heard(run, /hook (\d+)/)
  const [, response] = await begun
  // The kernel lists child processes in the order of their start: first the coordinator, then the workers.
  const coordinator = (await stagesOf(run)).find((pid) => pid !== hookPid) ?? ''
  response.end()
  gate.close()
  expect(coordinator).not.toBe('')
  return { run, folder, target, coordinator, hook: hookPid }
}

interface HeldRun {
  run: RunningBurst
  folder: string
  target: CountingTarget
  coordinator: string
  /** The id of the process that runs `beforeRun`. */
  hook: string
}

/** Returns the ids of the child processes that run a stage; burst also has other child processes. */
async function stagesOf({ child }: RunningBurst): Promise<string[]> {
  const lines = await Promise.all(
    (await childrenOf(child.pid)).map(async (pid) => [
      pid,
      await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
    ]),
  )
  return lines.flatMap(([pid = '', line = '']) => (line.includes('embedded/processes/child') ? [pid] : []))
}

/** Kills a process. @returns true if the process still existed */
function kill(pid: string): boolean {
  try {
    return process.kill(Number(pid), 'SIGKILL')
  } catch {
    return false
  }
}

async function childrenOf(pid: number | undefined): Promise<string[]> {
  const found = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '')
  return found.split(' ').filter((one) => one !== '')
}
