import { InvokeCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { SendMessageCommand } from '@aws-sdk/client-sqs'
import { randomUUID } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { Report } from '../../core/report/report.ts'
import { keys } from '../../functions/keys.ts'
import { type ChildTarget, runInChild } from '../targets/child.ts'
import { Account } from './account.ts'
import type { Cloud } from './emulators/cloud.ts'
import { startMiniStack } from './emulators/ministack.ts'
import { type Person, newPerson } from './person.ts'
import { Rights } from './rights.ts'

const stages = ['CoordinatorFunction', 'WorkerFunction', 'MergeFunction', 'FinaliseFunction']

let cloud: Cloud
let account: Account
let person: Person
let target: ChildTarget
let plan: RunPlan

beforeAll(async () => {
  cloud = await startMiniStack()
  account = new Account(cloud)
  person = await newPerson(cloud)
  target = await runInChild('counting-target.ts')
  await person.manages('deploy', '--yes', '--allow', cloud.targetHost)
}, 300_000)
afterAll(async () => {
  await target?.close()
  await cloud?.stop()
  if (person) await rm(person.folder, { recursive: true, force: true })
}, 60_000)

test('a run with hooks works under the rights of the stack', async () => {
  await writeFile(join(person.folder, 'hooks.burst.ts'), scenario)
  const { stdout } = await person.manages('run', 'hooks.burst.ts', '--yes', '--json', '-H', target.origin)
  const report = JSON.parse(stdout) as Report
  expect(report.completeness.lost).toEqual([])
  plan = JSON.parse(await account.object(`runs/${report.run.id}/plan.json`)) as RunPlan
})

test('and without any one of them it does not', async () => {
  await hurryCoordinator()
  const rights = await Rights.of(account, stages)
  expect(await probe('no-right-taken')).toEqual('whole')
  const superfluous: string[] = []
  const undecided: string[] = []
  for (const [index, right] of rights.all().entries()) {
    if (exempt.some((name) => name.test(right.name))) continue
    const run = `right-${index}-taken`
    const result = await rights.without(right, () => probe(run, () => rights.denials(right, run)))
    if (result === 'whole') superfluous.push(right.name)
    // Slowness proves no need of the right: what fails without it has to say so.
    if (result === endless) undecided.push(right.name)
  }
  expect({ superfluous, undecided }).toEqual({ superfluous: [], undecided: [] })
}, 1_200_000)

/** What MiniStack does not ask for; test/infra asserts each of these in the template. */
const exempt = [
  // It writes the functions' logs, polls the queue and reports failed invocations with rights of its own.
  /^\w+ logs:/,
  /^MergeFunction sqs:/,
  /^\w+ sqs:SendMessage burst-QueuesFailures/,
  // It says of a missing object that it is missing, even to those who may not list.
  /^(?:Worker|Merge)Function s3:ListBucket/,
]

/** So little time is left to each coordinator that it hands over during the shortest run (90 s before its end). */
async function hurryCoordinator(): Promise<void> {
  const FunctionName = await account.output('CoordinatorFunction')
  await account.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 93 }))
}

/** A short run of the same plan: `whole`, or what is wrong with it. */
async function probe(run: string, denials: () => Promise<string[]> = async () => []): Promise<string> {
  const began = Date.now()
  await leaveBehind(`another-than-${run}`)
  await put(`runs/${run}/plan.json`, JSON.stringify(hasty(run)))
  const control = { v: 1, startAt: began + 6_000, leaseUntil: began + 30_000, stop: null }
  await put(`runs/${run}/control.json`, JSON.stringify(control))
  await put(keys.secret(run), 'the secret of a probe')
  await put(`active/${run}`, '{}')
  const FunctionName = await account.output('CoordinatorFunction')
  const Payload = JSON.stringify({ run })
  await account.lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }))
  while (Date.now() < began + 40_000) {
    const [denied] = await denials()
    if (denied) return denied
    const reports = await account.keys(`runs/${run}/report.json`)
    const active = await account.keys(`active/${run}`)
    if (reports.length > 0 && active.length === 0) return resultOf(await account.object(`runs/${run}/report.json`))
    await sleep(300)
  }
  return endless
}

const endless = 'it has no end'

function resultOf(text: string): string {
  const { verdict } = JSON.parse(text) as Report
  return verdict.exitCode === 0 ? 'whole' : verdict.reasons.join('; ')
}

/** What another run left: a failure that nobody has read, and a message that could not be merged. */
async function leaveBehind(run: string): Promise<void> {
  const functionArn = `arn:aws:lambda:us-east-1:000000000000:function:${await account.output('WorkerFunction')}`
  const failure = { requestContext: { functionArn, condition: 'RetriesExhausted' }, requestPayload: { run } }
  await account.sqs.send(
    new SendMessageCommand({
      QueueUrl: await account.output('FailuresQueueUrl'),
      MessageBody: JSON.stringify(failure),
    }),
  )
  await account.sqs.send(
    new SendMessageCommand({
      QueueUrl: await account.output('DeadLetterQueueUrl'),
      MessageBody: 'no message of a worker',
      MessageGroupId: `${run}#0`,
      MessageDeduplicationId: randomUUID(),
    }),
  )
}

/** The plan again, with nothing in it to wait for; its windows are short, so that some are over before the run is. */
function hasty(run: string): RunPlan {
  const timing = { startLeadMs: 6_000, startNoticeMs: 500, controlPollMs: 300, leaseMs: 10_000, graceMs: 4_000 }
  return { ...plan, run, windowMs: 500, flushMs: 500, timing: { ...plan.timing, ...timing } }
}

async function put(key: string, body: string): Promise<void> {
  await account.s3.send(new PutObjectCommand({ Bucket: await account.output('BucketName'), Key: key, Body: body }))
}

const scenario = `import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('100ms')
  tasks = { home: 1 }
  async home() { await this.http.get('/').expect(200) }
}
export default scenario({
  host: 'http://127.0.0.1:1', users: [Visitor], load: [ramp(2, '0s'), hold('2s')],
  beforeRun() { return { ready: true } },
  afterRun() {},
})
`
