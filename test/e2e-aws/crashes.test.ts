import { SendMessageCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { decodeControl } from '../../core/fleet/control.ts'
import type { Report } from '../../core/report/report.ts'
import { decodeShardState } from '../../core/shard/shard-codec.ts'
import { keys } from '../../functions/keys.ts'
import { type UserTarget, userTargets } from '../targets/user-target.ts'
import { Account } from './account.ts'
import { checkCounts, hooksOf, interleaved, lostIn, pidOf, sentBy, textsOf } from './crash-checks.ts'
import type { Cloud } from './emulators/cloud.ts'
import { type Interceptor, startInterceptor } from './emulators/interceptor.ts'
import { startLocalStack, withoutProcesses } from './emulators/localstack.ts'
import { signal } from './emulators/processes.ts'
import { type Person, newPerson } from './person.ts'
import { until } from './until.ts'

// The tests kill functions at exact calls to S3 or Lambda, so these calls go through the process of the tests. The emulator must therefore not use
// TLS and must not check signatures. LocalStack without Docker meets both conditions. LocalStack also runs each function as a process of this
// machine, so a test can send signals to a function.
const functions = ['burst-coordinator', 'burst-hooks', 'burst-worker', 'burst-merge', 'burst-finalise']

const visibilityMs = 15_000
/**
 * The longest time from the end of the load to the report. The tests also kill reducers of other runs, so a run may have to wait until the queue
 * delivers the messages of those runs again.
 */
const reportMs = 60_000 + visibilityMs
/** The longest time from the end of the load to the report of a run whose coordinators are killed. */
const coordinatorMs = 180_000

let cloud: Cloud
let calls: Interceptor
let account: Account
let person: Person
const targets = userTargets()

beforeAll(async () => {
  cloud = await startLocalStack()
  calls = await startInterceptor(cloud)
  account = new Account(cloud)
  person = await newPerson(cloud)
  await person.manages('deploy', '--yes', '--allow', cloud.targetHost)
  for (const name of functions) await intercept(name)
  // If the reducer of a message was killed, the queue delivers the message again after this number of seconds. The deployed stack uses 60 s.
  const Attributes = { VisibilityTimeout: String(visibilityMs / 1000) }
  await account.sqs.send(new SetQueueAttributesCommand({ QueueUrl: await account.output('QueueUrl'), Attributes }))
  await writeFile(join(person.folder, 'crash.burst.ts'), scenario)
}, 300_000)
afterAll(async () => {
  await targets.close()
  await calls?.close()
  await cloud?.stop()
  if (person) await rm(person.folder, { recursive: true, force: true })
}, 60_000)

/** The name of each request is the id of its process, so the report has one row per process. A request takes 400 ms. */
const scenario = `
import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Shopper extends HttpUser {
  wait = constant('100ms')
  tasks = { go: 1 }
  async go() {
    const headers = { 'x-user': String(this.index), 'x-pid': String(process.pid) }
    await this.http.get('/slow', { headers, name: '/by ' + process.pid })
  }
}
export default scenario({
  host: 'http://127.0.0.1:1', users: [Shopper], load: [ramp(4, '0s'), hold('10s')],
  beforeRun: async ({ host }) => { await fetch(host + '/before') },
  afterRun: async ({ host }) => { await fetch(host + '/after') },
})`

interface Begun {
  run: string
  target: UserTarget
}

if (withoutProcesses) process.stderr.write(`skipped: ${withoutProcesses}\n`)

describe.skipIf(withoutProcesses)('a run on AWS', { concurrent: true }, () => {
  test('if workers are killed before their claim, in a hand-over or at the end, the report contains all counts or names the missing counts', async () => {
    const doubled = calls.double(/^burst-coordinator POST .*-turns-.*"slice":3,"attempt":0/)
    const [unclaimed, early, late] = [
      calls.kill(/^burst-worker PUT .*-turns-[^ ]*\/claims\/0-0\b/, 'before'),
      calls.kill(/^burst-worker PUT .*-turns-[^ ]*\/handover\/1-15000\/0\b/, 'before'),
      calls.kill(/^burst-worker PUT .*-turns-[^ ]*\/handover\/2-15000\/0\b/, 'after'),
    ] as const
    const begun = await begin('turns', '-u', '12', '-r', '12', '-t', '25s', '--workers', '4', '--interval', '20s')
    const { run, target } = begun
    const pids = await Promise.all([
      unclaimed,
      whileItsUserWaits(begun, 1, early),
      whileItsUserWaits(begun, 2, late),
      killedAtTheEnd(begun, 0, 25_000),
    ])
    const report = await reportOf(run, (await startOf(run)) + 25_000 + reportMs)
    await doubled
    await checked(begun, report, pids)
    expect(pids.map((pid) => sentBy(target, pid).length > 0)).toEqual([false, true, true, true])
    expect(lostIn(report)).toEqual([0, 1, 2])
    expect(Math.max(...report.seconds.map(({ users }) => users))).toBe(12)
    expect(interleaved(target)).toEqual([])
    expect(report.verdict.exitCode).toBe(98)
  })

  test('if a frozen worker continues after its replacement has sent requests, the frozen worker sends no further requests', async () => {
    const begun = await begin('frozen', '-u', '4', '-r', '4', '-t', '10m', '--workers', '2')
    const { run, target } = begun
    const frozen = await pidOf(target, 1, [])
    const next = await whileFrozen(frozen, async () => pidOf(target, 1, [frozen]))
    const awakeMs = performance.now()
    const enough = sentBy(target, next).length + 20
    const isEnough = (): true | undefined => (sentBy(target, next).length >= enough ? true : undefined)
    await until(isEnough, `process ${next} of slice 1 did not send ${enough} requests`)
    await person.manages('stop', run)
    const report = await reportOf(run, Date.now() + reportMs)
    await checked(begun, report)
    expect(sentBy(target, frozen).filter(({ atMs }) => atMs > awakeMs)).toEqual([])
    expect(report.completeness).toMatchObject({ complete: true, lost: [] })
    expect(report.workers.map(({ attempts }) => attempts)).toEqual([1, 2])
    expect(Math.max(...report.seconds.map(({ users }) => users))).toBeLessThanOrEqual(6)
    expect(textsOf(report)).toContain(
      'the worker reported nothing for 15 s, although other workers of its shard reported',
    )
  })

  test('a coordinator that is killed at any step is replaced; each hook runs once, and the counts are complete', async () => {
    const whole = Object.entries(steps).map(([name, kills]) => coordinatorsDie(name, kills))
    const reports = await Promise.all([...whole, diesAtReplacement()])
    expect(reports.map(lostIn)).toEqual([[], [], [], [], [1]])
  })

  test('counts are complete even if a message cannot be read, or if a reducer is killed during a merge or while it makes the report', async () => {
    const reports = await Promise.all([reducersDie('before', 'report.json'), reducersDie('after', 'stats.csv')])
    expect(reports.map(({ completeness }) => completeness)).toMatchObject([
      { lost: [], unreadable: 1 },
      { lost: [], unreadable: 1 },
    ])
  })
})

type Kill = readonly [call: string, when: 'before' | 'after']

/** The calls at which coordinators are killed. The key is the name of the run. Lambda starts a coordinator at most three times. */
const steps: Record<string, readonly Kill[]> = {
  first: [
    ['PUT .*/coordinator.json', 'before'],
    ['POST .*"slice":1,"attempt":0', 'before'],
  ],
  hooks: [
    ['POST .*"hook":"beforeRun"', 'before'],
    ['POST .*"hook":"afterRun"', 'after'],
  ],
  start: [
    ['PUT .*/control.json', 'after'],
    ['POST .*/burst-finalise/', 'after'],
  ],
  launch: [
    ['PUT .*/coordinator.json.*"phase":"running"', 'after'],
    ['PUT .*/coordinator.json.*"phase":"over"', 'after'],
  ],
}

async function coordinatorsDie(name: string, kills: readonly Kill[]): Promise<Report> {
  const killing = killInTurn(kills.map(([call, when]) => [`^burst-coordinator (?=.*-${name}-)${call}`, when]))
  const begun = await begin(name, '-u', '4', '-r', '4', '-t', '5s', '--workers', '2')
  await killing
  return checked(begun, await reportOf(begun.run, Date.now() + coordinatorMs))
}

/** Kills the coordinator after it has raised the floor of a slice and before it launches the worker that replaces the killed worker. */
async function diesAtReplacement(): Promise<Report> {
  const killing = calls.kill(/^burst-coordinator POST .*-floor-.*"slice":1,"attempt":1/, 'before')
  const begun = await begin('floor', '-u', '4', '-r', '4', '-t', '10m', '--workers', '2')
  const killed = await pidOf(begun.target, 1, [])
  await until(async () => toldUntil10s(begun.run, 1), 'worker 1 sent no message that was merged after 10 s of the run')
  process.kill(killed, 'SIGKILL')
  await killing
  await pidOf(begun.target, 1, [killed])
  await person.manages('stop', begun.run)
  const report = await reportOf(begun.run, Date.now() + reportMs)
  expect(interleaved(begun.target)).toEqual([])
  expect(textsOf(report)).toContain('the coordinator was lost, and another coordinator continues the run')
  return checked(begun, report, [killed])
}

/** Returns true if burst has merged a message that the first worker of a slice sent at least 10 s after the start. */
async function toldUntil10s(run: string, slice: number): Promise<true | undefined> {
  const key = keys.shard(run, 0)
  if (!(await account.keys(key)).includes(key)) return undefined
  const ledger = decodeShardState(await account.object(key)).attempts.get(`${slice}-0`)
  return ledger && ledger.lastSentAt >= (await startOf(run)) + 10_000 ? true : undefined
}

/** Freezes a process while `work` runs. Afterwards the process continues, even if `work` fails. */
async function whileFrozen<T>(pid: number, work: () => Promise<T>): Promise<T> {
  process.kill(pid, 'SIGSTOP')
  try {
    return await work()
  } finally {
    signal(pid, 'SIGCONT')
  }
}

async function killInTurn(kills: readonly Kill[]): Promise<void> {
  for (const [call, when] of kills) await calls.kill(new RegExp(call), when)
}

async function reducersDie(when: 'before' | 'after', file: string): Promise<Report> {
  const name = `merge-${when}`
  const killing = killInTurn([
    [`^burst-merge PUT .*-${name}-[^ ]*/shards/0.json`, when],
    [`^burst-finalise PUT .*-${name}-[^ ]*/${file}`, when],
  ])
  const begun = await begin(name, '-u', '2', '-r', '2', '-t', '5s', '--workers', '1')
  const message = { MessageBody: 'poison', MessageGroupId: `${begun.run}#0`, MessageDeduplicationId: begun.run }
  await account.sqs.send(new SendMessageCommand({ QueueUrl: await account.output('QueueUrl'), ...message }))
  await killing
  return checked(begun, await reportOf(begun.run, Date.now() + reportMs))
}

/** Checks the counts, and that each hook ran once. `killed`: the workers that were killed. */
async function checked({ run, target }: Begun, report: Report, killed: readonly number[] = []): Promise<Report> {
  checkCounts(target, report, { killed, startAt: await startOf(run) })
  expect({ run, hooks: hooksOf(target) }).toEqual({ run, hooks: ['/before', '/after'] })
  return report
}

/** Sends the function's calls to S3 and Lambda through the interceptor. The application id of these calls is the name of the function. */
async function intercept(FunctionName: string): Promise<void> {
  await account.configure(FunctionName, {
    AWS_ENDPOINT_URL_S3: calls.endpoint,
    AWS_ENDPOINT_URL_LAMBDA: calls.endpoint,
    AWS_SDK_UA_APP_ID: FunctionName,
  })
}

/** Starts a run against a new target. The name of the run contains `name`. */
async function begin(name: string, ...flags: string[]): Promise<Begun> {
  const target = await targets.start()
  const host = `http://${cloud.targetHost}:${new URL(target.origin).port}`
  const { stdout } = await person.manages(
    'run',
    'crash.burst.ts',
    '--yes',
    '--detach',
    '--name',
    name,
    '-H',
    host,
    ...flags,
  )
  return { run: stdout.trim().split('\n').at(-1) ?? '', target }
}

async function startOf(run: string): Promise<number> {
  return decodeControl(await account.object(keys.control(run))).startAt
}

/** Returns the report of a run. Fails if the report does not exist at `untilMs`, in epoch milliseconds. */
async function reportOf(run: string, untilMs: number): Promise<Report> {
  const key = keys.output(run, 'report.json')
  while (!(await account.keys(key)).includes(key)) {
    if (Date.now() > untilMs) throw new Error(`no report of ${run}; ${await account.object(keys.coordinator(run))}`)
    await sleep(300)
  }
  return JSON.parse(await account.object(key)) as Report
}

/**
 * Waits until the worker of a slice has been killed. Until then, the target does not answer the first user of the slice, so the worker cannot send
 * its last message.
 */
async function whileItsUserWaits<T>({ target }: Begun, slice: number, killed: Promise<T>): Promise<T> {
  await pidOf(target, slice, [])
  target.unanswered.add(String(slice))
  const result = await killed
  target.unanswered.delete(String(slice))
  return result
}

/** After the load has ended, kills the second worker of a slice while a user is waiting for the last answer. */
async function killedAtTheEnd(begun: Begun, slice: number, endMs: number): Promise<number> {
  const first = await pidOf(begun.target, slice, [])
  const pid = await pidOf(begun.target, slice, [first])
  begun.target.unanswered.add(String(slice))
  await sleep((await startOf(begun.run)) + endMs - Date.now())
  process.kill(pid, 'SIGKILL')
  return pid
}
