import { expect, test } from 'vitest'
import type { Cloud } from '../../../../cli/aws/cloud.ts'
import { activeRuns } from '../../../../cli/aws/running/active-runs.ts'
import { remoteRun } from '../../../../cli/aws/running/remote-run.ts'
import { encodeControl } from '../../../../core/fleet/control.ts'
import { keys } from '../../../../functions/keys.ts'
import { planOf, startAt } from '../../../fixtures/run.ts'
import { MemoryStore } from '../../../stores/memory-store.ts'

const plan = planOf({ backend: 'aws' })
const report = JSON.stringify({
  schemaVersion: 1,
  run: { id: 'r1', host: 'http://127.0.0.1:1', startedAt: startAt, endedAt: startAt + 1, plan: { users: 10 } },
  verdict: { result: 'failed', exitCode: 97 },
  totals: { requests: 0, failures: 0, latencyMs: { p95: null } },
})

/** A stack with one run whose coordinator was lost. The clock of the stack advances only while burst waits. */
async function stackWithLostRun(): Promise<{ cloud: Cloud; store: MemoryStore; waitedMs: () => number }> {
  const store = new MemoryStore()
  await store.put(keys.active('r1'), '')
  await store.put(keys.control('r1'), encodeControl({ v: 1, startAt, leaseUntil: startAt + 10_000, stop: null }))
  const beganAt = startAt + 60_000
  let nowMs = beganAt
  const clock = { nowMs: () => nowMs, sleep: async (ms: number) => void (nowMs += ms) }
  const invoke = async (stage: string): Promise<void> => {
    if (stage === 'finalise') await store.put(keys.output('r1', 'report.json'), report)
  }
  const place = { endpoint: undefined, profile: 'work' }
  return { cloud: { store, clock, invoke, place } as unknown as Cloud, store, waitedMs: () => nowMs - beganAt }
}

test('if a run has lost its coordinator, the run does not count as active after its report is made', async () => {
  const { cloud } = await stackWithLostRun()
  expect(await activeRuns(cloud)).toEqual([{ run: 'r1', alive: false }])
  expect((await remoteRun(cloud, plan).done).verdict.exitCode).toBe(97)
  expect(await activeRuns(cloud)).toEqual([])
})

test('a run that has a report does not count as active after burst watch', async () => {
  const { cloud, store } = await stackWithLostRun()
  await store.put(keys.output('r1', 'report.json'), report)
  await remoteRun(cloud, plan).done
  expect(await activeRuns(cloud)).toEqual([])
})

const refused = { $metadata: { httpStatusCode: 400 } }
const sso = "To refresh this SSO session run 'aws sso login' with the corresponding profile."

test.each([
  ['ExpiredToken', 'The provided token has expired.', refused],
  ['ExpiredTokenException', 'The security token included in the request is expired', {}],
  ['TokenProviderError', `Token is expired. ${sso}`, {}],
  ['CredentialsProviderError', `The SSO session associated with this profile is invalid. ${sso}`, {}],
  ['CredentialsProviderError', 'UnauthorizedException: Session token not found or invalid', {}],
  ['CredentialsProviderError', 'Failed to load a token for session x, please re-authenticate using aws login', {}],
  ['UnauthorizedException', 'Session token not found or invalid', { $metadata: { httpStatusCode: 401 } }],
  ['InvalidGrantException', 'Invalid refresh token provided', {}],
])(
  'when credentials have expired during a run (%s: %s), burst does not wait, and says how to sign in again',
  async (name, message, more) => {
    const { cloud, store, waitedMs } = await stackWithLostRun()
    store.get = async () => Promise.reject(Object.assign(new Error(message), { name, ...more }))
    await expect(remoteRun(cloud, plan).done).rejects.toMatchObject({
      exitCode: 104,
      message: "the AWS credentials of profile 'work' have expired",
      hint: 'sign in again, e.g. aws sso login --profile work',
    })
    expect(waitedMs()).toBe(0)
  },
)

test.each([
  ['TimeoutError', 'no answer', {}],
  ['Error', 'getaddrinfo ENOTFOUND s3.eu-west-1.amazonaws.com', { code: 'ENOTFOUND' }],
  ['CredentialsProviderError', 'Error: getaddrinfo ENOTFOUND portal.sso.eu-west-1.amazonaws.com', {}],
  ['SlowDown', 'Please reduce your request rate.', { $metadata: { httpStatusCode: 503 } }],
])('after a temporary error during a run (%s: %s), burst tries again', async (name, message, more) => {
  const { cloud, store } = await stackWithLostRun()
  const get = store.get.bind(store)
  let failures = 3
  store.get = async (key) => {
    if (failures-- > 0) throw Object.assign(new Error(message), { name, ...more })
    return get(key)
  }
  expect((await remoteRun(cloud, plan).done).verdict.exitCode).toBe(97)
})
