import { expect, vi } from 'vitest'
import { RandomStream } from '../../../core/random.ts'
import type { Report } from '../../../core/report/report.ts'
import { decodeMessage } from '../../../core/window/codec/codec.ts'
import { keys, outputFiles } from '../../../functions/keys.ts'
import { planOf, startAt as origin } from '../../fixtures/run.ts'
import { InstantStore } from './instant-store.ts'
import { type Chosen, chosenFor } from './chosen.ts'
import { SimulatedRun } from './simulated-run.ts'
import { SimulatedTime } from './simulated-time.ts'

const createdAt = origin - 5000
/** The number of requests per second of each slice. */
const perSecond = 4

export interface Story {
  chosen: Chosen
  runs: SimulatedRun[]
  /** The time at which the report of each run was complete, in epoch milliseconds. */
  reportedAt: number[]
  log: string[]
}

/**
 * Runs the simulated runs of one seed, with their faults.
 * @param isStopped whether a person stops the runs at a time that the seed selects
 */
export async function told(seed: number, isStopped = false): Promise<Story> {
  const random = new RandomStream(seed, 7, 11)
  const chosen = chosenFor(random, new RandomStream(seed, 29, 31), createdAt)
  return storyOf(chosen, { seed, random, isStopped })
}

/** Runs a story with the given faults. */
export async function storyOf(
  chosen: Chosen,
  {
    seed,
    random = new RandomStream(seed, 7, 11),
    isStopped = false,
  }: { seed: number; random?: RandomStream; isStopped?: boolean },
): Promise<Story> {
  const time = new SimulatedTime(createdAt)
  // The stages pause for random times, which must be the same each time the seed is run.
  const pauses = new RandomStream(seed, 19, 23)
  vi.spyOn(Math, 'random').mockImplementation(() => pauses.next())
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
  const stopMs = new RandomStream(seed, 13, 17).int(1000, 60_000)
  for (const run of runs) {
    await run.begin()
    if (isStopped) time.at(createdAt + stopMs, async () => run.stop())
  }
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

/** Returns the longest permitted time between the end of the load and the report, in milliseconds. */
function patienceMs(story: Story): number {
  const [coordinator, reducer] = [has(story, /coordinator/), has(story, /merge dies|reducer freezes|store answers/)]
  // If the reducer of a shard is down, the grace period lasts until the shard has merged all waiting messages.
  const behind = has(story, /shard is down/)
  // If writes also fail, merging the waiting messages takes longer, because they are merged one after another and each merge may fail several times.
  const slow = behind && has(story, /conditional writes/)
  const { reportDownMs, reportSlowMs } = story.chosen.faults
  const report = has(story, /report/) ? 30_000 + reportDownMs + reportSlowMs : 0
  return (
    60_000 +
    (coordinator ? 180_000 : 0) +
    (reducer ? 60_000 : 0) +
    (behind ? 120_000 : 0) +
    (slow ? 300_000 : 0) +
    report
  )
}

/** Returns the deadline of the report, in epoch milliseconds. */
function dueAt(story: Story, run: SimulatedRun, startedAt: number): number {
  const endsAt = Math.min(startedAt + story.chosen.loadMs, run.stoppedAt ?? Number.POSITIVE_INFINITY)
  const { shardDown } = run.fate
  // If the reducer of a shard is down, the run waits for the messages of this shard.
  return Math.max(endsAt, createdAt + (shardDown?.span[1] ?? 0)) + patienceMs(story)
}

export async function check(story: Story): Promise<void> {
  for (const [k, run] of story.runs.entries()) {
    const report = await run.report()
    expect(report, 'the report exists').toBeDefined()
    if (!report) return
    const startedAt = await run.startAt()
    expect(story.reportedAt[k], 'the report is made in time').toBeLessThan(dueAt(story, run, startedAt))
    checkCounts(story, run, report)
    if (!has(story, mayBeLate)) checkQueued(run, report)
    if (!has(story, /coordinator|after 10 s$|503$|refused|throttled/) && !hasNoWorkers(run, report))
      expect(report.verdict.exitCode, 'the verdict is not that the run failed').not.toBe(97)
    checkLoad(story, run, startedAt)
    checkUsers(run, report)
    checkEnd(story, run)
    await checkRepeats(run, report)
  }
}

/** Returns true if every slice was given up, after three attempts. */
function hasNoWorkers({ plan }: SimulatedRun, { events }: Report): boolean {
  return events.filter(({ text }) => text.includes('3 attempts were lost within')).length === plan.slices.length
}

/** Checks that the report stays the same if another finaliser makes it, and if all messages are delivered again. */
async function checkRepeats(run: SimulatedRun, report: Report): Promise<void> {
  const before = await run.outputs()
  await run.remake()
  const remade = await run.outputs()
  // Late messages may have arrived since the first report was made. The second report then differs from the first report, because a report gives the
  // number of late messages.
  if (report.completeness.late === before.late) {
    const different = outputFiles.filter((file) => remade.files[file] !== before.files[file])
    expect(different, 'files that differ when the report is made again').toEqual([])
  }
  if (!report.completeness.complete) return
  await run.deliverAgain()
  await run.remake()
  const again = await run.report()
  // After the first report was made, the queue may have delivered messages that contain no counts, and unreadable messages. The two reports may
  // therefore differ in the number of late messages and in the number of unreadable messages.
  const { late, unreadable } = again?.completeness ?? report.completeness
  expect(
    again && { ...again, events: withoutArrivals(again) },
    'after another delivery of all messages, another report differs only in the numbers of messages that did not count',
  ).toEqual({
    ...report,
    completeness: { ...report.completeness, late, unreadable },
    events: withoutArrivals(report),
  })
}

function withoutArrivals({ events }: Report): Report['events'] {
  return events.filter(
    ({ text }) => !/^\d+ messages? (arrived after|could not be read).*, and (?:was|were) not counted$/.test(text),
  )
}

/** Matches the faults that can delay messages so much that the messages arrive only after the report was made. */
const mayBeLate = /late|coordinator|writes|503$|after 10 s$|throttled|report|shard|merge|reducer/

/** Returns the number of requests of each attempt in the messages that reached the queue. */
function queuedBy({ messages }: SimulatedRun): Map<string, number> {
  const queued = new Map<string, number>()
  for (const { id, body } of messages) {
    if (id.endsWith('-poison')) continue
    const { slice, attempt, totals } = decodeMessage(body)
    const worker = `${slice}-${attempt}`
    queued.set(worker, Math.max(queued.get(worker) ?? 0, totals.requests))
  }
  return queued
}

/** Checks that the report counts, for each attempt, exactly the requests in the messages that the attempt sent to the queue. */
function checkQueued(run: SimulatedRun, { requests }: Report): void {
  for (const [worker, queued] of queuedBy(run)) {
    const counted = requests.find(({ name }) => name === `/by ${worker}`)?.requests ?? 0
    expect(counted, `queued counts of ${worker}`).toBe(queued)
  }
}

/** Matches the reason for the loss of an attempt: the store refused a call before the claim of the attempt, or the attempt began too late. */
const lostAtStart = /failed before it reported anything: (?:FailedBeforeClaim: 503|the worker did not start in time)/

/** Checks that, for each attempt, the report counts all requests that arrived at the target, or says that counts are missing. */
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
      /killed|hours|hour late|never|coordinator|cannot be read|answered with an error$|writes fail|503$|after 10 s$|still|late and shuffled|refused/,
    )
  ) {
    // If the store refuses many calls, all attempts of a slice may fail before they begin. They have then sent no request.
    const losses = report.completeness.lost.filter(
      (text) => !(has(story, /the store is throttled/) && lostAtStart.test(text)),
    )
    expect(losses.join('; '), 'the losses in the report').toBe('')
  }
}

/**
 * Checks that no worker sends requests later than 5 s after a stop. If the store is down or slow, the limit is 31 s, because a worker that cannot
 * read the stop sends requests until its lease expires. Also checks that a worker sends no requests after the lease has expired according to the
 * worker's own clock, even if the worker began late or was frozen for a long time.
 */
function checkEnd(story: Story, { arrived, stoppedAt, fate }: SimulatedRun): void {
  const offMs = Math.max(0, ...fate.offsetsMs.map(Math.abs))
  const over = arrived.reduce((most, { overLeaseMs }) => Math.max(most, overLeaseMs), Number.NEGATIVE_INFINITY)
  expect(over, 'the last request after the end of the lease').toBeLessThanOrEqual(offMs)
  if (stoppedAt === undefined) return
  const last = arrived.reduce((latest, { atMs }) => Math.max(latest, atMs), stoppedAt)
  expect(last - stoppedAt, 'the last request after the stop').toBeLessThan(
    has(story, /503$|after 10 s$/) ? 31_000 : 5000,
  )
}

/** Checks that the report counts at most the planned users in each second, except while one worker takes over from another. */
function checkUsers({ plan, launched }: SimulatedRun, { seconds }: Report): void {
  const above = seconds.filter(({ users }) => users > plan.users)
  const takeOvers = Math.max(0, new Set(launched).size - plan.slices.length)
  expect(above.length, 'seconds with more users than planned').toBeLessThanOrEqual(takeOvers)
  for (const { at, users } of above) expect(users, `users in second ${at}`).toBeLessThanOrEqual(plan.users + 2)
}

/**
 * Checks that a slice sends at most the planned number of requests, and does not send requests after the end of the load. Also checks that two
 * attempts of a slice do not send requests at the same time.
 */
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
