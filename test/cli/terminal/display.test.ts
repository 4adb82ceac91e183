import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { type Screen, screenFor, startDisplay } from '../../../cli/terminal/display.ts'
import { plainStyle } from '../../../cli/terminal/style.ts'
import type { LiveSnapshot } from '../../../core/report/live/snapshot.ts'

const snapshot: LiveSnapshot = {
  elapsedS: 1,
  durationS: 20,
  phase: 'running',
  pause: 'none',
  plannedUsers: 2,
  users: 2,
  draining: 0,
  workersPlanned: 1,
  workersAwaited: 1,
  workersAlive: 1,
  requests: 4,
  failures: 0,
  rps: 4,
  failuresPerS: 0,
  latencyMs: { p50: 1, p95: 1, p99: 1 },
  generator: { isMeasured: true, findings: [] },
  top: [],
}

function terminal(mode: Screen['mode']): { screen: Screen; written: () => string } {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 })
  let text = ''
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
  const screen = { stream: stream as unknown as NodeJS.WriteStream, style: plainStyle, mode, width: () => 80 }
  return { screen, written: () => text }
}

test('in a terminal, the live view is redrawn in place at most four times a second, and printed notes stay visible', async () => {
  const { screen, written } = terminal('live')
  const askedMs: number[] = []
  const display = startDisplay(screen, async () => ({ ...snapshot, requests: askedMs.push(performance.now()) }))
  await expect.poll(() => askedMs.length).toBeGreaterThanOrEqual(4)
  display.note('a sentence that stays')
  await display.close()
  // A Node timer may fire up to 1 ms early.
  expect(Math.min(...askedMs.slice(1).map((atMs, k) => atMs - (askedMs[k] ?? NaN)))).toBeGreaterThan(249)
  expect(written()).toContain('a sentence that stays')
  expect(written()).toContain('requests   1, 4/s')
  // Only the changed line is written again.
  expect(written().match(/latency/g)).toHaveLength(1)
})

test('without a terminal, the live view is printed as plain lines, and a snapshot that cannot be read is skipped', async () => {
  const { screen, written } = terminal('lines')
  const display = startDisplay(screen, async () => snapshot)
  await expect.poll(written).not.toBe('')
  await display.close()
  expect(written()).toMatch(/^00:01 {2}2\/2 users .*\n$/)
  const broken = terminal('lines')
  const second = startDisplay(broken.screen, () => Promise.reject(new Error('gone')))
  second.note('still here')
  await second.close()
  expect(broken.written()).toBe('still here\n')
})

test.each(['live', 'lines'] as const)(
  'a display (%s) says only once that the run waits until the reducer has merged all messages',
  async (mode) => {
    const { screen, written } = terminal(mode)
    let reads = 0
    const waiting: LiveSnapshot = { ...snapshot, phase: 'waiting' }
    const display = startDisplay(screen, async () => ({
      ...waiting,
      ...(++reads > 1 && { messagesAwaited: 12 + reads }),
    }))
    await expect.poll(() => reads).toBeGreaterThanOrEqual(4)
    await display.close()
    expect(written().match(/the run waits for .*/g)).toEqual([
      'the run waits for 14 messages that the reducers have not merged yet',
    ])
  },
)

test('a silent display prints nothing', async () => {
  const { screen, written } = terminal('silent')
  const display = startDisplay(screen, async () => snapshot)
  display.note('x')
  await display.close()
  expect(written()).toBe('')
})

test('the live view is redrawn only in a terminal', () => {
  expect(screenFor(process.stdout, true).mode).toBe('silent')
  const pipe = new PassThrough() as unknown as NodeJS.WriteStream
  expect(screenFor(pipe, false).mode).toBe('lines')
})
