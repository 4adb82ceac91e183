import { createServer } from 'node:http'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { Cloud } from '../../../../cli/aws/cloud.ts'
import { scaleInCloud } from '../../../../cli/aws/running/scale.ts'
import { type Control, decodeControl, encodeControl } from '../../../../core/fleet/control.ts'
import type { Wanted } from '../../../../core/fleet/changes/scale.ts'
import { slicesOf } from '../../../../core/plan/plan.ts'
import { keys } from '../../../../functions/keys.ts'
import { planOf, startAt } from '../../../fixtures/run.ts'
import { ended, listening } from '../../../targets/server.ts'
import { MemoryStore } from '../../../stores/memory-store.ts'

/** The account's limits, which the test sets and Lambda's API returns. */
let account = { limit: 0, reserved: null as number | null }
const lambda = createServer(({ url = '' }, response) => {
  const { limit, reserved } = account
  const answers: [RegExp, object][] = [
    [/account-settings/, { AccountLimit: { ConcurrentExecutions: limit, UnreservedConcurrentExecutions: limit } }],
    [/\/concurrency$/, reserved === null ? {} : { ReservedConcurrentExecutions: reserved }],
    [/\/configuration$/, { MemorySize: 1769, Architectures: ['arm64'] }],
  ]
  const answer = answers.find(([path]) => path.test(url))?.[1]
  response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(answer ?? {}))
})
let endpoint = ''
beforeAll(async () => {
  endpoint = await listening(lambda)
  vi.stubEnv('AWS_ENDPOINT_URL', endpoint)
  vi.stubEnv('AWS_REGION', 'us-east-1')
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'test')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'test')
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await ended(lambda)
})
beforeEach(() => (account = { limit: 1_000, reserved: null }))

const users = 1_600
/** A plan with 1,600 users on two workers for two hours. */
const plan = planOf({
  backend: 'aws',
  region: 'us-east-1',
  users,
  slices: slicesOf(users, 2),
  profile: { points: [{ atMs: 0, level: users }], endMs: 7_200_000 },
})
const to = (level: number): Wanted => ({ model: 'users', level, change: { overMs: 0 } })

interface Scaled {
  /** The sentence that describes the change, or the error message. */
  outcome: string
  asked: string[]
  epochs: NonNullable<Control['epochs']>
}

/** Changes the load 60 s after the start. A person answers each question with `answer`. */
async function scaled(wanted: Wanted, answer = true): Promise<Scaled> {
  const store = new MemoryStore()
  await store.put(keys.plan('r1'), JSON.stringify(plan))
  await store.put(keys.control('r1'), encodeControl({ v: 1, startAt, leaseUntil: startAt + 200_000, stop: null }))
  const clock = { nowMs: () => startAt + 60_000, sleep: async () => undefined }
  const cloud = { place: { endpoint }, stack: { worker: 'burst-worker' }, store, clock } as unknown as Cloud
  const asked: string[] = []
  const agree = async (question: string): Promise<boolean> => asked.push(question) > 0 && answer
  const outcome = await scaleInCloud(cloud, 'r1', { wanted, agree }).catch((error: Error) => error.message)
  const { epochs = [] } = decodeControl((await store.get(keys.control('r1')))?.body ?? '')
  return { outcome, asked, epochs }
}

test('a change of the load is refused if it needs more workers than the account may run', async () => {
  account = { limit: 10, reserved: null }
  const { outcome, asked, epochs } = await scaled(to(4_000))
  expect(outcome).toMatch(
    /^the run needs \d+ concurrent executions of Lambda: this account has a limit of 10 executions,/,
  )
  expect([asked, epochs]).toEqual([[], []])
  expect((await scaled(to(800))).epochs).toHaveLength(1)
})

test('the planned workers and the added workers together must not exceed the reserved concurrency', async () => {
  account = { limit: 1_000, reserved: 4 }
  expect((await scaled(to(3_200))).epochs[0]?.slices).toHaveLength(2)
  const { outcome, epochs } = await scaled(to(4_000))
  expect(outcome).toBe('the run needs 5 workers, but this stack may run only 4 at a time')
  expect(epochs).toEqual([])
})

test('if a change of the load costs more than $1 extra, burst makes the change only if a person accepts the extra cost', async () => {
  const question = /^r1 changes from 1,600 to 8,000 users: about \$\d+\.\d\d more\. Continue\?$/
  const declined = await scaled(to(8_000), false)
  expect(declined).toMatchObject({ outcome: 'the load was not changed', epochs: [] })
  expect(declined.asked).toEqual([expect.stringMatching(question)])
  const accepted = await scaled(to(8_000))
  expect(accepted.epochs[0]?.slices).toHaveLength(8)
  expect(accepted.outcome).toMatch(/^from 1,600 to 8,000 users, .* with 8 more workers/)
})

test('a change of the load needs no confirmation if it saves money or costs less than $1 extra', async () => {
  for (const level of [1_650, 1_600, 10, 0]) {
    const { asked, epochs } = await scaled(to(level), false)
    expect(asked).toEqual([])
    expect(epochs).toHaveLength(1)
  }
})
