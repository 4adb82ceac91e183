import { expect, test } from 'vitest'
import { LiveReader } from '../../../../cli/run/live-reader.ts'
import { stopRun } from '../../../../functions/control/change-control.ts'
import { planOf } from '../../../fixtures/run.ts'
import { SmallCloud } from '../small-cloud.ts'

const textsOf = (cloud: SmallCloud): string[] => cloud.finaliseEvent?.events.map(({ text }) => text) ?? []

test.each([
  ['at the planned end', undefined],
  ['when a person stops the run', 12_000],
])('if a reducer is down for 3 minutes %s, the coordinator waits, and no count is lost', async (_, stopMs) => {
  const cloud = new SmallCloud(planOf(), () => ({ reports: true }))
  const { createdAt } = cloud.plan
  const downAt = createdAt + 11_000
  cloud.reducerDown = [downAt, downAt + 180_000]
  if (stopMs !== undefined)
    cloud.at(createdAt + stopMs, async () => void (await stopRun(cloud.environment(), 'r1', 'Ctrl-C')))
  const shown = new LiveReader(cloud.store, cloud.plan)
  const awaited: (number | undefined)[] = []
  for (const atMs of [downAt, downAt + 150_000])
    cloud.at(atMs, async () => void awaited.push((await shown.read(cloud.nowMs))?.messagesAwaited))
  const report = await cloud.coordinate()
  expect(awaited).toEqual([undefined, expect.toSatisfy((messages: number) => messages > 0)])
  expect(report?.completeness).toMatchObject({ complete: true, lost: [] })
  expect(cloud.launched).toHaveLength(2)
  expect(cloud.nowMs).toBeLessThan(downAt + 180_000 + 5000)
  const waits = textsOf(cloud).filter((text) => text.includes('waits for'))
  expect(waits).toEqual([
    expect.stringMatching(/^the run waits for \d+ messages that the reducers have not merged yet$/),
  ])
})

test('when all messages of a lost worker are merged, the coordinator does not wait for messages of other runs', async () => {
  const cloud = new SmallCloud(planOf(), ({ slice }) => ({
    reports: true,
    ...(slice === 1 && { failsAfterMs: 2000 }),
  }))
  cloud.waiting = 7
  const report = await cloud.coordinate()
  const endsAt = (await cloud.control()).startAt + 20_000 + cloud.plan.timing.drainMs
  expect(textsOf(cloud).join()).toContain('the worker of slice 1 is lost')
  expect(textsOf(cloud).join()).not.toContain('waits for')
  expect(cloud.nowMs).toBeLessThan(endsAt)
  expect(report?.verdict.exitCode).toBe(98)
})

test('a coordinator waits at most 4 minutes for messages in the queue, and the report names the missing counts', async () => {
  const cloud = new SmallCloud(planOf(), () => ({ reports: true }))
  const { createdAt } = cloud.plan
  cloud.reducerDown = [createdAt + 11_000, createdAt + 3_600_000]
  const report = await cloud.coordinate()
  const endsAt = (await cloud.control()).startAt + 20_000 + cloud.plan.timing.drainMs
  expect(cloud.nowMs).toBeGreaterThanOrEqual(endsAt + 240_000)
  expect(cloud.nowMs).toBeLessThan(endsAt + 245_000)
  expect(report?.completeness.lost).toEqual([
    expect.stringMatching(/^workers 0, 1 stopped reporting early; last message/),
  ])
})
