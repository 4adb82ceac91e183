import { going, reportOf, steady, steadyWindows, workerOf } from '../../fixtures/reports/reported.ts'
import { planOf, startAt } from '../../fixtures/run.ts'
import { slicesOf } from '../../../core/plan/plan.ts'
import type { Window } from '../../../core/window/window.ts'
import { expect, test } from 'vitest'

test('rates are computed from the exact time, not from whole seconds, so two runs of the same plan have comparable rates', () => {
  const short = (ms: number) => (window: Window, second: number) => {
    for (const cell of window.workers.values()) if (second === 19) cell.activeToMs = 19_000 + ms
  }
  expect(reportOf([...steady(0, short(20)), ...steady(1, short(20))]).totals.rps).toBeCloseTo(400 / 19.02, 6)
  expect(reportOf([...steady(0, short(999)), ...steady(1)]).totals.rps).toBe(20)
  const slowEnd = (window: Window, second: number): void => {
    for (const cell of window.workers.values()) if (second === 19) cell.activeToMs = 20_080
  }
  expect(reportOf([...steady(0, slowEnd), ...steady(1, slowEnd)]).totals.rps).toBe(20)
})

test('if a coordinator is lost after the load, the report has an event; if a coordinator is lost during the load, the report is partial', () => {
  const failure = { reason: 'runFailed', message: 'the coordinator was lost' } as const
  const control = { ...going, stop: { reason: failure.message, at: startAt + 21_000 } }
  const done = reportOf([...steady(0), ...steady(1)], { control, failure })
  expect(done.verdict).toMatchObject({ result: 'unjudged', exitCode: 0, stoppedBy: null })
  expect(done.events).toContainEqual({
    at: null,
    text: 'the coordinator was lost, but burst had already sent and counted all requests',
  })
  const half = { ...going, stop: { reason: failure.message, at: startAt + 12_000 } }
  const ended = [0, 1].flatMap((slice) => workerOf(slice, steadyWindows(slice).slice(0, 12)))
  const partial = reportOf(ended, { control: half, failure })
  expect(partial.completeness.complete).toBe(true)
  expect(partial.verdict).toMatchObject({ result: 'inconclusive', exitCode: 97, stoppedBy: null })
  expect(partial.verdict.reasons).toEqual(['the coordinator was lost; the load ended at 00:12 instead of 00:20'])
  const byPerson = { ...half, stop: { ...half.stop, reason: 'enough' } }
  const stopped = reportOf(ended, { control: byPerson, failure })
  expect(stopped.verdict).toMatchObject({ exitCode: 105, stoppedBy: 'enough' })
  expect(stopped.events.map(({ text }) => text)).toContain(done.events.at(-1)?.text)
  const skew = { reason: 'runFailed', message: 'its report was made by another build' } as const
  expect(reportOf([...steady(0), ...steady(1)], { skew }).verdict.exitCode).toBe(97)
})

test('the report explains a lost worker once, and lists identical losses on one line', () => {
  const error = 'RequestId: 7a0f Error: Runtime exited with error: signal: killed'
  const plan = planOf({ slices: slicesOf(10, 5) })
  const failed = [1, 2, 3].map((slice) => ({ slice, attempt: 0, error }))
  const events = failed.map(({ slice }) => ({
    at: startAt + 9000 + slice,
    text: `the worker of slice ${slice} is lost: ${error}`,
  }))
  const again = { at: startAt - 2000, text: 'slice 4 is started again: the worker did not start in time' }
  const messages = [0, 1, 2, 3, 4].flatMap((slice) => {
    return slice === 0 || slice === 4 ? steady(slice) : steady(slice).slice(0, 8)
  })
  const report = reportOf(messages, { plan, failed, events: [...events, again] })
  const sentence = 'workers 1, 2, 3 were killed (out of memory or killed from outside); last message at 00:10'
  expect(report.completeness.lost).toEqual([sentence])
  expect(report.events).toEqual([
    { at: -2, text: 'worker 4 is started again: the worker did not start in time' },
    { at: 9, text: 'workers 1, 2, 3 are lost' },
  ])
  const { workers, ...rest } = report
  expect(JSON.stringify(rest)).not.toContain('RequestId')
  expect(JSON.stringify(rest).split('killed from outside').length - 1).toBe(2)
  expect(workers[2]?.errors).toEqual([error])
})

test('if exceptions have too many different messages, the report says how many exceptions it does not list', () => {
  const messages = steady(0, (window, second) => {
    if (second > 0) return
    for (let k = 0; k < 1560; k++) {
      const message = `no ${String.fromCharCode(97 + (k % 26))}${'x'.repeat(Math.floor(k / 26))}`
      window.exceptions.set(message, { message, stack: 'at x', count: 2 })
    }
  })
  const report = reportOf(messages)
  const listed = report.exceptions.reduce((sum, { count }) => sum + count, 0)
  const all = 3120
  const said = report.events.map(({ text }) => text).join('\n')
  const numbers = [...said.matchAll(/([\d,]+) (?:exceptions are counted in|occurrences)/g)]
  const folded = numbers.reduce((sum, [, n = '']) => sum + Number(n.replaceAll(',', '')), 0)
  const alike = report.exceptions.filter(({ message }) => /^\(other|\(others/.test(message))
  const apart = listed - alike.reduce((sum, { count }) => sum + count, 0)
  expect(apart + folded).toBe(all)
  expect(folded).toBeGreaterThan(0)
})

test('if the messages that report the starts of users are missing, the report does not say that no user started', () => {
  const report = reportOf([...steady(0).slice(3), ...steady(1).slice(3)])
  expect(report.users.started).toBe(0)
  expect(report.totals.requests).toBeGreaterThan(0)
  expect(report.verdict).toMatchObject({ result: 'inconclusive', exitCode: 98 })
  expect(report.verdict.reasons.join()).not.toContain('no user ever started')
})
