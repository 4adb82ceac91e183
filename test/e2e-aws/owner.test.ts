import { CreateBucketCommand, DeleteBucketCommand, DeleteObjectsCommand, S3Client } from '@aws-sdk/client-s3'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ChildTarget, runInChild } from '../targets/child.ts'
import { Account } from './account.ts'
import type { Cloud } from './emulators/cloud.ts'
import { startLocalStack } from './emulators/localstack.ts'
import { type Recorder, startRecorder } from './emulators/recorder.ts'
import { type Person, newPerson } from './person.ts'

/** LocalStack interprets an access key of twelve digits as an account id. */
const stranger = '111111111111'
const ours = '000000000000'
const functions = ['burst-coordinator', 'burst-hooks', 'burst-worker', 'burst-merge', 'burst-finalise']

let cloud: Cloud
let recorder: Recorder
let account: Account
let person: Person
let target: ChildTarget
let before: Record<string, string[]>

beforeAll(async () => {
  cloud = await startLocalStack()
  recorder = await startRecorder(cloud)
  account = new Account(cloud)
  person = await newPerson({ ...cloud, endpoint: recorder.endpoint })
  target = await runInChild('counting-target.ts')
  before = await account.inventory()
}, 300_000)
afterAll(async () => {
  await target?.close()
  await recorder?.close()
  await cloud?.stop()
  if (person) await rm(person.folder, { recursive: true, force: true })
}, 60_000)

test("burst deploy refuses to store the functions' code in a bucket of another account, and leaves no resource", async () => {
  const name = `burst-assets-${ours}-us-east-1-0123456789ab`
  await makeForeign(name)
  const { code, stderr } = await person.burst('deploy', '--yes', '--allow', cloud.targetHost, '--asset-bucket', name)
  expect([code, stderr]).toEqual([97, expect.stringContaining(`${name} does not belong to account ${ours}`)])
  expect(stderr).toContain('--asset-bucket')
  expect(await account.inventory()).toEqual(before)
})

test('every call to S3, from the command line, a function or a link, names the account that must own the bucket', async () => {
  await person.manages('deploy', '--yes', '--allow', cloud.targetHost)
  for (const name of functions) await record(name)
  await writeFile(join(person.folder, 'hooks.burst.ts'), scenario)
  const flags = ['--yes', '--detach', '-H', fromFunctions(target.origin), '--var', 'token=red']
  const run = (await person.manages('run', 'hooks.burst.ts', ...flags)).stdout.trim().split('\n').at(-1) ?? ''
  await person.manages('watch', run)
  await person.manages('list')
  const link = (await person.manages('report', run, '--url')).stdout.trim()
  const page = await fetch(link)
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<!doctype html>')])
  const callers = new Set(recorder.calls.map(({ caller }) => caller))
  expect([...callers].toSorted()).toEqual(['', ...functions.toSorted()])
  expect(recorder.calls.map(({ what }) => what).join('\n')).toContain('X-Amz-Signature')
  expect(anonymous()).toEqual([])
})

test('if another account creates a bucket with the name of the deleted bucket, burst neither reads nor writes that bucket', async () => {
  const Bucket = await account.output('BucketName')
  const objects = (await account.keys('')).map((Key) => ({ Key }))
  await account.s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: objects } }))
  await account.s3.send(new DeleteBucketCommand({ Bucket }))
  await makeForeign(Bucket)
  const files = await readdir(person.folder)
  const refused = await person.burst('run', 'hooks.burst.ts', '--yes', '-H', fromFunctions(target.origin))
  expect([refused.code, refused.stderr]).toEqual([97, expect.stringContaining(`AWS denies s3:`)])
  expect(refused.stderr).toContain(Bucket)
  const listed = await person.burst('list')
  expect([listed.code, listed.stderr]).toEqual([97, expect.stringContaining('AWS denies')])
  expect(await readdir(person.folder)).toEqual(files)
  const destroyed = await person.burst('destroy', '--yes', '--force')
  expect([destroyed.code, destroyed.stderr]).toEqual([
    97,
    expect.stringContaining(`burst could not delete s3://${Bucket}, the bucket of the runs`),
  ])
  expect(await account.inventory()).toEqual(before)
  expect(anonymous()).toEqual([])
})

/** Returns the calls that do not name our account as the owner of the bucket. Calls that create the bucket for code are left out. */
function anonymous(): string[] {
  const made = new RegExp(`^PUT /burst-assets-${ours}-[\\w-]+/?(\\?x-id=CreateBucket)?$`)
  return recorder.calls.filter(({ owner, what }) => owner !== ours && !made.test(what)).map(({ what }) => what)
}

/** Returns the address at which functions on this machine reach the server with this origin. */
function fromFunctions(origin: string): string {
  return `http://${cloud.targetHost}:${new URL(origin).port}`
}

/** Creates a bucket that belongs to another account. */
async function makeForeign(Bucket: string): Promise<void> {
  const credentials = { accessKeyId: stranger, secretAccessKey: 'test' }
  const client = new S3Client({ ...account.settings, credentials, forcePathStyle: true })
  await client.send(new CreateBucketCommand({ Bucket }))
  recorder.foreign.add(Bucket)
}

/** Makes a function send its calls to S3 through the recorder. The application id of these calls is the name of the function. */
async function record(FunctionName: string): Promise<void> {
  await account.configure(FunctionName, {
    AWS_ENDPOINT_URL_S3: fromFunctions(recorder.endpoint),
    AWS_SDK_UA_APP_ID: FunctionName,
  })
}

const scenario = `import { HttpUser, constant, hold, ramp, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('500ms')
  tasks = { home: 1 }
  async home() { await this.http.get('/').expect(200) }
}
export default scenario({
  host: 'http://127.0.0.1:1', users: [Visitor], load: [ramp(2, '0s'), hold('3s')],
  beforeRun() { return { ready: true } },
  afterRun() {},
})
`
