import { Command } from 'commander'
import { addDeploy } from '../../../cli/commands/stack/deploy.ts'
import { checkedSettings, readConfig } from '../../../cli/aws/config-file.ts'
import { settingNames, stackSettings } from '../../../cli/aws/settings-schema.ts'
import { chmod, mkdir, mkdtemp, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { settingChanges } from '../../../cli/aws/deploying/setting-changes.ts'
import { deploySettings } from '../../../cli/aws/deploy-settings.ts'
import { burst } from '../command-line.ts'

async function configured(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'burst-config-'))
  await writeFile(join(folder, 'burst.config.ts'), text)
  return folder
}

test('burst.config.ts may contain TypeScript types and an import of burst', async () => {
  const folder = await configured(`import { defineConfig } from 'burst'
const hosts: string[] = ['shop.example.com']
export default defineConfig({ region: 'eu-central-1', allow: hosts, tags: { team: 'checkout' } })`)
  expect(await readConfig(folder)).toEqual({
    region: 'eu-central-1',
    allow: ['shop.example.com'],
    tags: { team: 'checkout' },
  })
})

// Vitest cannot import a module whose default export is a promise, so these tests run burst in a separate process.
test.each([
  ["Promise.resolve({ regoin: 'x' })", "burst.config.ts has a setting 'regoin', which burst does not know"],
  ["Promise.reject(new Error('no file'))", 'burst.config.ts cannot be loaded: no file'],
])('burst.config.ts may export a promise of settings: %s', async (promise, message) => {
  const folder = await configured(`\nexport default ${promise}`)
  const { code, stderr } = await burst(['list', '--endpoint', 'http://127.0.0.1:9'], folder)
  expect({ code, stderr }).toEqual({
    code: 104,
    stderr: expect.stringContaining(`burst: ${message}\n  at burst.config.ts:2\n`),
  })
})

test('if burst.config.ts does not exist, all settings come from flags and defaults', async () => {
  expect(await readConfig(await mkdtemp(join(tmpdir(), 'burst-config-')))).toEqual({})
})

test.each([
  ['a folder', (path: string) => mkdir(path), 'burst.config.ts is not a file', 'rename or remove it'],
  [
    'a link to itself',
    (path: string) => symlink(path, path),
    'burst.config.ts cannot be read: the path leads through too many links',
    'make the file readable, or remove it',
  ],
])(
  'if burst.config.ts is %s, burst exits with code 104 and names the file and the cause',
  async (_, make, sentence, hint) => {
    const folder = await mkdtemp(join(tmpdir(), 'burst-config-'))
    await make(join(folder, 'burst.config.ts'))
    const { code, stderr } = await burst(['list', '--endpoint', 'http://127.0.0.1:9'], folder)
    expect([code, stderr]).toEqual([104, expect.stringContaining(`burst: ${sentence}\n  ${hint}`)])
  },
)

test.skipIf(process.getuid?.() === 0)('a burst.config.ts without read permission is refused', async () => {
  const folder = await configured('export default {}')
  await chmod(join(folder, 'burst.config.ts'), 0)
  await expect(readConfig(folder)).rejects.toMatchObject({
    message: 'burst.config.ts cannot be read: permission denied',
    exitCode: 104,
  })
})

test.each([
  ['export default { regoin: "x" }', "burst.config.ts has a setting 'regoin', which burst does not know"],
  ['export default { memory: "big" }', 'burst.config.ts: memory is "big"'],
  ['export default { memory: 64 }', 'burst.config.ts: memory is 64'],
  ['export default { retentionDays: 4000 }', 'burst.config.ts: retentionDays is 4000'],
  ['export default { tags: { team: 1 } }', 'burst.config.ts: tags is an object'],
  ['export default { vpc: "" }', 'burst.config.ts: vpc is ""'],
  ['export const a = 1', 'burst.config.ts exports no settings'],
  ['export default []', 'burst.config.ts exports an empty list instead of an object with settings'],
  ['export default new Map()', 'burst.config.ts exports a Map instead of an object with settings'],
  ['export default () => ({})', 'burst.config.ts exports a function instead of an object with settings'],
  ['throw new Error("no file")', 'burst.config.ts cannot be loaded: no file'],
  ['export default { get vpc() { throw new Error("no file") } }', 'burst.config.ts cannot be loaded: no file'],
])('a burst.config.ts with the text %s is refused', async (text, message) => {
  await expect(readConfig(await configured(text))).rejects.toMatchObject({ message, exitCode: 104 })
})

test.each([
  ['export default {\n  region: "eu-west-1",\n  regoin: "x",\n}', 3],
  ['import { defineConfig } from "burst"\nexport default defineConfig({\n  memory: "big" as never,\n})', 3],
  ['type Team = { name: string }\n\nconst team: Team = JSON.parse("{")\nexport default { tags: team }', 3],
  ['export default [\n]', undefined],
])('the error for a burst.config.ts with the text %j names the line', async (text, line) => {
  const at = line === undefined ? undefined : `burst.config.ts:${line}`
  await expect(readConfig(await configured(text))).rejects.toMatchObject({ at, exitCode: 104 })
})

test('if a file that burst.config.ts imports throws, the error names the line in the imported file', async () => {
  const folder = await configured("import { team } from './team.ts'\nexport default { tags: { team } }")
  await writeFile(join(folder, 'team.ts'), "interface Team {}\n\nexport const team: string = JSON.parse('{')")
  await expect(readConfig(folder)).rejects.toMatchObject({ at: 'team.ts:3', exitCode: 104 })
})

test('burst refuses a burst.config.ts that never finishes loading', async () => {
  const folder = await configured('await new Promise(() => {})\nexport default {}')
  const message = 'burst.config.ts takes longer than 50 ms to load'
  await expect(readConfig(folder, 50)).rejects.toMatchObject({ message, exitCode: 104 })
})

test('flags take precedence over burst.config.ts, but tags from flags and from burst.config.ts are merged', () => {
  const config = { allow: ['a.example.com'], memory: 1024, tags: { team: 'a', of: 'file' }, region: 'eu-west-1' }
  expect(deploySettings({ memory: '2048', tag: ['team=b'] }, config, undefined)).toEqual({
    allow: ['a.example.com'],
    memory: 2048,
    tags: { team: 'b', of: 'file' },
  })
})

const deployed = {
  allow: ['shop.example.com'],
  memory: 3008,
  architecture: 'x86_64',
  vpc: 'vpc-1',
  subnets: ['subnet-1'],
  securityGroups: ['sg-1'],
  retentionDays: 7,
  permissionsBoundary: 'arn:aws:iam::111122223333:policy/limits',
  rolePath: '/load/',
  kmsKey: 'arn:aws:kms:eu-central-1:111122223333:key/1',
  assetBucket: 'mine',
  tags: { team: 'checkout' },
  reserve: 40,
} as const

test('a setting of the deployed stack is kept if the flags and burst.config.ts do not set it', () => {
  expect(deploySettings({}, {}, deployed)).toEqual(deployed)
  expect(deploySettings({ memory: '1024', tag: ['cost=1'] }, { retentionDays: 3 }, deployed)).toEqual({
    ...deployed,
    memory: 1024,
    retentionDays: 3,
    tags: { team: 'checkout', cost: '1' },
  })
})

test("a new VPC removes the subnets and security groups of the old VPC, and a new maxWorkers removes the deployed setting 'reserve'", () => {
  const { subnets: _s, securityGroups: _g, reserve: _r, ...others } = deployed
  expect(deploySettings({ vpc: 'vpc-2', maxWorkers: '9' }, {}, deployed)).toEqual({
    ...others,
    vpc: 'vpc-2',
    maxWorkers: 9,
  })
  expect(deploySettings({ vpc: 'vpc-1' }, {}, deployed)).toEqual(deployed)
})

test('--reset resets the named settings to their defaults', () => {
  const { vpc: _v, subnets: _s, securityGroups: _g, permissionsBoundary: _b, tags: _t, ...others } = deployed
  expect(deploySettings({ reset: ['vpc', '--permissions-boundary,tag'] }, {}, deployed)).toEqual(others)
})

test('each setting that a deployment changes is listed with its consequence', () => {
  const { permissionsBoundary, kmsKey: _k, reserve: _r, ...others } = deployed
  const after = { ...others, allow: ['other.example.com'], memory: 1769, retentionDays: 30, maxWorkers: 5 }
  expect(settingChanges(deployed, after)).toEqual([
    'allow: + other.example.com (from now on, the stack is allowed to load-test this host)',
    'allow: - shop.example.com (from now on, the stack is not allowed to load-test this host)',
    'memory: 3,008 MB → 1,769 MB',
    'retention-days: 7 days → 30 days',
    `permissions-boundary: - ${permissionsBoundary} (the functions' roles no longer have a permissions boundary)`,
    'kms-key: - arn:aws:kms:eu-central-1:111122223333:key/1 (from now on, AWS encrypts the data with its own keys)',
    'reserve: - 40 (no concurrency is reserved for the workers)',
    'max-workers: 5',
  ])
  expect(settingChanges(deployed, { ...deployed, retentionDays: 1 })).toEqual(['retention-days: 7 days → 1 day'])
  const { memory: _m, ...small } = deployed
  expect(settingChanges({ ...deployed, memory: 1769 }, small)).toEqual([])
  expect(settingChanges(deployed, deployed)).toEqual([])
})

test('burst.config.ts and --allow accept the same hosts', () => {
  expect(() => deploySettings({}, { allow: ['*.com'] }, undefined)).toThrow('com is a public suffix')
  const own = [
    '*.example.com',
    '*.example.co.uk',
    '*.internal.example.com',
    '*.shop.internal',
    '*.x.execute-api.eu-central-1.amazonaws.com',
    '*.www.ck',
    '*.a.b.cloudapp.azure.com',
  ]
  expect(deploySettings({}, { allow: own }, undefined).allow).toEqual(own)
})

test('if a host is given as a URL, the error suggests the host of the URL', () => {
  const { allow } = deploySettings(
    { allow: ['https://Shop.example.com:8443/x', '*.example.org,b.example.com'] },
    {},
    undefined,
  )
  expect(allow).toEqual(['shop.example.com', '*.example.org', 'b.example.com'])
})

test.each([
  [{}, 'a stack needs at least one host that it may load-test'],
  [{ allow: ['*'] }, '--allow is "*"'],
  [{ allow: ['a.example.com:80'] }, '--allow is "a.example.com:80"'],
  [{ allow: ['shop.example.com', '*.com'] }, 'com is a public suffix'],
  [{ allow: ['*.CO.UK'] }, 'co.uk is a public suffix'],
  [{ allow: ['https://*.github.io/x'] }, 'github.io is a public suffix'],
  [{ allow: ['*.eu-central-1.elb.amazonaws.com'] }, 'eu-central-1.elb.amazonaws.com is a public suffix'],
  [
    { allow: ['*.cloudfront.net'] },
    '"*.cloudfront.net" allows the hosts of many owners: cloudfront.net is a public suffix',
  ],
  [{ allow: ['*.s3.amazonaws.com'] }, ': s3.amazonaws.com is a public suffix'],
  [{ allow: ['*.amazonaws.com'] }, ': s3.amazonaws.com is a public suffix'],
  [{ allow: ['*.eu-central-1.amazonaws.com'] }, '.eu-central-1.amazonaws.com is a public suffix'],
  [{ allow: ['*.on.aws'] }, '.on.aws is a public suffix'],
  [{ allow: ['shop.example.com', '*.CloudApp.Azure.com'] }, 'cloudapp.azure.com is a public suffix'],
  [{ allow: ['*.azure.com'] }, 'cloudapp.azure.com is a public suffix'],
  [{ allow: ['*.westeurope.cloudapp.azure.com'] }, 'westeurope.cloudapp.azure.com is a public suffix'],
  [{ allow: ['https://*.ncpstorage.com/x'] }, '.ncpstorage.com is a public suffix'],
  [{ allow: ['*.0.0.1'] }, 'is neither a host name nor a pattern'],
  [{ allow: ['a'], memory: '64' }, '--memory is "64"'],
  [{ allow: ['a'], architecture: 'mips' }, '--architecture is "mips"'],
  [{ allow: ['a'], tag: ['team'] }, '--tag is "team"'],
  [{ allow: ['a'], reset: ['colour'] }, '--reset is "colour"'],
  [{ allow: ['a'], reserve: '3', reset: ['reserve'] }, '--reset is "reserve"'],
])('the flags %j are refused', (flags, message) => {
  expect(() => deploySettings(flags, {}, undefined)).toThrow(message)
})

test('burst deploy has a flag for each stack setting, with the same checks as for the setting in burst.config.ts', () => {
  const program = new Command()
  addDeploy(program)
  const flags = program.commands[0]?.options.map((option) => option.long?.slice(2)) ?? []
  for (const name of settingNames) expect(flags).toContain(stackSettings[name].flag)
  for (const [text, value] of [
    ['64', 64],
    ['20000', 20_000],
    ['1.5', 1.5],
  ] as const) {
    expect(() => deploySettings({ allow: ['a.example.com'], memory: text }, {}, undefined)).toThrow('--memory is')
    expect(() => checkedSettings({ memory: value }, 'burst.config.ts')).toThrow(`memory is ${value}`)
  }
  expect(deploySettings({ allow: ['a.example.com'], memory: '128' }, {}, undefined).memory).toBe(128)
  expect(checkedSettings({ memory: 128 }, 'burst.config.ts')).toEqual({ memory: 128 })
})
