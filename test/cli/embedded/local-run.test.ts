import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { type LocalRun, type LocalRunRequest, startLocalRun } from '../../../cli/embedded/local-run.ts'
import { BurstError } from '../../../core/errors.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { keyedStream } from '../../../core/random.ts'
import { outputFiles } from '../../../functions/keys.ts'
import { planOf } from '../../fixtures/run.ts'
import { isAlive } from '../../alive.ts'

let folder: string
let run: LocalRun | undefined

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'burst-run-'))
})
afterEach(async () => {
  await run?.kill()
  rmSync(folder, { recursive: true, force: true })
})

const profile = { points: [{ atMs: 0, level: 10 }], endMs: 1000 }
const timing = {
  startLeadMs: 5000,
  startNoticeMs: 100,
  controlPollMs: 100,
  leaseMs: 5000,
  drainMs: 500,
  stopMs: 500,
  graceMs: 3000,
}

async function started(plan: Partial<RunPlan> = {}, more: Partial<LocalRunRequest> = {}): Promise<LocalRun> {
  run = await startLocalRun({
    plan: planOf({ profile, timing, flushMs: 200, createdAt: Date.now(), ...plan }),
    bundle: { hash: 'b1', code: 'export default {}' },
    storeDir: join(folder, 'store'),
    stages: new URL('run-stages.ts', import.meta.url).href,
    ...more,
  })
  return run
}

async function untilRunning(one: LocalRun): Promise<void> {
  await vi.waitFor(async () => expect((await one.snapshot())?.phase).toBe('running'), 20_000)
}

describe('a run on this machine', () => {
  test('a local run produces a complete report with all files, and none of its processes remains', async () => {
    const one = await started()
    await untilRunning(one)
    const pids = one.pids()
    expect(pids.length).toBeGreaterThanOrEqual(3)
    const report = await one.done
    expect(report.completeness).toMatchObject({ complete: true, slicesReported: 2, late: 0 })
    expect(report.totals.requests).toBe(18)
    expect([...pids, ...one.pids()].filter(isAlive)).toEqual([])
    const outputs = await one.outputs()
    expect(Object.keys(outputs)).toEqual([...outputFiles])
    expect(JSON.parse(outputs['report.json'] ?? '')).toEqual(report)
  })

  test('the counts do not change when every message is delivered twice, late and out of order', async () => {
    const stream = keyedStream(7, [0], 'data')
    const one = await started(
      {},
      { queueFaults: { twice: true, shuffle: true, delayMs: 400, random: () => stream.next() } },
    )
    const report = await one.done
    expect(report.completeness.complete).toBe(true)
    expect(report.totals.requests).toBe(18)
  })

  test('the state of a local run can be read while the run is in progress', async () => {
    const one = await started({ profile: { ...profile, endMs: null } })
    await vi.waitFor(async () => expect((await one.snapshot())?.requests).toBe(18), 20_000)
    expect(await one.snapshot()).toMatchObject({ workersPlanned: 2, durationS: null })
    await one.kill()
  })

  test('a local run stops gracefully if it is asked to stop before its start', async () => {
    const one = await started({ profile: { ...profile, endMs: 600_000 } })
    await one.stop('Ctrl-C')
    expect((await one.done).verdict).toMatchObject({ exitCode: 105, stoppedBy: 'Ctrl-C' })
  })

  test('a local run stops gracefully if it is asked to stop during the load', async () => {
    const one = await started({ profile: { ...profile, endMs: 600_000 } })
    await untilRunning(one)
    await one.stop('Ctrl-C')
    await one.stop('a second reason')
    const report = await one.done
    expect(report.verdict).toMatchObject({ exitCode: 105, stoppedBy: 'Ctrl-C' })
  })

  test('kill() ends a local run immediately', async () => {
    const one = await started({ profile: { ...profile, endMs: 600_000 } })
    await untilRunning(one)
    const pids = one.pids()
    await one.kill()
    await expect(one.done).rejects.toMatchObject({ exitCode: 105 })
    expect(pids.filter(isAlive)).toEqual([])
    expect(await one.store.list('active/')).toEqual([])
  })

  test('if a worker is killed, the report names this worker and contains all counts that the workers sent', async () => {
    const one = await started({ vars: { worker: 'dies' } })
    const report = await one.done
    expect(report.verdict.exitCode).toBe(98)
    expect(report.events.map(({ text }) => text)).toContain('worker 1 is lost')
    expect(report.completeness.lost).toEqual([
      expect.stringMatching(/^worker 1 was killed \(out of memory or killed from outside\); last message at /),
    ])
    expect(report.totals.requests).toBe(9 + 6)
  })

  test('a local run continues to its end when the coordinator is lost', async () => {
    const one = await started({ vars: { coordinator: 'dies once' } })
    const report = await one.done
    expect(report.verdict).toMatchObject({ exitCode: 0, stoppedBy: null })
    expect(report.completeness).toMatchObject({ complete: true, slicesReported: 2 })
    expect(report.events.map(({ text }) => text)).toContain(
      'the coordinator was lost, and another coordinator continues the run',
    )
    expect(report.totals.requests).toBe(18)
  })

  test('the timestamps of a run are based on the system time at the start of the run, even if the system time was changed after burst started', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 8 * 3_600_000 })
    onTestFinished(() => void vi.useRealTimers())
    const beforeMs = Date.now()
    const { run: facts } = await (await started()).done
    expect(facts.startedAt).toBeGreaterThan(beforeMs)
    expect(facts.startedAt).toBeLessThan(beforeMs + 3_600_000)
  })

  test('a report is made even when the coordinator is lost repeatedly', async () => {
    const one = await started({
      vars: { coordinator: 'dies' },
      timing: { ...timing, startLeadMs: 60_000, startNoticeMs: 60_000 },
    })
    const report = await one.done
    expect(report.verdict).toMatchObject({ exitCode: 97, stoppedBy: null })
    expect(report.verdict.reasons[0]).toContain('the coordinator was lost 5 times')
    expect(one.pids()).toEqual([])
  })

  test('if no report can be made, a local run fails with an error that gives the reason', async () => {
    const one = await started({ vars: { report: 'fails' } })
    await expect(one.done).rejects.toMatchObject({
      exitCode: 97,
      message: 'the report could not be made: the printer is on fire',
    })
    expect(one.pids()).toEqual([])
  })

  test('the error for a full disk names the file that did not fit, and no incomplete report remains', () => {
    const script = fileURLToPath(new URL('full-disk-run.ts', import.meta.url))
    const limited = `ulimit -f 20; exec "${process.execPath}" "${script}" "${join(folder, 'store')}"`
    const child = spawnSync('bash', ['-c', limited], { encoding: 'utf8' })
    const end = JSON.parse(child.stdout) as { reason: string; message: string; pids: number[]; files: object }
    expect(end).toMatchObject({ reason: 'runFailed', pids: [] })
    expect(end.files).toEqual({})
    expect(end.message).toMatch(
      /cannot write .*report\.html: the file would exceed the maximum size of a file \(EFBIG\)/,
    )
  })

  test('a local run does not start if the store cannot be written', async () => {
    writeFileSync(join(folder, 'store'), 'a file')
    const error: unknown = await started().catch((e: unknown) => e)
    expect(error).toBeInstanceOf(BurstError)
    expect(error).toMatchObject({ exitCode: 97 })
  })
})
