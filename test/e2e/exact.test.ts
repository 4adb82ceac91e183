import { Ajv2020 } from 'ajv/dist/2020.js'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { RandomStream } from '../../core/random.ts'
import type { Report } from '../../core/report/report.ts'
import { runInChild } from '../targets/child.ts'
import type { Counts } from '../targets/counting-target.ts'
import { runLocal } from './local.ts'

const scenario = (host: string): string => `
import { HttpUser, between, hold, ramp, scenario, task } from 'burst'
class Reader extends HttpUser {
  static weight = 4
  wait = between('300ms', '900ms')
  async onStart() { await this.http.post('/login') }
  @task(5) async page() { await this.http.get('/page/:id', { params: { id: this.random.int(1, 99) } }).expect(200) }
  @task(1) async failing() { await this.http.get('/status/500') }
  @task(1) async slow() { await this.http.get('/delay/700') }
  async onStop() { await this.http.post('/logout') }
}
class Writer extends HttpUser { wait = between('500ms', '1s'); @task async write() { await Promise.all([this.http.put('/a'), this.http.put('/b')]) } }
export default scenario({ host: '${host}', users: [Reader, Writer], load: [ramp(500, '5s'), hold('5s'), ramp(0, '3s')] })`

const validate = new Ajv2020({ strict: false }).compile(
  JSON.parse(readFileSync(new URL('../../core/report/report.schema.json', import.meta.url), 'utf8')) as object,
)

describe('500 users that ramp up, hold and ramp down on 4 workers', () => {
  const faults = { twice: true, shuffle: true, delayMs: 1_500, random: nextOf(new RandomStream(1, 2, 3)) }
  test.concurrent.each([
    ['when each message is delivered once', undefined],
    ['when every message is delivered twice, late and out of order', faults],
  ])('the report and the target count exactly the same requests %s', async (_, queueFaults) => {
    const target = await runInChild('counting-target.ts', { jitterMs: 20 })
    try {
      const { report } = await runLocal({
        scenario: scenario(target.origin),
        options: { workers: 4 },
        ...(queueFaults ? { queueFaults } : {}),
      })
      const counts = await target.ask<Counts>('counts')
      expect(report.totals.exchanges + report.totals.interrupted).toBe(counts.received)
      // A repeated message that arrives while burst makes the report is sometimes not counted as a duplicate. The number of duplicates may therefore
      // be slightly too low.
      const { duplicatesDropped, windowsMerged } = report.completeness
      expect(duplicatesDropped).toBeGreaterThanOrEqual(queueFaults ? windowsMerged - 8 : 0)
      expect(duplicatesDropped).toBeLessThanOrEqual(queueFaults ? windowsMerged : 0)
      holds(report, counts)
    } finally {
      await target.close()
    }
  })
})

function holds(report: Report, counts: Counts): void {
  for (const row of report.requests) {
    if (row.name.includes(':')) continue
    expect([row.name, row.exchanges + row.interrupted]).toEqual([row.name, counts.byPath[`${row.method} ${row.name}`]])
  }
  expect(report.completeness).toMatchObject({ complete: true, slicesReported: 4, lost: [], unreadable: 0, late: 0 })
  expect(report.users).toMatchObject({ started: 500, byClass: { Reader: 400, Writer: 100 } })
  expect(report.workers.map((one) => one.slice)).toEqual([0, 1, 2, 3])
  expect(report.seconds.reduce((sum, one) => sum + one.requests, 0)).toBe(report.totals.requests)
  expect(report.windows.reduce((sum, one) => sum + (one.requests[0]?.requests ?? 0), 0)).toBe(report.totals.requests)
  expect([validate(report), validate.errors]).toEqual([true, null])
}

function nextOf(stream: RandomStream): () => number {
  return () => stream.next()
}
