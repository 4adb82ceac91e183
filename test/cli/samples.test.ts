import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { Row } from '../../core/verdict/results.ts'
import { startCountingTarget } from '../targets/counting-target.ts'
import { burst } from './command-line.ts'
import { project, runIn } from './journey.ts'

interface Sample {
  endMs: number
  user: number
  method: string
  name: string
  status: number
  failure: string | null
  latencyMs: number | null
  fromIntentMs: number | null
  bytesIn: number
}

/** Returns the exact percentile: the least value `v` for which at least the given share of the values is less than or equal to `v`. */
function exact(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] as number
}

const digits = [
  ['p50', 0.5],
  ['p75', 0.75],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
] as const

/**
 * Expects the percentiles of the report to be near the exact percentiles. Values are rounded to microseconds before they are added to a histogram.
 * The buckets of a histogram are at most 0.1 % wide.
 */
function expectWithinATenthOfAPercent(lengths: Row['latencyMs'], values: readonly number[]): void {
  for (const [name, share] of digits) {
    const value = exact(values, share)
    expect(Math.abs((lengths?.[name] ?? Number.NaN) - value), `${name} ${value}`).toBeLessThanOrEqual(
      value * 0.001 + 0.001,
    )
  }
  expect(lengths?.max).toBeCloseTo(Math.max(...values), 2)
  expect(lengths?.mean).toBeCloseTo(values.reduce((sum, one) => sum + one, 0) / values.length, 2)
}

test.each([1, 3, 7])(
  "with %d workers, --samples writes every request, and the report's percentiles are within 0.1 % of the exact percentiles",
  async (workers) => {
    const target = await startCountingTarget({ jitterMs: 40 })
    onTestFinished(() => target.close())
    const folder = await project({
      'some.burst.ts': `import { HttpUser, scenario } from 'burst'
class Visitor extends HttpUser {
  tasks = { visit: 3, fail: 1 }
  async visit() { await this.http.get('/') }
  async fail() { await this.http.get('/status/404', { name: 'gone, "really"' }) }
}
export default scenario({ host: '${target.origin}', users: [Visitor] })
`,
    })
    const args = ['--samples', '-u', '28', '-r', '100', '--iterations', '25', '--workers', String(workers)]
    const { report } = await runIn(folder, args)
    const files = (await readdir(join(folder, 'out'))).filter((name) => name.endsWith('.ndjson'))
    expect(files.toSorted()).toEqual(Array.from({ length: workers }, (_, k) => `worker-${k}.samples.ndjson`))
    const texts = await Promise.all(files.map((file) => readFile(join(folder, 'out', file), 'utf8')))
    const samples = texts.flatMap((text) => text.trimEnd().split('\n')).map((line) => JSON.parse(line) as Sample)

    expect(samples).toHaveLength(28 * 25)
    expect(report.totals.requests).toBe(28 * 25)
    expect(new Set(samples.map(({ user }) => user)).size).toBe(28)
    for (const row of report.requests) {
      const own = samples.filter(({ method, name }) => method === row.method && name === row.name)
      expect(own).toHaveLength(row.requests)
      expect(own.filter(({ failure }) => failure === 'status')).toHaveLength(row.failures)
      expect(own.reduce((sum, { bytesIn }) => sum + bytesIn, 0)).toBe(row.bytesIn)
    }
    const { latencyMs, fromIntentMs } = report.totals
    expectWithinATenthOfAPercent(latencyMs, samples.flatMap((one) => one.latencyMs ?? [])) // prettier-ignore
    expectWithinATenthOfAPercent(fromIntentMs, samples.flatMap((one) => one.fromIntentMs ?? [])) // prettier-ignore
    for (const { at, requests } of report.seconds) {
      expect(samples.filter(({ endMs }) => Math.floor(endMs / 1000) === at)).toHaveLength(requests)
    }
  },
)

test('--samples without --local is refused with a hint', async () => {
  const folder = await project({ 'some.burst.ts': '' })
  const { code, stderr } = await burst(['run', '--samples'], folder)
  expect(code).toBe(104)
  expect(stderr).toBe('burst: --samples needs --local\n  a function on AWS writes no samples\n')
})
