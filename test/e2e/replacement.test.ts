import { afterAll, describe, expect, test } from 'vitest'
import type { Report } from '../../core/report/report.ts'
import { type UserRequest, type UserTarget, startUserTarget } from '../targets/user-target.ts'
import { type WholeRun, runLocal } from './local.ts'
import { reducerDown } from './stages-that-pause.ts'

const targets: UserTarget[] = []
// The tests run concurrently, so the targets are closed only after the last test.
afterAll(async () => {
  await Promise.all(targets.splice(0).map((target) => target.close()))
})

/**
 * Returns a scenario in which the name of a request contains the id of the process that sends the request. The report therefore has one row per
 * process.
 */
const scenario = (host: string, seconds: number): string => `
import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Shopper extends HttpUser {
  wait = constant('100ms')
  tasks = { go: 1 }
  async go() {
    const headers = { 'x-user': String(this.index), 'x-pid': String(process.pid) }
    await this.http.get('/go', { headers, name: '/by ' + process.pid })
  }
}
export default scenario({ host: '${host}', users: [Shopper], load: [ramp(8, '0s'), hold('${seconds}s')] })`

interface Story extends Partial<WholeRun> {
  seconds: number
}

/** Executes the run of a test on two workers, and returns the report. Users 1, 3, 5 and 7 belong to worker 1. */
async function told({ seconds, ...more }: Story, target: UserTarget): Promise<Report> {
  const { report } = await runLocal({
    scenario: scenario(target.origin, seconds),
    options: { workers: 2 },
    // A worker is treated as silent after 3 s without a message.
    plan: (plan) => ({ ...plan, windowMs: 1000, flushMs: 500 }),
    ...more,
  })
  return report
}

async function newTarget(): Promise<UserTarget> {
  const target = await startUserTarget()
  targets.push(target)
  return target
}

const sentBy = (target: UserTarget, pid: number): UserRequest[] =>
  [...target.byUser.values()].flat().filter((one) => one.pid === pid)
const pidsOf = (target: UserTarget, user: number): number[] => [
  ...new Set(target.byUser.get(String(user))?.map(({ pid }) => pid)),
]
const countedOf = ({ requests }: Report, pid: number): number => {
  const row = requests.find(({ name }) => name === `/by ${pid}`)
  return row ? row.exchanges + row.interrupted : 0
}
/** Returns the counts that the row of a process must have if the process sent `sent` requests. */
const sumsTo = (row: Report['requests'][number] | undefined, sent: number): { exchanges: number } => ({
  exchanges: sent - (row?.interrupted ?? 0),
})
const textsOf = ({ events }: Report): string => events.map(({ text }) => text).join('\n')

/** Waits until each user of worker 1 has sent `requests` requests. @returns the process of worker 1 that is not in `known` */
async function workerOne(target: UserTarget, requests: number, known: readonly number[] = []): Promise<number> {
  await expect.poll(() => busyWorker(target, requests, known), { timeout: 40_000 }).toBeGreaterThan(0)
  return busyWorker(target, requests, known)
}

function busyWorker(target: UserTarget, requests: number, known: readonly number[]): number {
  const pid = pidsOf(target, 1).find((one) => !known.includes(one)) ?? 0
  return pid > 0 && sentBy(target, pid).length >= 4 * requests ? pid : 0
}

describe.concurrent('a worker', () => {
  test('a killed worker is replaced, the counts of its replacement are exact, and the report states that counts of the killed worker are missing', async () => {
    const target = await newTarget()
    let [killed, killedAtMs] = [0, 0]
    const report = await told(
      {
        seconds: 22,
        during: async () => {
          killed = await workerOne(target, 30)
          process.kill(killed, 'SIGKILL')
          killedAtMs = performance.now()
        },
      },
      target,
    )
    const [, next] = pidsOf(target, 1)
    const others = [next, pidsOf(target, 0)[0]]
    for (const pid of others) expect(countedOf(report, pid ?? 0)).toBe(sentBy(target, pid ?? 0).length)
    const sent = sentBy(target, killed)
    const missing = sent.length - countedOf(report, killed)
    expect(missing).toBeGreaterThanOrEqual(0)
    expect(missing).toBeLessThan(sent.length)
    expect(Math.max(...sent.map(({ atMs }) => atMs))).toBeLessThan(killedAtMs + 1000)
    // The old worker may still run. The replacement therefore starts only when the old worker has had enough time to notice that it was replaced.
    const back = Math.min(...sentBy(target, next ?? 0).map(({ atMs }) => atMs))
    expect(back - killedAtMs).toBeGreaterThan(5_000)
    expect(report.workers.map(({ attempts }) => attempts)).toEqual([1, 2])
    expect(report.completeness.lost).toEqual([
      expect.stringMatching(
        /^worker 1 was killed \(.*\); last message at \d\d:\d\d; its later work is not counted; attempt 1 continued$/,
      ),
    ])
    expect(textsOf(report)).toContain('worker 1 is started again: it was killed')
    expect(textsOf(report)).toMatch(
      /the users of worker 1 were missing from \d\d:\d\d until \d\d:\d\d, when attempt 1 continued: [\d.]+ user-seconds of the plan/,
    )
    expect(report.verdict).toMatchObject({ result: 'inconclusive', exitCode: 98 })
  })

  test('a worker that is frozen for 20 s sends no more requests after it was replaced, and all requests are counted', async () => {
    const target = await newTarget()
    let [frozen, awakeMs] = [0, 0]
    const report = await told(
      {
        seconds: 36,
        during: async () => {
          frozen = await workerOne(target, 30)
          process.kill(frozen, 'SIGSTOP')
          await new Promise((resolve) => setTimeout(resolve, 20_000))
          awakeMs = performance.now()
          process.kill(frozen, 'SIGCONT')
        },
      },
      target,
    )
    const [, next] = pidsOf(target, 1)
    expect(next).toBeGreaterThan(0)
    expect(sentBy(target, frozen).filter(({ atMs }) => atMs > awakeMs)).toEqual([])
    expect(Math.min(...sentBy(target, next ?? 0).map(({ atMs }) => atMs))).toBeLessThan(awakeMs)
    for (const pid of [frozen, next, pidsOf(target, 0)[0]]) {
      expect(countedOf(report, pid ?? 0)).toBe(sentBy(target, pid ?? 0).length)
    }
    expect(report.completeness).toMatchObject({ complete: true, lost: [] })
    // When the frozen process continues, the report counts its users until the process notices that it was replaced.
    expect(report.seconds.filter(({ users }) => users > 8).length).toBeLessThanOrEqual(3)
    expect(Math.max(...report.seconds.map(({ users }) => users))).toBeLessThanOrEqual(12)
    expect(textsOf(report)).toContain(
      'worker 1 is started again: the worker reported nothing for 3 s, although other workers of its shard reported',
    )
    expect(textsOf(report)).toMatch(
      /the users of worker 1 were missing from about \d\d:\d\d until \d\d:\d\d, when attempt 1 continued/,
    )
    expect(report.load?.deliveredShare).toBeLessThan(0.99)
    expect(report.verdict.result).toBe('inconclusive')
  })

  test('a slice is given up after its worker is killed three times, and the run continues to its end without this slice', async () => {
    const target = await newTarget()
    const report = await told(
      {
        seconds: 42,
        during: async () => {
          for (let known: number[] = []; known.length < 3;) {
            const pid = await workerOne(target, 2, known)
            process.kill(pid, 'SIGKILL')
            known = [...known, pid]
          }
        },
      },
      target,
    )
    expect(report.workers.map(({ attempts }) => attempts)).toEqual([1, 3])
    expect(textsOf(report)).toContain('worker 1 is not started again: 3 attempts were lost within 10 minutes')
    const [other] = pidsOf(target, 0)
    expect(countedOf(report, other ?? 0)).toBe(sentBy(target, other ?? 0).length)
    expect(report.verdict.exitCode).toBe(98)
  })

  test('a worker is not replaced if its invocation is delivered twice and the second copy fails before it claims the slice', async () => {
    const target = await newTarget()
    const report = await told({ seconds: 14, stages: new URL('stages-invoked-twice.ts', import.meta.url).href }, target)
    expect(report.workers.map(({ attempts }) => attempts)).toEqual([1, 1])
    expect(textsOf(report)).not.toContain('again')
    expect(report.completeness).toMatchObject({ complete: true, lost: [] })
    expect(report.totals.exchanges + report.totals.interrupted).toBe([...target.byUser.values()].flat().length)
  })

  test('a worker is not replaced while the reducer of its shard is down, and no count is lost', async () => {
    const target = await newTarget()
    const report = await told(
      {
        seconds: 25,
        stages: new URL('stages-that-pause.ts', import.meta.url).href,
        during: async ({ store }) => {
          await workerOne(target, 10)
          await store.put(reducerDown, '')
          await new Promise((resolve) => setTimeout(resolve, 10_000))
          await store.delete(reducerDown)
        },
      },
      target,
    )
    expect(report.workers.map(({ attempts }) => attempts)).toEqual([1, 1])
    expect(report.completeness).toMatchObject({ complete: true, lost: [] })
    const pids = [pidsOf(target, 0), pidsOf(target, 1)].flat()
    // If a row differs, the failure shows the whole row.
    const rows = pids.map((pid) => report.requests.find(({ name }) => name === `/by ${pid}`))
    expect(rows).toEqual(pids.map((pid, at) => expect.objectContaining(sumsTo(rows[at], sentBy(target, pid).length))))
    expect(report.totals.exchanges + report.totals.interrupted).toBe([...target.byUser.values()].flat().length)
  })
})
