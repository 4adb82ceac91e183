import { expect } from 'vitest'
import type { Report } from '../../core/report/report.ts'
import type { UserRequest, UserTarget } from '../targets/user-target.ts'
import { until } from './until.ts'

/**
 * Waits until the process that runs a slice has sent 10 requests. Returns the id of this process. Ignores the processes in `known`. The index of the
 * first user of a slice equals the number of the slice, so this function looks for requests of this user.
 * @throws an Error that names the slice if there is no such process within `limitMs` milliseconds (by default, two minutes)
 */
export async function pidOf(
  target: UserTarget,
  slice: number,
  known: readonly number[],
  limitMs?: number,
): Promise<number> {
  const found = (): number | undefined => {
    const pid = target.byUser.get(String(slice))?.find((one) => !known.includes(one.pid))?.pid
    return pid !== undefined && sentBy(target, pid).length >= 10 ? pid : undefined
  }
  const besides = known.length === 0 ? '' : ` except ${known.join(', ')}`
  return until(found, `no process${besides} sent 10 requests for the users of slice ${slice}`, limitMs)
}

/** Returns the requests that a process sent. */
export function sentBy({ byUser }: UserTarget, pid: number): UserRequest[] {
  return [...byUser.values()].flat().filter((one) => one.pid === pid)
}

export function textsOf({ events }: Report): string {
  return events.map(({ text }) => text).join('\n')
}

/** Returns the workers with missing counts, according to the report. */
export function lostIn({ completeness }: Report): number[] {
  return completeness.lost.flatMap(workersIn).toSorted((a, b) => a - b)
}

/** Returns the workers at the beginning of a sentence such as `worker 0, attempt 2, was …` or `workers 1, 2 were …`. */
function workersIn(text: string): number[] {
  const [, numbers = ''] = /^workers? ((?:\d+(?:, )?)+)/.exec(text) ?? []
  return numbers.split(', ').filter(Boolean).map(Number)
}

/** Returns the paths that hooks requested, in order. */
export function hooksOf({ byUser }: UserTarget): string[] {
  return (byUser.get('') ?? []).map(({ line }) => line.split(' ')[1] ?? '')
}

/**
 * Compares the counts of the report with the requests that each process sent to the target. The counts must be equal for a process that was not
 * killed. For a killed process, the report must name the time of the last message of this process, and must count at least the requests that ended
 * more than 5 s before this time.
 */
export function checkCounts(
  target: UserTarget,
  report: Report,
  { killed, startAt }: { killed: readonly number[]; startAt: number },
): void {
  const pids = new Set([...target.byUser.values()].flat().flatMap(({ pid }) => (pid > 0 ? [pid] : [])))
  expect(pids.size).toBeGreaterThan(0)
  for (const pid of pids) {
    const sent = sentBy(target, pid).length
    const row = report.requests.find(({ name }) => name === `/by ${pid}`)
    const counted = row ? row.exchanges + row.interrupted : 0
    const least = killed.includes(pid) ? toldBy(report, target, { pid, startAt }) : sent
    expect({ pid, counted, isRight: counted >= least && counted <= sent }, `${least} to ${sent}`).toMatchObject({
      isRight: true,
    })
  }
}

/**
 * Returns how many requests of a killed process ended more than 5 s before the last message of this process. The time of this message comes from the
 * report.
 */
function toldBy(
  { completeness, workers }: Report,
  target: UserTarget,
  { pid, startAt }: { pid: number; startAt: number },
): number {
  const [user] = [...target.byUser].find(([, sent]) => sent.some((one) => one.pid === pid)) ?? []
  const slice = Number(user) % workers.length
  const text = completeness.lost.find((one) => workersIn(one).includes(slice)) ?? ''
  const [, minutes, seconds] = /last message (?:at|between) (\d\d):(\d\d)/.exec(text) ?? []
  if (seconds === undefined) {
    const lost = JSON.stringify(completeness.lost)
    throw new Error(
      `process ${pid} of slice ${slice} was killed, but the report has no time of its last message: ${lost}`,
    )
  }
  const untilMs = startAt - performance.timeOrigin + 60_000 * Number(minutes) + 1000 * Number(seconds)
  // On a busy machine, the worker records the end of a request some seconds later than the target, so requests of the last 5 s do not count here.
  return sentBy(target, pid).filter(({ answeredMs }) => answeredMs < untilMs - 5000).length
}

/** Returns the users that sent requests from one process, then from a second process, and then from the first process again. */
export function interleaved({ byUser }: UserTarget): string[] {
  return [...byUser]
    .filter(([user, sent]) => {
      const turns = sent.filter(({ pid }, k) => pid !== sent[k - 1]?.pid).map(({ pid }) => pid)
      return user !== '' && new Set(turns).size < turns.length
    })
    .map(([user]) => user)
}
