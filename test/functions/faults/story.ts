import { expect } from 'vitest'
import { RandomStream } from '../../../core/random.ts'
import type { Report } from '../../../core/report/report.ts'
import { keys } from '../../../functions/keys.ts'
import { planOf, startAt as origin } from '../../fixtures/run.ts'
import { InstantStore } from './instant-store.ts'
import { type Chosen, chosenFor } from './chosen.ts'
import { oldestMs } from './faulty-ports.ts'
import { SimulatedRun } from './simulated-run.ts'
import { SimulatedTime } from './simulated-time.ts'

const createdAt = origin - 5000
/** Requests per second of each slice. */
const perSecond = 4

export interface Story {
  chosen: Chosen
  runs: SimulatedRun[]
  /** For each run, when its report existed, epoch milliseconds. */
  reportedAt: number[]
  log: string[]
}

export async function told(seed: number): Promise<Story> {
  const random = new RandomStream(seed, 7, 11)
  const chosen = chosenFor(random, createdAt)
  const time = new SimulatedTime(createdAt)
  const store = new InstantStore()
  const log: string[] = []
  const world = { time, store, random, log: (line: string) => void log.push(`${time.nowMs - createdAt} ${line}`) }
  const { loadMs, intervalMs } = chosen
  const runs = Array.from({ length: chosen.runs }, (_, k) => {
    const handOver = intervalMs === null ? {} : { handOver: { intervalMs, aheadMs: 10_000, waitMs: 2000 } }
    const profile = { points: [{ atMs: 0, level: 6 }], endMs: loadMs }
    const plan = planOf({ run: `r${k + 1}`, workers: 3, users: 6, slicesPerShard: 2, profile, createdAt, ...handOver })
    return new SimulatedRun(
      {
        ...plan,
        timing: { ...plan.timing, controlPollMs: 1000, graceMs: chosen.fate.mergeCalls.size > 0 ? 75_000 : 15_000 },
      },
      world,
      chosen,
    )
  })
  for (const run of runs) await run.begin()
  const reportedAt: number[] = []
  for (const run of runs) {
    await time.until(createdAt + 4 * 3_600_000, () => run.over || hasReport(store, run))
    run.over = true
    reportedAt.push(time.nowMs)
  }
  return { chosen, runs, reportedAt, log }
}

function hasReport(store: InstantStore, { plan }: SimulatedRun): boolean {
  return store.has(keys.output(plan.run, 'report.json'))
}

const has = ({ chosen }: Story, words: RegExp): boolean => chosen.kinds.some((kind) => words.test(kind))

/** Longest time between the end of the load and the report, milliseconds. */
function patienceMs(story: Story): number {
  const [coordinator, reducer] = [has(story, /coordinator/), has(story, /merge dies|store/)]
  const late = has(story, /hour late/)
  // The grace period lasts until the shard has caught up.
  const behind = has(story, /shard is down|reducer of a shard/)
  return 60_000 + (coordinator ? 180_000 : 0) + (reducer ? 90_000 : 0) + (late ? oldestMs : 0) + (behind ? 120_000 : 0)
}

export async function check(story: Story): Promise<void> {
  for (const [k, run] of story.runs.entries()) {
    const report = await run.report()
    expect(report, 'there is a report').toBeDefined()
    if (!report) return
    const startedAt = await run.startAt()
    expect((story.reportedAt[k] as number) - startedAt, 'the report comes in time').toBeLessThan(
      story.chosen.loadMs + patienceMs(story),
    )
    checkCounts(story, run, report)
    if (!has(story, /coordinator|after 10 s|503|refused/))
      expect(report.verdict.exitCode, 'the run goes on').not.toBe(97)
    checkLoad(story, run, startedAt)
    if (report.completeness.complete) {
      await run.again()
      expect(await run.report(), 'everything once more changes no byte').toEqual(report)
    }
  }
}

/** For each attempt, the report counts what the target counted, or names the difference. */
function checkCounts(story: Story, run: SimulatedRun, report: Report): void {
  const sent = Map.groupBy(run.arrived, ({ worker }) => worker)
  for (const [worker, arrivals] of sent) {
    const counted = report.requests.find(({ name }) => name === `/by ${worker}`)?.requests ?? 0
    expect(counted, `requests of ${worker}`).toBeLessThanOrEqual(arrivals.length)
    if (counted === arrivals.length) continue
    const named = report.completeness.lost.some((text) =>
      new RegExp(`workers? .*\\b${worker.split('-')[0]}\\b`).test(text),
    )
    expect(
      named,
      `${arrivals.length - counted} of ${worker} are missing, and ${report.completeness.lost.join('; ')}`,
    ).toBe(true)
  }
  const total = run.arrived.length
  expect(report.totals.requests).toBeLessThanOrEqual(total)
  if (report.completeness.complete) expect(report.totals.requests).toBe(total)
  if (
    !has(
      story,
      /killed|hours|hour late|never|coordinator|cannot be read|answered with|writes fail|503|after 10 s|still|late and shuffled/,
    )
  ) {
    expect(report.completeness.lost).toEqual([])
  }
}

/** No slice sends more than planned or after the end, and no attempt sends while another attempt of its slice sends. */
function checkLoad(story: Story, run: SimulatedRun, startedAt: number): void {
  for (const [slice, arrivals] of Map.groupBy(run.arrived, ({ worker }) => worker.split('-')[0])) {
    const attempts = [...Map.groupBy(arrivals, ({ worker }) => worker)].map(([worker, all]) => {
      const moments = all.map(({ atMs }) => atMs)
      return { worker, from: Math.min(...moments), to: Math.max(...moments), sent: all.length }
    })
    const last = Math.max(...attempts.map(({ to }) => to))
    expect(last - startedAt, `the last request of slice ${slice}`).toBeLessThan(story.chosen.loadMs + 1000)
    const inOrder = attempts.toSorted((a, b) => a.from - b.from)
    for (const [k, one] of inOrder.entries()) {
      const next = inOrder[k + 1]
      if (next) expect(one.to - next.from, `${one.worker} beside ${next.worker}`).toBeLessThan(1000)
      expect(one.sent, `requests of ${one.worker}`).toBeLessThanOrEqual(
        (perSecond * (one.to - one.from)) / 1000 + 2 * perSecond,
      )
    }
  }
  if (story.chosen.kinds.every((kind) => /shard|twice|clocks/.test(kind)) && story.chosen.intervalMs === null) {
    expect([...new Set(run.launched)].toSorted()).toEqual(['0-0', '1-0', '2-0'])
  }
}
