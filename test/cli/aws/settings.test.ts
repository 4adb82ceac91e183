import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readConfig } from '../../../cli/aws/config-file.ts'
import { deploySettings } from '../../../cli/aws/settings.ts'

async function configured(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'burst-config-'))
  await writeFile(join(folder, 'burst.config.ts'), text)
  return folder
}

test('burst.config.ts is read with its types and its import of burst', async () => {
  const folder = await configured(`import { defineConfig } from 'burst'
const hosts: string[] = ['shop.example.com']
export default defineConfig({ region: 'eu-central-1', allow: hosts, tags: { team: 'checkout' } })`)
  expect(await readConfig(folder)).toEqual({
    region: 'eu-central-1',
    allow: ['shop.example.com'],
    tags: { team: 'checkout' },
  })
})

test('where there is no file there are no settings', async () => {
  expect(await readConfig(await mkdtemp(join(tmpdir(), 'burst-config-')))).toEqual({})
})

test.each([
  ['export default { regoin: "x" }', "burst.config.ts has a setting 'regoin', which burst does not know"],
  ['export default { memory: "big" }', 'burst.config.ts: memory is "big"'],
  ['export const a = 1', 'burst.config.ts exports no settings'],
  ['throw new Error("no file")', 'burst.config.ts cannot be loaded: no file'],
])('%s is refused', async (text, message) => {
  await expect(readConfig(await configured(text))).rejects.toMatchObject({ message, exitCode: 104 })
})

test('flags go before the file, tags are joined, and hosts stay as deployed where nobody names any', () => {
  const config = { allow: ['a.example.com'], memory: 1024, tags: { team: 'a', of: 'file' }, region: 'eu-west-1' }
  expect(deploySettings({ memory: '2048', tag: ['team=b'] }, config, ['c.example.com'])).toEqual({
    allow: ['a.example.com'],
    memory: 2048,
    tags: { team: 'b', of: 'file' },
  })
  expect(deploySettings({}, {}, ['c.example.com']).allow).toEqual(['c.example.com'])
})

test('a URL names its host', () => {
  const { allow } = deploySettings(
    { allow: ['https://Shop.example.com:8443/x', '*.example.org,b.example.com'] },
    {},
    [],
  )
  expect(allow).toEqual(['shop.example.com', '*.example.org', 'b.example.com'])
})

test.each([
  [{}, 'no host is named that this stack may load'],
  [{ allow: ['*'] }, '--allow is "*"'],
  [{ allow: ['a.example.com:80'] }, '--allow is "a.example.com:80"'],
  [{ allow: ['a'], memory: '64' }, '--memory is "64"'],
  [{ allow: ['a'], architecture: 'mips' }, '--architecture is "mips"'],
  [{ allow: ['a'], tag: ['team'] }, '--tag is "team"'],
])('%j is refused', (flags, message) => {
  expect(() => deploySettings(flags, {}, undefined)).toThrow(message)
})
