import { LambdaClient } from '@aws-sdk/client-lambda'
import { SQSClient } from '@aws-sdk/client-sqs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { RunCredentials } from '../../../functions/events.ts'
import { anchoredClock } from '../../../functions/clock.ts'
import { Failures } from '../../../functions/aws/failures.ts'
import { LambdaInvoker } from '../../../functions/aws/lambda-invoker.ts'
import { clientSettings } from '../../../functions/aws/client-settings.ts'
import { launchWorkers } from '../../../functions/invocation.ts'
import { keys } from '../../../functions/keys.ts'
import type { Store } from '../../../functions/ports.ts'
import { withSecret } from '../../../functions/signature.ts'
import { planOf } from '../../fixtures/run.ts'
import { MemoryStore } from '../../stores/memory-store.ts'
import { type SmallLambda, startSmallLambda } from './small-lambda.ts'
import { type SmallSqs, startSmallSqs } from './small-sqs.ts'

let lambda: SmallLambda
let sqs: SmallSqs
afterEach(async () => void (await Promise.all([lambda.close(), sqs.close()])))

interface Wanted {
  together?: number
  records?: readonly unknown[]
  store?: Store
  /** The error that STS returns instead of credentials. If it is undefined, STS returns credentials. */
  refusal?: Error
}

async function startInvoker({
  together,
  records = [],
  store = new MemoryStore(),
  refusal,
}: Wanted = {}): Promise<LambdaInvoker> {
  lambda = await startSmallLambda(together)
  sqs = await startSmallSqs(records.map((record) => JSON.stringify(record)))
  const place = { region: 'us-east-1', credentials: { accessKeyId: 'a', secretAccessKey: 's' } }
  // On a busy machine, the server in this process may need several seconds to answer. The client must not repeat a request that the server has
  // received, so the client waits for up to two minutes.
  const needs = clientSettings({ sockets: 64, patienceMs: 120_000 })
  const client = new SQSClient({ ...needs, ...place, endpoint: sqs.origin })
  const failures = new Failures(
    { client, queueUrl: `${sqs.origin}/1/failures`, store },
    { 'burst-worker': 'worker', 'burst-finalise': 'finalise' },
  )
  const functions = { worker: 'burst-worker', finalise: 'burst-finalise' }
  const clients = new LambdaClient({ ...needs, ...place, endpoint: lambda.origin })
  return new LambdaInvoker(clients, functions, failures, {
    of: async (run) => {
      if (refusal) throw refusal
      return credentialsOf(run)
    },
  })
}

function credentialsOf(run: string): RunCredentials {
  return { accessKeyId: `key of ${run}`, secretAccessKey: 's', sessionToken: 't' }
}

const failed = (name: string, event: unknown, more: object = {}): unknown => ({
  version: '1.0',
  requestContext: {
    functionArn: `arn:aws:lambda:us-east-1:1:function:${name}:$LATEST`,
    condition: 'RetriesExhausted',
    approximateInvokeCount: 1,
  },
  requestPayload: event,
  ...more,
})

describe('invocations through Lambda', () => {
  test('an invocation starts a function without waiting for the function to end, and the invocation of a worker contains the credentials of the run', async () => {
    const invoker = await startInvoker()
    await invoker.invoke('worker', { run: 'r1', slice: 3 })
    await invoker.invoke('finalise', { run: 'r1' })
    expect(lambda.invocations).toEqual([
      { name: 'burst-worker', type: 'Event', event: { run: 'r1', slice: 3, credentials: credentialsOf('r1') } },
      { name: 'burst-finalise', type: 'Event', event: { run: 'r1' } },
    ])
  })

  test('invocations are retried when Lambda is busy', async () => {
    const invoker = await startInvoker()
    lambda.mishaps.push(429, 500)
    await invoker.invoke('worker', { run: 'r1' })
    expect(lambda.invocations).toHaveLength(1)
  })

  test('an invocation is refused when its event is larger than Lambda accepts, or when the stage does not exist', async () => {
    const invoker = await startInvoker()
    await expect(invoker.invoke('finalise', 'x'.repeat(1_000_000))).rejects.toThrow('Lambda accepts at most 1000000')
    await expect(invoker.invoke('merge', {})).rejects.toThrow('no function for the stage merge')
    expect(lambda.invocations).toEqual([])
  })

  test("a worker's invocation fails immediately if burst is not allowed to assume the run's role, and is retried if STS is busy", async () => {
    const refusal = (name: string, httpStatusCode: number): Error =>
      Object.assign(new Error('User: arn:x is not authorized to perform: sts:AssumeRole'), {
        name,
        $metadata: { httpStatusCode },
      })
    const denied = await startInvoker({ refusal: refusal('AccessDenied', 403) })
    const env = { invoker: denied, clock: anchoredClock(), log: () => undefined }
    // After a BurstError, burst gives up immediately. After any other error, burst would repeat the invocation for longer than a test may take.
    const launching = launchWorkers({ plan: { run: 'r1' }, env }, [0], { attempt: 0, startAt: 5, patienceMs: 600_000 })
    await expect(launching).rejects.toMatchObject({
      reason: 'runFailed',
      message: 'AWS refuses credentials for the worker of run r1 (AccessDenied)',
    })
    expect(lambda.invocations).toEqual([])
    await Promise.all([lambda.close(), sqs.close()])
    const busy = refusal('Throttling', 400)
    await expect((await startInvoker({ refusal: busy })).invoke('worker', { run: 'r1' })).rejects.toBe(busy)
  })

  test('the invocations of a thousand workers are sent concurrently, each once, over at most 64 connections', async () => {
    const invoker = await startInvoker({ together: 33 })
    const plan = planOf({ workers: 1000 })
    const slices = plan.slices.map(({ slice }) => slice)
    const env = { invoker, clock: anchoredClock(), log: () => undefined }
    await launchWorkers({ plan, env }, slices, { attempt: 0, startAt: 5, patienceMs: 0 })
    const launched = lambda.invocations.map(({ event }) => (event as { slice: number }).slice)
    expect(launched.toSorted((a, b) => a - b)).toEqual(slices)
    expect(lambda.most).toBeLessThanOrEqual(64)
    expect(lambda.connections).toBeLessThanOrEqual(64)
  })
})

describe('failures that Lambda reports', () => {
  test('the failed invocations of a run are found, and each one has an error message that people can read', async () => {
    const event = { run: 'r1', slice: 2, attempt: 0, startAt: 1 }
    const invoker = await startInvoker({
      records: [
        failed('burst-worker', event, {
          responsePayload: { errorMessage: 'out of memory', errorType: 'Runtime.ExitError' },
        }),
        failed(
          'burst-finalise',
          { run: 'r1' },
          { requestContext: { functionArn: 'a:b:c:d:e:f:burst-finalise', condition: 'EventAgeExceeded' } },
        ),
      ],
    })
    expect(await invoker.failed('r1')).toEqual([
      { stage: 'worker', event, error: 'out of memory' },
      {
        stage: 'finalise',
        event: { run: 'r1' },
        error: 'Lambda did not start the invocation in time: the concurrency of the account is used up',
      },
    ])
    expect(sqs.held).toEqual([])
    expect(await invoker.failed('r1')).toHaveLength(2)
  })

  test('if a worker failed before it tried to claim its slice, its failure has the field `beforeClaim`, even if Lambda never started the worker', async () => {
    const event = { run: 'r1', slice: 2, attempt: 0, startAt: 1 }
    const early = { errorMessage: 'no bundle', errorType: 'FailedBeforeClaim' }
    const tooOld = { functionArn: 'a:b:c:d:e:f:burst-worker', condition: 'EventAgeExceeded' }
    const invoker = await startInvoker({
      records: [
        failed('burst-worker', event, { responsePayload: early }),
        failed('burst-worker', event, { requestContext: tooOld }),
        failed('burst-worker', event, { responsePayload: { errorMessage: 'killed', errorType: 'Runtime.ExitError' } }),
      ],
    })
    const failures = await invoker.failed('r1')
    expect(failures.map(({ error, beforeClaim }) => [error, beforeClaim])).toEqual([
      ['no bundle', true],
      ['Lambda did not start the invocation in time: the concurrency of the account is used up', true],
      ['killed', undefined],
    ])
  })

  test('a failed invocation is stored for its own run, even if another run reads the failure first', async () => {
    const store = new MemoryStore()
    const records = Array.from({ length: 25 }, (_, k) => failed('burst-worker', { run: `r${k % 2}`, slice: k }))
    const first = await startInvoker({ store, records })
    expect(await first.failed('r0')).toHaveLength(13)
    await Promise.all([lambda.close(), sqs.close()])
    const second = await startInvoker({ store })
    expect(await second.failed('r1')).toHaveLength(12)
    expect((await store.list(keys.failures('r1'))).length).toBe(12)
  })

  test('failed invocations are still found if the system clock is set back during the run', async ({
    onTestFinished,
  }) => {
    const invoker = await startInvoker()
    expect(await invoker.failed('r1')).toEqual([])
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 3_600_000 })
    onTestFinished(() => void vi.useRealTimers())
    const Body = JSON.stringify(failed('burst-worker', { run: 'r1', slice: 0 }))
    sqs.held.push({ MessageId: 'm0', Body, taken: false })
    await expect.poll(() => invoker.failed('r1')).toHaveLength(1)
  })

  test('a failure whose event lacks the mark of its run is ignored, because the code of another run may have sent the event', async () => {
    const store = new MemoryStore()
    for (const run of ['mine', 'theirs'])
      await store.put(keys.plan(run), JSON.stringify(await withSecret(store, planOf({ run }))))
    const first = await startInvoker({ store })
    await first.invoke('worker', { run: 'theirs', slice: 0, attempt: 0 })
    await first.invoke('finalise', { run: 'mine' })
    const [genuine, ours] = lambda.invocations.map(({ event }) => event as { mark: string })
    expect(genuine?.mark).not.toBe(ours?.mark)
    await Promise.all([lambda.close(), sqs.close()])
    const forged = { run: 'theirs', slice: 1, attempt: 0 }
    const events = [genuine, forged, { ...forged, mark: ours?.mark }, { ...forged, mark: '' }, { ...forged, mark: 7 }]
    const second = await startInvoker({ store, records: events.map((event) => failed('burst-worker', event)) })
    const found = [{ stage: 'worker', event: { run: 'theirs', slice: 0, attempt: 0 }, error: expect.any(String) }]
    expect(await second.failed('theirs')).toEqual(found)
    expect(sqs.held).toEqual([])
    const stored = await Promise.all((await store.list(keys.failures('theirs'))).map(async (key) => store.get(key)))
    expect(stored.map((one) => one?.body).join()).not.toContain('sessionToken')
  })

  test('an unparsable message about a failure is ignored', async () => {
    const records = [
      'noise',
      failed('production', { run: 'r1' }),
      failed('burst-worker', { run: '../../bundles/x' }),
      failed('burst-worker', null),
    ]
    const invoker = await startInvoker({ records })
    expect(await invoker.failed('r1')).toEqual([])
    expect(sqs.held).toEqual([])
  })
})
