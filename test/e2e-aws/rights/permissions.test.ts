import { GetFunctionConfigurationCommand, InvokeCommand } from '@aws-sdk/client-lambda'
import { SendMessageCommand } from '@aws-sdk/client-sqs'
import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Report } from '../../../core/report/report.ts'
import { encodeMessage } from '../../../core/window/codec/codec.ts'
import { keys } from '../../../functions/keys.ts'
import { signed } from '../../../functions/signature.ts'
import { messageOf } from '../../fixtures/windows.ts'
import { type ChildTarget, runInChild } from '../../targets/child.ts'
import { Account } from '../account.ts'
import { recordCalls, recordedCalls } from '../emulators/calls.ts'
import type { Cloud } from '../emulators/cloud.ts'
import { startMiniStack } from '../emulators/ministack.ts'
import { type Person, newPerson } from '../person.ts'
import { until } from '../until.ts'
import { type Right, isUsedBy, rightsOfFunction, rightsOfRun } from './rights.ts'

const functions = ['burst-coordinator', 'burst-hooks', 'burst-worker', 'burst-merge', 'burst-finalise']

let cloud: Cloud
let account: Account
let person: Person
let target: ChildTarget

beforeAll(async () => {
  cloud = await startMiniStack()
  account = new Account(cloud)
  person = await newPerson(cloud)
  target = await runInChild('counting-target.ts')
  await person.manages('deploy', '--yes', '--allow', cloud.targetHost)
  for (const name of functions) await giveName(name)
  await recordCalls(cloud)
}, 300_000)
afterAll(async () => {
  await target?.close()
  await cloud?.stop()
  if (person) await rm(person.folder, { recursive: true, force: true })
}, 60_000)

test('a run with hooks, several coordinators and hand-overs works with the permissions of the stack, even if the queues contain messages of other runs', async () => {
  await leaveBehind()
  await writeFile(join(person.folder, 'hooks.burst.ts'), scenario)
  const flags = ['--yes', '--detach', '-H', target.origin, '--var', 'token=red', '--interval', '10s']
  const run = (await person.manages('run', 'hooks.burst.ts', ...flags)).stdout.trim().split('\n').at(-1) ?? ''
  await reportFailure(run, 'burst-finalise')
  const { stdout } = await person.manages('watch', run, '--json')
  const report = JSON.parse(stdout) as Report
  expect(report.completeness).toMatchObject({ complete: true, lost: [] })
  const { epoch } = JSON.parse(await account.object(keys.coordinator(run))) as { epoch: number }
  expect(epoch).toBeGreaterThan(1)
  await comeLate(report)
})

test('each permission of the stack is used by a run', async () => {
  const calls = await recordedCalls(cloud)
  const ofFunctions = functions.map((name) => rightsOfFunction(account, name))
  const rights = (await Promise.all([...ofFunctions, rightsOfRun(account)])).flat()
  const unused = rights.filter((right) => !calls.some((call) => isHeldBy(right, call.caller) && isUsedBy(right, call)))
  const superfluous = unused.map(({ name }) => name).filter((name) => !exempt.some((one) => one.test(name)))
  expect(superfluous).toEqual([])
})

/** Returns true if the caller has the permission. Workers and hooks have the role of the run in addition to the role of their function. */
function isHeldBy({ role }: Right, caller: string): boolean {
  return role === caller || (role === 'burst-run' && ['burst-worker', 'burst-hooks'].includes(caller))
}

/** Permissions that no run on MiniStack uses. test/infra checks that the template contains each of them. */
const exempt = [
  // Lambda on AWS needs these permissions to write logs, to poll the queue and to report failed invocations. MiniStack does not need them.
  /^\w+ logs:/,
  /^merge sqs:(?:ReceiveMessage|DeleteMessage|GetQueueAttributes) /,
  /^\w+ sqs:SendMessage burst-QueuesFailures/,
  // If a caller without this permission asks for a missing object, AWS denies the call. MiniStack answers that the object is missing.
  /^merge s3:ListBucket/,
  // This permission is used only when a worker has not reported its end.
  /^coordinator sqs:GetQueueAttributes /,
  // This permission is used only when a window is sealed before all workers have reported it.
  /^coordinator s3:GetObject runs\/\*\/windows/,
  // This permission is used only when the invocation of a hook has not started within a minute.
  /^coordinator s3:PutObject runs\/\*\/hooks/,
  // This permission is used only when a worker claims its slice too late.
  /^coordinator s3:PutObject runs\/\*\/claims/,
  // This permission is used only when Lambda delivers an invocation twice.
  /^run s3:GetObject runs\/\*\/claims/,
  // This permission is used only when a dead letter belongs to a run in progress.
  /^finalise s3:PutObject runs\/\*\/windows/,
  // This permission is used only in runs longer than a minute, because the closed windows of such runs are merged into one object per minute.
  /^merge s3:GetObject runs\/\*\/windows/,
]

/**
 * Makes a function send its name with each of its calls. The coordinator gets a timeout of 93 s. A coordinator hands over 90 s before its timeout, so
 * this coordinator hands over almost immediately.
 */
async function giveName(FunctionName: string): Promise<void> {
  await account.configure(
    FunctionName,
    { AWS_SDK_UA_APP_ID: FunctionName },
    FunctionName === 'burst-coordinator' ? 93 : undefined,
  )
}

/** Sends three messages of other runs: a failure, a message that cannot be merged, and a message of a run without a plan. */
async function leaveBehind(): Promise<void> {
  await reportFailure('another', 'burst-worker')
  const { Environment } = await account.lambda.send(
    new GetFunctionConfigurationCommand({ FunctionName: 'burst-worker' }),
  )
  await send('DeadLetterQueueUrl', 'no message of a worker')
  const build = Environment?.Variables?.['BURST_BUILD'] ?? ''
  await send('QueueUrl', encodeMessage(messageOf({ run: 'another', build })))
}

/**
 * Sends three messages after the report was made. The queue gets a late message and an unreadable message, and the merge function stores both
 * messages. The dead-letter queue gets the late message again, and the next finaliser stores this message.
 */
async function comeLate({ run: { id: run, build } }: Report): Promise<void> {
  const secret = await account.object(keys.secret(run))
  const late = signed(secret, encodeMessage(messageOf({ run, build, sequence: 1000 })))
  await send('QueueUrl', late, run)
  await send('QueueUrl', 'no message of a worker', run)
  await send('DeadLetterQueueUrl', late, run)
  await stored(keys.lates(run), 1)
  await stored(keys.unreadables(run), 1)
  const Payload = JSON.stringify({ run, events: [], failed: [], failure: null })
  await account.lambda.send(new InvokeCommand({ FunctionName: 'burst-finalise', Payload }))
  await stored(keys.lates(run), 2)
}

/** Waits until at least `objects` objects have a key that begins with the prefix. */
async function stored(prefix: string, objects: number): Promise<void> {
  const areThere = async (): Promise<true | undefined> =>
    (await account.keys(prefix)).length >= objects ? true : undefined
  await until(areThere, `${prefix} did not have ${objects} objects`)
}

/** Sends the message that Lambda sends after a failed invocation. */
async function reportFailure(run: string, name: string): Promise<void> {
  const functionArn = `arn:aws:lambda:us-east-1:000000000000:function:${name}`
  const failure = { requestContext: { functionArn, condition: 'RetriesExhausted' }, requestPayload: { run } }
  const QueueUrl = await account.output('FailuresQueueUrl')
  await account.sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(failure) }))
}

async function send(queue: string, MessageBody: string, run = 'another'): Promise<void> {
  await account.sqs.send(
    new SendMessageCommand({
      QueueUrl: await account.output(queue),
      MessageBody,
      MessageGroupId: `${run}#0`,
      MessageDeduplicationId: randomUUID(),
    }),
  )
}

const scenario = `import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('100ms')
  tasks = { home: 1 }
  async home() { await this.http.get('/').expect(200) }
}
export default scenario({
  host: 'http://127.0.0.1:1', users: [Visitor], load: [ramp(2, '0s'), hold('24s')],
  beforeRun() { return { ready: true } },
  afterRun() {},
})
`
