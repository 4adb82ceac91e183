import { expect, test } from 'vitest'
import { encodeControl } from '../../../core/fleet/control.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { decodeShardState } from '../../../core/shard/shard-codec.ts'
import type { ShardState } from '../../../core/shard/shard.ts'
import { encodeMessage } from '../../../core/window/codec/codec.ts'
import type { WindowMessage } from '../../../core/window/message.ts'
import { type Window, emptyTimedCell, sectionCaps } from '../../../core/window/window.ts'
import type { Report } from '../../../core/report/report.ts'
import { keys } from '../../../functions/keys.ts'
import { finalise } from '../../../functions/reducer/finalise.ts'
import { merge } from '../../../functions/reducer/merge.ts'
import { cellOf, intervalOf, messagesOf, planOf, startAt } from '../../fixtures/run.ts'
import { distributionOf } from '../../fixtures/windows.ts'
import { MemoryStore } from '../../stores/memory-store.ts'
import { mergeEnvironment } from './merge-environment.ts'

const [slices, windows] = [16, 27]
const plan = planOf({
  workers: slices,
  users: 80,
  profile: { points: [{ atMs: 0, level: 80 }], endMs: windows * 5000 },
})

/**
 * Returns the counts of one window of one worker. Most names and error messages occur in no other window and in no other worker. A few names occur in
 * all windows.
 */
function contentOf(slice: number, window: number, bySecond: boolean): Window {
  const second = window * 5 + (slice % 5)
  const own = `own-${'abcdefghijklmnop'[slice]}-${window.toString(26).replaceAll(/\d/g, 'z')}-${window}`
  const cells = ['/', `/${own}`, `/more/${own}`, `/still-more/${own}`].map((name) =>
    cellOf('GET', name, [5 + slice, 7 * (window + 1)], 1),
  )
  const content = intervalOf({ slice, second, cells, lag: [0.1 * slice] })
  for (const cell of cells) {
    cell.tags = ['all', own]
    if (!bySecond) cell.seconds.clear()
    addError(content, cell.name, { message: `no ${own}`, second })
    addError(content, '/', { message: `no ${cell.name}`, second })
  }
  content.exceptions.set(`broken ${own}`, { message: `broken ${own}`, stack: 'at x', count: 2 })
  content.checks.set(own, { passed: 1, failed: 1 })
  content.checks.set(`more ${own}`, { passed: 1, failed: 0 })
  for (const name of [own, `more ${own}`]) {
    const duration = distributionOf([window])
    content.steps.set(name, { ...emptyTimedCell(), count: 1, duration })
    content.metrics.set(`kafka ${name}`, { method: 'kafka', name, count: 1, failures: 0, bytes: 9, duration })
  }
  content.notices.set(own, 1)
  for (const worker of content.workers.values()) {
    worker.loopUtilization = (slice + window) / 100
    worker.coreWaitShare = (slice + 2 * window) / 100
    worker.judged.set(second, { requests: 6, late: (slice + window) % 5, uncertain: slice % 3 })
  }
  return content
}

function addError(content: Window, name: string, { message, second }: { message: string; second: number }): void {
  const at = startAt + second * 1000
  const exemplars = [{ at, user: second, status: 500, url: name }]
  const seconds = new Map([[second, 1]])
  const cell = {
    method: 'GET',
    name,
    kind: 'status',
    message,
    count: 1,
    firstAt: at,
    lastAt: at,
    exemplars,
    seconds,
  } as const
  content.errors.set(`GET ${name}\tstatus\t${message}`, cell)
}

function sent(bySecond: boolean): WindowMessage[] {
  const all = Array.from({ length: slices }, (_, slice) =>
    messagesOf(
      Array.from({ length: windows }, (_, window) => ({ window, content: contentOf(slice, window, bySecond) })),
      slice,
    ),
  )
  return all.flat().toSorted((a, b) => a.window - b.window)
}

interface Way {
  slicesPerShard: number
  order: (messages: readonly WindowMessage[]) => readonly WindowMessage[]
}

async function reported(
  messages: readonly WindowMessage[],
  way: Way,
): Promise<{ report: Report; shards: ShardState[] }> {
  const store = new MemoryStore()
  const mine: RunPlan = { ...plan, slicesPerShard: way.slicesPerShard }
  await store.put(keys.plan('r1'), JSON.stringify(mine))
  await store.put(keys.control('r1'), encodeControl({ v: 1, startAt, leaseUntil: startAt * 2, stop: null }))
  const env = mergeEnvironment(store)
  const ordered = way.order(messages)
  for (let from = 0; from < ordered.length; from += 10) {
    const Records = ordered.slice(from, from + 10).map((message) => ({
      messageId: `${message.slice}-${message.sequence}`,
      body: encodeMessage(message),
      attributes: { MessageGroupId: `r1#${Math.floor(message.slice / way.slicesPerShard)}` },
    }))
    expect(await merge({ Records }, env)).toEqual({ batchItemFailures: [] })
  }
  await finalise({ run: 'r1', events: [], failed: [], failure: null }, env)
  const read = async (key: string): Promise<string> => (await store.get(key))?.body ?? ''
  const shards = await Promise.all(
    (await store.list(keys.shards('r1'))).map(async (key) => decodeShardState(await read(key))),
  )
  const report = JSON.parse(await read(keys.output('r1', 'report.json'))) as Report
  report.completeness.duplicatesDropped = 0
  return { report, shards }
}

const inOrder = (messages: readonly WindowMessage[]) => messages
/** Returns the messages in the order of their delivery. The queue delivers each message twice, and delivers some messages several minutes late. */
const mixedUp = (messages: readonly WindowMessage[]) =>
  [...messages, ...messages]
    .map((message, k) => ({ message, at: message.window + (k % 7) + (k % 11 === 0 ? 30 : 0) }))
    .toSorted((a, b) => (b.at % 3) - (a.at % 3) || a.at - b.at)
    .map(({ message }) => message)

test.each([
  ['with names counted by second', true],
  ['with names counted by window, as in runs of hours', false],
])(
  'if a run has very many different names and error messages, its report depends neither on the number of shards nor on the order of messages: %s',
  async (_, bySecond) => {
    const messages = sent(bySecond)
    const one = await reported(messages, { slicesPerShard: 16, order: inOrder })
    expect(one.shards.map(({ sealed }) => sealed.length)).toEqual([2])
    expect(one.report.completeness).toMatchObject({ complete: true, windowsMerged: slices * windows })
    expect(one.report.totals.requests).toBe(slices * windows * 8)
    expect(one.report.requests).toHaveLength(sectionCaps.names + 1)
    for (const way of [
      { slicesPerShard: 1, order: inOrder },
      { slicesPerShard: 5, order: mixedUp },
    ]) {
      expect((await reported(messages, way)).report).toEqual(one.report)
    }
  },
)
