import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fleetAt } from '../../../core/fleet/fleet.ts'
import { costOf, quoteOf } from '../../../core/fleet/cost.ts'
import { arrivals, hold, ramp, rampArrivals } from '../../../core/authoring/load-stages.ts'
import { plan, staged } from '../../fixtures/planning.ts'

const onAws = { backend: 'aws', region: 'eu-central-1' } as const
const worker = { workerMb: 1769, architecture: 'arm64' } as const
const ten = staged(ramp(50_000, '1m'), hold('9m'))

test('the quote for 50,000 users and ten minutes is about a dollar, plus 9 cents for each GB of data sent to the target', () => {
  const quote = quoteOf(plan(ten, {}, onAws), worker)
  expect(quote.workers).toBe(63)
  const of = (what: string): number => quote.lines.find((line) => line.what === what)?.usd ?? 0
  expect(of('63 workers')).toBeGreaterThan(0.75)
  expect(quote.usd - of('data sent to the target')).toBeLessThan(1.1)
  // On average, a user runs for half of the one-minute ramp, and then for nine minutes at the constant load.
  expect(quote.requests).toBe(50_000 * (30 + 540))
  expect(of('data sent to the target')).toBeCloseTo((quote.requests * 500 * 0.09) / 1e9, 5)
})

test('x86 costs a quarter more than arm64, and the cost is proportional to the memory', () => {
  const of = (rates: Parameters<typeof quoteOf>[1]): number => quoteOf(plan(ten, {}, onAws), rates).lines[0]?.usd ?? 0
  expect(of({ ...worker, architecture: 'x86_64' }) / of(worker)).toBeCloseTo(1.25, 3)
  expect(of({ ...worker, workerMb: 2 * 1769 }) / of(worker)).toBeCloseTo(2, 3)
})

test('the quote assumes one request for each arrival', () => {
  expect(quoteOf(plan(staged(arrivals(200, '10s'), rampArrivals(200, 0, '10s')), {}, onAws), worker).requests).toBe(
    3000,
  )
})

test('the lines of a quote add up to its total', () => {
  const { lines, usd } = quoteOf(plan(ten, {}, onAws), worker)
  expect(lines.reduce((sum, line) => sum + line.usd, 0)).toBeCloseTo(usd, 5)
})

test('the cost of a run depends on the observed time of its workers, and on the bodies and headers that they sent', () => {
  const billed = { ...plan(ten, {}, onAws), billing: { ...worker, estimateUsd: 0.9 } }
  const cost = costOf(billed, fleetAt(billed), {
    workerSeconds: 63 * 600,
    seconds: 600,
    messages: 63 * 120,
    requests: 4e6,
    bytesOut: 8e9,
  })
  const of = (what: string): number | undefined => cost.lines.find((line) => line.what === what)?.usd
  expect(of('63 workers')).toBeCloseTo(63 * 600 * (1769 / 1024) * 1.333_34e-5, 5)
  expect(of('data sent to the target')).toBeCloseTo(0.9, 5)
})

test('a run on this machine costs nothing', () => {
  const spent = { workerSeconds: 600, seconds: 600, messages: 120, requests: 10, bytesOut: 1e9 }
  expect(costOf(plan(ten), fleetAt(plan(ten)), spent)).toEqual({ usd: 0, lines: [] })
})

test('docs/aws.md gives the quoted costs of short and long runs', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/aws.md'), 'utf8')
  const rows = [...page.matchAll(/^\| ([\d,]+) users, (\d+) (minutes|hours?) \| (.+) \|$/gm)]
  expect(rows.length).toBeGreaterThanOrEqual(5)
  const dollars = (usd: number): string => `$${usd.toFixed(2)}`
  for (const [, users = '', length = '', unit = '', cells = ''] of rows) {
    const load = loadOf(users, length, unit)
    const { workers, usd, lines } = quoteOf(plan(load, {}, onAws), worker)
    const [lambda = 0, data = 0] = [lines[0], lines.at(-1)].map((line) => line?.usd)
    expect(`${users} users, ${length} ${unit}: ${cells}`).toBe(
      `${users} users, ${length} ${unit}: ${[workers, dollars(lambda), dollars(data), dollars(usd)].join(' | ')}`,
    )
  }
})

/** Returns the load that a row of the table describes: all users start together and run for the given time. */
function loadOf(users: string, length: string, unit: string) {
  return staged(
    ramp(Number(users.replaceAll(',', '')), '0s'),
    hold(`${Number(length)}${unit === 'minutes' ? 'm' : 'h'}`),
  )
}
