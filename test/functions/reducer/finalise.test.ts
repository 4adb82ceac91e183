import { setTimeout } from 'node:timers/promises'
import { readFile } from 'node:fs/promises'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { beforeEach, expect, test } from 'vitest'
import { encodeMessage } from '../../../core/window/codec/codec.ts'
import { decodeShardState } from '../../../core/shard/shard-codec.ts'
import { encodeControl } from '../../../core/fleet/control.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import type { Report } from '../../../core/report/report.ts'
import type { WindowMessage } from '../../../core/window/message.ts'
import type { FinaliseEvent } from '../../../functions/events.ts'
import { keys, outputFiles } from '../../../functions/keys.ts'
import type { Environment } from '../../../functions/ports.ts'
import { finalise } from '../../../functions/reducer/finalise.ts'
import { merge } from '../../../functions/reducer/merge.ts'
import { cellOf, intervalOf, messagesOf, planOf, startAt } from '../../fixtures/run.ts'
import { MemoryStore } from '../../stores/memory-store.ts'

let store: MemoryStore
let env: Environment
const over: FinaliseEvent = { run: 'r1', events: [], failed: [], failure: null }
/** Three slices with two slices per shard make two shards. */
const plan = planOf({ workers: 3, slicesPerShard: 2 })

beforeEach(async () => {
  store = new MemoryStore()
  env = {
    store,
    queue: { send: async () => undefined },
    invoker: { invoke: async () => undefined, failed: async () => [] },
    clock: { nowMs: () => startAt, sleep: (ms) => setTimeout(ms) },
    build: 'build-1',
    remainingMs: () => 60_000,
    log: () => undefined,
  }
  await begin(plan)
})

async function begin(it: RunPlan): Promise<void> {
  await store.put(keys.plan('r1'), JSON.stringify(it))
  await store.put(keys.control('r1'), encodeControl({ v: 1, startAt, leaseUntil: startAt + 60_000, stop: null }))
}

function twentySeconds(slice: number): WindowMessage[] {
  const contents = Array.from({ length: 20 }, (_, second) => {
    const content = intervalOf({
      slice,
      second,
      users: slice === 0 ? 4 : 3,
      cells: [cellOf('GET', '/', [10, 20]), cellOf('POST', '/cart', [90])],
      lag: [1],
    })
    return { window: Math.floor(second / 5), content }
  })
  return messagesOf(contents, slice)
}

async function deliver(messages: readonly WindowMessage[]): Promise<void> {
  for (const message of messages) {
    const MessageGroupId = `r1#${message.slice < 2 ? 0 : 1}`
    const messageId = `${message.slice}-${message.attempt}-${message.sequence}`
    const response = await merge(
      { Records: [{ messageId, body: encodeMessage(message), attributes: { MessageGroupId } }] },
      env,
    )
    expect(response.batchItemFailures).toEqual([])
  }
}

async function files(): Promise<Record<string, string | undefined>> {
  const read = outputFiles.map(async (file) => [file, (await store.get(keys.output('r1', file)))?.body] as const)
  return Object.fromEntries(await Promise.all(read))
}

async function report(): Promise<Report> {
  return JSON.parse((await files())['report.json'] ?? 'null') as Report
}

test('a report contains the counts of both sealed and open windows', async () => {
  await deliver([0, 1, 2].flatMap(twentySeconds))
  expect((await store.list('runs/r1/windows/')).length).toBeGreaterThan(0)
  await finalise(over, env)
  const made = await report()
  expect(made.verdict).toMatchObject({ result: 'unjudged', exitCode: 0 })
  expect(made.totals).toMatchObject({ requests: 180, failures: 0, rps: 9 })
  expect(made.completeness).toMatchObject({
    complete: true,
    slicesReported: 3,
    windowsExpected: 60,
    windowsMerged: 60,
    lost: [],
  })
  expect(made.windows.map(({ requests }) => requests[0]?.requests)).toEqual(Array.from({ length: 20 }, () => 9))
})

test('the report follows its schema', async () => {
  await deliver([0, 1, 2].flatMap(twentySeconds))
  await finalise({ ...over, events: [{ at: startAt, text: 'started' }] }, env)
  const schema = JSON.parse(await readFile('core/report/report.schema.json', 'utf8')) as object
  const validate = new Ajv2020({ strict: false }).compile(schema)
  validate(await report())
  expect(validate.errors ?? []).toEqual([])
})

test('two finalisations of a run write the same bytes', async () => {
  await deliver([0, 1, 2].flatMap(twentySeconds).toReversed())
  await finalise(over, env)
  const first = await files()
  expect(Object.values(first).every((text) => text !== undefined && text.length > 0)).toBe(true)
  await finalise(over, env)
  expect(await files()).toEqual(first)
})

test('messages that arrive after the report are stored as late and are not counted, and the report names the missing counts', async () => {
  const messages = [0, 1, 2].flatMap(twentySeconds)
  const tardy = messages.filter(({ slice, sequence }) => slice === 2 && sequence > 9 && sequence < 15)
  await deliver(messages.filter((message) => !tardy.includes(message)))
  await finalise(over, env)
  await deliver(tardy)
  await finalise(over, env)
  const made = await report()
  expect(made.totals.requests).toBe(165)
  expect(made.completeness).toMatchObject({
    complete: false,
    late: 5,
    lost: ['worker 2 has messages 10–14 missing (00:10–00:15)'],
  })
  expect(made.verdict).toMatchObject({ exitCode: 98, result: 'inconclusive' })
})

test('finalising closes every shard, even a shard that never received a message', async () => {
  await deliver([0, 1].flatMap(twentySeconds))
  await finalise({ ...over, failed: [{ slice: 2, attempt: 0, error: 'it never claimed its slice' }] }, env)
  const stored = await store.get(keys.shard('r1', 1))
  expect(decodeShardState(stored?.body ?? '')).toMatchObject({ closed: true, shard: 1 })
  expect((await report()).completeness.lost).toEqual([
    'worker 2 failed before it reported anything: it never claimed its slice',
  ])
})

test('if a shard is closed while a merge is in progress, each message of the merge is either counted or stored as late', async () => {
  const [first, ...rest] = twentySeconds(0)
  await deliver([first as WindowMessage, ...[1, 2].flatMap(twentySeconds)])
  await Promise.all([deliver(rest), setTimeout(5).then(() => finalise(over, env))])
  const late = (await store.list(keys.lates('r1'))).length
  await finalise(over, env)
  const made = await report()
  expect(made.completeness.windowsMerged + late).toBe(60)
  expect(made.totals.requests).toBe(180 - 3 * late)
})

test('the report names a sealed window that was deleted, and says which counts are missing', async () => {
  await deliver([0, 1, 2].flatMap(twentySeconds))
  const [gone] = await store.list('runs/r1/windows/1/')
  await store.delete(gone as string)
  await finalise(over, env)
  const { completeness } = await report()
  expect(completeness.lost[0]).toBe(`${gone} is gone`)
  expect(completeness.lost[1]).toMatch(/^worker 2: 60 requests were merged, but the windows contain \d+$/)
})

test('a report that is made again has the same bytes, even if a stop was requested after the first report', async () => {
  await deliver([0, 1, 2].flatMap(twentySeconds))
  const event = { at: startAt, text: 'slice 1 is started again: it was killed' }
  await finalise({ ...over, events: [event], failed: [{ slice: 1, attempt: 0, error: 'it was killed' }] }, env)
  const first = await files()
  await store.put(
    keys.control('r1'),
    encodeControl({ v: 1, startAt, leaseUntil: startAt, stop: { reason: 'late', at: startAt + 30_000 } }),
  )
  await finalise({ ...over, failure: { reason: 'runFailed', message: 'the coordinator was lost' } }, env)
  expect(await files()).toEqual(first)
})

test('the report names the data that cannot be read, and contains all other counts', async () => {
  await deliver([0, 1].flatMap(twentySeconds))
  await store.put(keys.shard('r1', 1), '{"v":1,')
  await store.put(keys.unreadable('r1', 'm1'), '{}')
  await finalise(over, env)
  const made = await report()
  expect(made.totals.requests).toBe(120)
  expect(made.completeness).toMatchObject({ complete: false, unreadable: 1 })
  expect(made.completeness.lost[0]).toMatch(/^shard 1 could not be read/)
})

test('the report of a run that never began says why it did not begin', async () => {
  await store.delete(keys.control('r1'))
  await finalise({ ...over, failure: { reason: 'scenarioThrew', message: 'beforeRun threw: no token' } }, env)
  expect((await report()).verdict).toMatchObject({ exitCode: 107, reasons: ['beforeRun threw: no token'] })
})

test('if a different build planned the run, the finaliser still makes the report, but the result is inconclusive', async () => {
  await deliver([0, 1, 2].flatMap(twentySeconds))
  await finalise(over, { ...env, build: 'build-2' })
  const made = await report()
  expect(made.verdict).toMatchObject({ exitCode: 97, result: 'inconclusive' })
  expect(made.verdict.reasons[0]).toContain('build-2')
  expect(made.totals.requests).toBe(180)
})

test('a single failed write to the store does not make a report incomplete', async () => {
  await deliver([0, 1, 2].flatMap(twentySeconds))
  let fails = 2
  const failing: Environment['store'] = {
    get: (key) => store.get(key),
    list: (prefix) => store.list(prefix),
    delete: (key) => store.delete(key),
    put: async (key, body, condition) => {
      if (condition && fails-- > 0) throw new Error('500 Internal Error')
      return store.put(key, body, condition)
    },
  }
  await finalise(over, { ...env, store: failing })
  expect(fails).toBeLessThan(0)
  expect((await report()).completeness).toMatchObject({ complete: true, lost: [] })
})

test('report.json is written last, so all other files exist if report.json exists', async () => {
  const written: string[] = []
  const watched: Environment['store'] = {
    get: (key) => store.get(key),
    list: (prefix) => store.list(prefix),
    delete: (key) => store.delete(key),
    put: async (key, body, condition) => {
      const etag = await store.put(key, body, condition)
      written.push(key)
      return etag
    },
  }
  await finalise(over, { ...env, store: watched })
  expect(written.at(-1)).toBe(keys.output('r1', 'report.json'))
  expect(outputFiles.every((file) => written.includes(keys.output('r1', file)))).toBe(true)
})

test('finalising a run that does not exist fails with an error that names the run', async () => {
  await expect(finalise({ ...over, run: 'r2' }, env)).rejects.toThrow('there is no run called r2')
})

test.each([
  ['never began', false, 0],
  ['began without a report of any worker', true, 0],
  ['lost a worker', true, 1],
])('the operator log of a run that %s has the number of lost workers', async (_, began, workersLost) => {
  const figures: unknown[] = []
  const failed = Array.from({ length: workersLost }, (_, slice) => ({ slice, attempt: 0, error: 'out of memory' }))
  const log: Environment['log'] = (event, fields) => {
    if (event === 'report written') figures.push(fields)
  }
  await finalise({ ...over, began, failed }, { ...env, log })
  expect(figures).toEqual([expect.objectContaining({ workersLost })])
})
