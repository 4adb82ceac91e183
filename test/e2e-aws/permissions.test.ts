import { InvokeCommand } from '@aws-sdk/client-lambda'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RunPlan } from '../../core/plan.ts'
import type { Report } from '../../core/report/report.ts'
import { type ChildTarget, runInChild } from '../targets/child.ts'
import { Account } from './account.ts'
import type { Cloud } from './emulators/cloud.ts'
import { startMiniStack } from './emulators/ministack.ts'
import { type Person, newPerson } from './person.ts'
import { type Right, Rights } from './rights.ts'

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
  const rights = await Rights.of(account, stages)
  expect(await probe('control', rights)).toEqual('whole')
  const superfluous: string[] = []
  for (const [index, right] of rights.all().entries()) {
    if (exempt(right)) continue
    const result = await rights.without(right, () => probe(`probe-${index}`, rights))
    if (result === 'whole') superfluous.push(named(right))
  }
  expect(superfluous).toEqual([])
}, 1_200_000)

/** A short run of the same plan: `whole`, or what is wrong with it. */
async function probe(run: string, rights: Rights): Promise<string> {
  const began = Date.now()
  await put(`runs/${run}/plan.json`, JSON.stringify(hasty(run)))
  await put(`active/${run}`, '')
  const FunctionName = await account.output('CoordinatorFunction')
  const Payload = JSON.stringify({ run })
  await account.lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }))
  while (Date.now() < began + 30_000) {
    const [denied] = await rights.denials(began)
    if (denied) return denied
    const keys = await account.keys(`runs/${run}/report.json`)
    const active = await account.keys(`active/${run}`)
    if (keys.length > 0 && active.length === 0) return verdictOf(await account.object(`runs/${run}/report.json`))
    await sleep(300)
  }
  return 'it has no end'
}

function verdictOf(text: string): string {
  const { verdict } = JSON.parse(text) as Report
  return verdict.exitCode === 0 ? 'whole' : verdict.reasons.join('; ')
}

/** The plan again, with nothing in it to wait for; its windows are short, so that some are over before the run is. */
function hasty(run: string): RunPlan {
  const timing = { startLeadMs: 4_000, startNoticeMs: 500, controlPollMs: 300, leaseMs: 10_000 }
  return { ...plan, run, windowMs: 500, flushMs: 500, timing: { ...plan.timing, ...timing, graceMs: 4_000 } }
}

async function put(key: string, body: string): Promise<void> {
  await account.s3.send(new PutObjectCommand({ Bucket: await account.output('BucketName'), Key: key, Body: body }))
}

function named({ stage, action, place }: Right): string {
  return `${stage} ${action} ${place}`
}

function exempt({ action }: Right): boolean {
  return action.startsWith('logs:')
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
