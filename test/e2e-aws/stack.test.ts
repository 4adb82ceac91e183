import {
  DescribeStacksCommand,
  GetTemplateCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation'
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import { GetFunctionCommand } from '@aws-sdk/client-lambda'
import { GetObjectCommand, ListBucketsCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { rm } from 'node:fs/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Account } from './account.ts'
import type { Cloud } from './emulators/cloud.ts'
import { startMiniStack } from './emulators/ministack.ts'
import { type Person, newPerson } from './person.ts'

const StackName = 'burst'
const boundary = 'arn:aws:iam::000000000000:policy/limits'
const key = 'arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555'
/** The flags for the processor, the encryption key and the network of the workers. The test looks for their values in the template. */
const elsewhere = [
  '--architecture',
  'x86_64',
  '--kms-key',
  key,
  '--vpc',
  'vpc-1',
  '--subnets',
  'subnet-1',
  '--security-groups',
  'sg-1',
]
const report = 'runs/20260101-000000-shop-0000/report.json'

let cloud: Cloud
let account: Account
let person: Person
let before: Record<string, string[]>

beforeAll(async () => {
  cloud = await startMiniStack()
  account = new Account(cloud)
  person = await newPerson(cloud)
  before = await account.inventory()
}, 300_000)
afterAll(async () => {
  await cloud?.stop()
  if (person) await rm(person.folder, { recursive: true, force: true })
}, 60_000)

test('a first deployment that is declined leaves no resource in the account', async () => {
  const { code, stderr } = await person.burst('deploy', '--allow', 'shop.example.com')
  expect([code, stderr]).toEqual([104, expect.stringContaining('add --yes')])
  expect(await account.inventory()).toEqual(before)
})

test('a deployment without flags keeps every setting, host and tag, and says that the stack is unchanged', async () => {
  const flags = ['--memory', '2048', '--retention-days', '7', '--role-path', '/load/', '--reserve', '40']
  const bounds = ['--permissions-boundary', boundary, '--tag', 'team=checkout']
  await person.manages(
    'deploy',
    '--yes',
    '--allow',
    'shop.example.com',
    '--allow',
    '*.example.org',
    ...flags,
    ...bounds,
    ...elsewhere,
  )
  const [first, template] = [await deployed(), await templateNow()]
  for (const part of ['x86_64', key, 'subnet-1', 'sg-1']) expect(template).toContain(part)
  expect(first).toMatchObject({ memory: 2048, bounded: 6, path: '/load/', allow: 'shop.example.com,*.example.org' })
  const { stdout } = await person.manages('deploy')
  expect(stdout).toContain('unchanged: this code')
  expect(stdout).toContain(`permissions-boundary: ${boundary}`)
  expect(await deployed()).toEqual(first)
  expect(await templateNow()).toBe(template)
})

test('without a terminal, burst deploy changes a setting only with --yes, and leaves all other settings unchanged', async () => {
  const first = await deployed()
  const refused = await person.burst('deploy', '--allow', 'other.example.com', '--reset', 'permissions-boundary')
  expect(refused.code).toBe(104)
  expect(refused.stdout).toContain('allow: + other.example.com')
  expect(refused.stdout).toContain('allow: - shop.example.com')
  expect(refused.stdout).toContain(`permissions-boundary: - ${boundary}`)
  expect(await deployed()).toEqual(first)
  const { stdout } = await person.manages('deploy', '--memory', '1024', '--yes')
  expect(stdout).toContain('memory: 2,048 MB → 1,024 MB')
  expect(stdout).toMatch(/deployed: the settings changed, the code is the same as before/)
  expect(await deployed()).toMatchObject({ ...first, memory: 1024 })
})

test('the outputs of the stack name the bucket that stores the code, and this name cannot be guessed', async () => {
  const { Buckets = [] } = await account.s3.send(new ListBucketsCommand())
  const found = Buckets.map(({ Name = '' }) => Name).filter((name) => name.startsWith('burst-assets-'))
  expect(found).toEqual([await account.output('AssetBucket')])
  expect(found[0]).toMatch(/^burst-assets-000000000000-us-east-1-[\da-f]{12}$/)
})

test('a deployment keeps the termination protection that a person set, and a refused deletion loses no data', async () => {
  await putReport()
  await protect(true)
  await person.manages('deploy', '--retention-days', '9', '--yes')
  const { code, stderr } = await person.burst('destroy', '--yes')
  expect([code, stderr]).toEqual([104, expect.stringContaining('has termination protection')])
  expect(await storedReport()).toBe('kept')
  await protect(false)
})

test('burst destroy deletes no data if the person may not delete the stack', async () => {
  const limited = await newPerson(cloud, await account.userWithout('cloudformation:DeleteStack'))
  const { code, stderr } = await limited.burst('destroy', '--yes')
  expect([code, stderr]).toEqual([97, expect.stringContaining('cloudformation:DeleteStack')])
  expect(await storedReport()).toBe('kept')
  await person.manages('deploy')
})

test('--keep-data keeps the bucket and its objects, and prints when S3 deletes them', async () => {
  const bucket = await account.output('BucketName')
  const { stdout } = await person.manages('destroy', '--yes', '--keep-data')
  expect(stdout).toContain('still deletes each file of a run 9 days after')
  expect(await storedReport(bucket)).toBe('kept')
  const { buckets, ...others } = await account.inventory()
  expect({ ...others, buckets: buckets?.filter((name) => name !== bucket) }).toEqual(before)
})

interface Deployed {
  memory: number | undefined
  /**
   * The number of the template's roles that have a permissions boundary. The number comes from the template, because MiniStack does not attach the
   * boundary to the roles.
   */
  bounded: number
  path: string | undefined
  allow: string
  tags: unknown
}

/** Returns the settings of the deployed stack. Reads them with the AWS SDK and not with burst. */
async function deployed(): Promise<Deployed> {
  const FunctionName = await account.output('WorkerFunction')
  const { Configuration } = await account.lambda.send(new GetFunctionCommand({ FunctionName }))
  const RoleName = Configuration?.Role?.split('/').at(-1) ?? ''
  const { Role } = await new IAMClient(account.settings).send(new GetRoleCommand({ RoleName }))
  const { Stacks = [] } = await account.cloudFormation.send(new DescribeStacksCommand({ StackName }))
  return {
    memory: Configuration?.MemorySize,
    bounded: await boundedRoles(),
    path: Role?.Path,
    allow: await account.output('Allow'),
    tags: Stacks[0]?.Tags,
  }
}

async function boundedRoles(): Promise<number> {
  return (await templateNow()).split(`"PermissionsBoundary":"${boundary}"`).length - 1
}

/** Returns the template of the deployed stack, as JSON without white space. */
async function templateNow(): Promise<string> {
  const { TemplateBody = '{}' } = await account.cloudFormation.send(new GetTemplateCommand({ StackName }))
  return JSON.stringify(JSON.parse(TemplateBody))
}

async function protect(EnableTerminationProtection: boolean): Promise<void> {
  await account.cloudFormation.send(new UpdateTerminationProtectionCommand({ StackName, EnableTerminationProtection }))
}

async function putReport(): Promise<void> {
  await account.s3.send(new PutObjectCommand({ Bucket: await account.output('BucketName'), Key: report, Body: 'kept' }))
}

async function storedReport(bucket?: string): Promise<string> {
  const Bucket = bucket ?? (await account.output('BucketName'))
  const { Body } = await account.s3.send(new GetObjectCommand({ Bucket, Key: report }))
  return (await Body?.transformToString()) ?? ''
}
