import { expect, test } from 'vitest'
import { renderLive, renderLiveLine } from '../../../cli/terminal/live.ts'
import { plainStyle } from '../../../cli/terminal/style.ts'
import type { LiveSnapshot } from '../../../core/report/live/snapshot.ts'

const running: LiveSnapshot = {
  elapsedS: 12,
  durationS: 20,
  phase: 'running',
  pause: 'none',
  plannedUsers: 200,
  users: 198,
  draining: 2,
  workersPlanned: 2,
  workersAlive: 2,
  workersAwaited: 2,
  requests: 4812,
  failures: 12,
  rps: 402.3,
  failuresPerS: 1,
  latencyMs: { p50: 12.1, p95: 41, p99: 1803 },
  generator: { isMeasured: true, findings: [] },
  top: [
    { method: 'GET', name: '/category/:name', rps: 180.2, failuresPerS: 0, p50: 12, p95: 40 },
    { method: 'GET', name: '/recommendations', rps: 20, failuresPerS: 1, p50: 3.2, p95: null },
  ],
}

test('the live view shows users, requests, failures, latency, workers and the busiest names', () => {
  expect(renderLive(running, 80, plainStyle)).toMatchInlineSnapshot(`
    "00:12 ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━──────────────────── 00:08 left
    users      198 of 200 planned, 2 ending
    requests   4,812, 402/s
    failures   12 (0.25 %), 1/s
    latency    p50 12 ms, p95 41 ms, p99 1.8 s
    workers    2 of 2 alive
    generator  healthy

    busiest               req/s  failed/s     p50    p95
    GET /category/:name     180         0   12 ms  40 ms
    GET /recommendations     20         1  3.2 ms      –"
  `)
})

test('the live view and the page show the same sentences about the generator, and a finding has a colour only if burst is sure about it', () => {
  const style = { ...plainStyle, yellow: (text: string) => `[yellow ${text}]` }
  const generator: LiveSnapshot['generator'] = {
    isMeasured: true,
    findings: [
      { kind: 'bound', isSure: true, words: 'generator-bound: 4 % of requests were sent late' },
      { kind: 'inaccurate', isSure: false, words: 'so far 2 of 40 latencies may be inaccurate' },
    ],
  }
  const words = 'so far 2 of 40 latencies may be inaccurate'
  expect(renderLive({ ...running, generator }, 120, style)).toContain(
    `[yellow generator-bound: 4 % of requests were sent late]; ${words}`,
  )
  expect(renderLiveLine({ ...running, generator })).toContain(
    `workers  generator-bound: 4 % of requests were sent late; ${words}`,
  )
  const early = { isMeasured: false, findings: [] }
  expect(renderLiveLine({ ...running, generator: early })).toContain('generator not judged yet')
})

test('before the load starts, the live view has one line', () => {
  const starting: LiveSnapshot = { ...running, phase: 'starting', elapsedS: -3, workersAlive: 0, top: [] }
  expect(renderLive(starting, 80, plainStyle)).toBe('starting 2 workers')
})

test('the live view shows the steps that follow the load, and it has no progress bar if the run has no end', () => {
  expect(renderLive({ ...running, durationS: null }, 80, plainStyle)).toMatch(/^00:12, until Ctrl-C\n/)
  expect(renderLive({ ...running, phase: 'ending', elapsedS: 21 }, 80, plainStyle)).toMatch(/^00:20 ━+ ending\n/)
  const waiting: LiveSnapshot = { ...running, phase: 'waiting', elapsedS: 31, workersAwaited: 1 }
  expect(renderLive(waiting, 80, plainStyle)).toMatch(/^00:20 ━+ waiting for messages of 1 worker\n/)
  expect(renderLiveLine(waiting)).toMatch(/ {2}waiting for messages of 1 worker$/)
  expect(renderLive(waiting, 40, plainStyle)).toMatch(/^00:20 waiting for messages of 1 worker\n/)
  const reporting: LiveSnapshot = { ...running, phase: 'reporting', elapsedS: 33, workersAwaited: 0 }
  expect(renderLive(reporting, 80, plainStyle)).toMatch(/^00:20 ━+ making the report\n/)
  expect(renderLiveLine(reporting)).toMatch(/ {2}making the report$/)
})

test('the live view of a paused run shows that the run is paused, and how much time is left', () => {
  const paused: LiveSnapshot = { ...running, pause: 'paused', plannedUsers: 0, users: 0 }
  expect(renderLive(paused, 80, plainStyle)).toMatch(/^00:12 ━+─+ paused, 00:08 left\n/)
  expect(renderLive({ ...paused, durationS: null }, 80, plainStyle)).toMatch(/^00:12 paused, until Ctrl-C\n/)
  expect(renderLiveLine(paused)).toMatch(/ {2}paused$/)
})

test.each([40, 60, 80, 120])(
  'all lines of the live view fit into a terminal of %i columns, even with long names and large numbers',
  (width) => {
    const huge = 123_456_789
    const wide: LiveSnapshot = {
      ...running,
      plannedUsers: huge,
      users: huge,
      requests: huge,
      failures: huge,
      rps: huge,
      top: [
        {
          method: 'GET',
          name: '/日本語/'.repeat(40),
          rps: 99_999,
          failuresPerS: 99_999,
          p50: 3_600_000,
          p95: 3_600_000,
        },
      ],
    }
    for (const line of renderLive(wide, width, plainStyle).split('\n')) {
      const columns = line.length + (line.match(/\p{Script=Han}/gu)?.length ?? 0)
      expect(columns).toBeLessThanOrEqual(width)
    }
  },
)

test('control characters in names do not reach the terminal', () => {
  const hostile: LiveSnapshot = {
    ...running,
    top: [{ method: 'GET', name: '/\u001b[2J\u009b31mred\u0007\n\u202Eevil', rps: 1, failuresPerS: 0, p50: 1, p95: 1 }],
  }
  const shown = renderLive(hostile, 80, plainStyle)
  expect(shown).toContain(String.raw`GET /\u{1b}[2J\u{9b}31mred\u{7}\u{a}\u{202e}evil`)
  expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
})

test('without a terminal, the live view prints its values on one line', () => {
  expect(renderLiveLine(running)).toMatchInlineSnapshot(
    `"00:12  198/200 users  402 req/s  4,812 requests  12 failed  p50 12 ms  p95 41 ms  p99 1.8 s  2/2 workers  generator healthy"`,
  )
  expect(renderLiveLine({ ...running, latencyMs: { p50: null, p95: null, p99: null } })).toContain('p50 –')
})
