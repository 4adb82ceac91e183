import { execFile } from 'node:child_process'
import { mkdir, rm, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { bundleScenario } from '../../../../cli/bundle/bundle.ts'
import { BurstError } from '../../../../core/errors.ts'
import { scenarioFolder } from '../../../fixtures/scenario-folder.ts'

const picture = new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0xff, 0xfe])
const wasm = new Uint8Array([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])

/**
 * Each item is an expression that reads the bytes or the text of a file. If the value of the expression is a function, this function is called only
 * after the scenario has loaded, as in a task.
 */
const ways = {
  url: "readFileSync(new URL('./img.png', import.meta.url))",
  dirname: "readFileSync(join(import.meta.dirname, 'data', 'img.png'))",
  template: 'readFileSync(`${import.meta.dirname}/img.png`)',
  underscore: "readFileSync(join(__dirname, 'img.png'))",
  fileUrl: "readFileSync(join(dirname(fileURLToPath(import.meta.url)), 'img.png'))",
  destructured: "readFileSync(new URL('./img.png', url))",
  resolved: "readFileSync(fileURLToPath(import.meta.resolve('./img.png')))",
  promise: "await promises.readFile(new URL('./img.png', import.meta.url))",
  above: "readFileSync(new URL('../shared/above.png', import.meta.url))",
  computed: "['img', 'png'].map((_, i, all) => readFileSync(new URL(`./${all.join('.')}`, import.meta.url)))[0]",
  workingFolder: "readFileSync('load/img.png')",
  descriptor: "readSync0('img.png')",
  imported: 'imported',
  withBytes: 'withBytes',
  laterUrl: "() => readFileSync(new URL('./later.png', import.meta.url))",
  laterJoined: "() => readFileSync(join(here, 'data', 'later.png'))",
  laterInFolder: "() => readFileSync(join(import.meta.dirname, 'pictures', pick()))",
  laterInWorkingFolder: "() => readFileSync('load/data/working.png')",
  laterLink: "() => lstatSync('load/img.png').isFile() && readFileSync(realpathSync('load/img.png'))",
  laterNativeLink: "() => readFileSync(realpathSync.native('load/img.png'))",
  laterBlob: "async () => (await openAsBlob('load/img.png')).bytes()",
  laterListed:
    "async () => { for await (const { name } of await promises.opendir('load/pictures')) return readFileSync('load/pictures/' + name) }",
  laterListedSync:
    "() => { const folder = opendirSync('load/pictures'); const { name } = folder.readSync(); folder.closeSync(); return readFileSync('load/pictures/' + name) }",
  laterCopied: "() => { copyFileSync('load/img.png', 'copy.png'); return readFileSync('copy.png') }",
  laterCopiedFolder:
    "async () => { await promises.cp('load/pictures', 'copies', { recursive: true }); return readFileSync('copies/one.png') }",
  laterFound: "async () => readFileSync((await Array.fromAsync(promises.glob('load/pict*/*.png')))[0])",
  laterFoundBelow: "() => readFileSync('load/pictures/' + globSync('*.png', { cwd: 'load/pictures' })[0])",
  laterFoundBack: "async () => readFileSync((await promisify(glob)('load/pict*/*.png'))[0])",
  blob: "await (await openAsBlob('load/blob' + 'bed.png')).bytes()",
  copied: "copied((to) => copyFileSync('load/cop' + 'ied.png', join(to, 'one.png')))",
  copiedFolder: "copied((to) => cpSync('load/fold' + 'er', to, { recursive: true }))",
  laterStream:
    "async () => Buffer.concat(await Array.fromAsync(createReadStream(new URL('./later.png', import.meta.url))))",
  other: 'fromAnotherModule()',
}
const scenario = `import { closeSync, copyFileSync, cpSync, createReadStream, glob, globSync, lstatSync, mkdtempSync, openAsBlob, openSync, opendirSync, promises, readFileSync, readSync, realpathSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { HttpUser, scenario } from 'burst'
import imported from './img.png'
import withBytes from './notes.txt' with { type: 'bytes' }
import notes from './notes.txt'
import query from './q.sql'
import page from './page.html'
import raw from './raw.unknown?raw'
import text from './raw.unknown' with { type: 'text' }
import settings from './settings.json' with { type: 'json' }
import module from './add.wasm'
import { fromAnotherModule } from './deep/module.ts'
const { url } = import.meta
const here = import.meta.dirname
const pick = () => 'one.png'
function readSync0(name: string) {
  const file = openSync(join(here, name))
  const bytes = Buffer.alloc(8)
  readSync(file, bytes)
  closeSync(file)
  return bytes
}
function copied(copy: (to: string) => void) {
  const to = mkdtempSync(join(tmpdir(), 'burst-copied-'))
  copy(to)
  const bytes = readFileSync(join(to, 'one.png'))
  rmSync(to, { recursive: true })
  return bytes
}
class U extends HttpUser { tasks = { go: 1 }; async go() { await this.http.get('/') } }
export const ways = { ${Object.entries(ways)
  .map(([name, way]) => `${name}: ${way}`)
  .join(',\n')} }
export const texts = [notes, query, page, raw, text, settings, createRequire(import.meta.url)('./settings.json'), new WebAssembly.Module(module) instanceof WebAssembly.Module]
export default scenario({ host: 'http://127.0.0.1:1', users: [U] })
`
const files = {
  'load/shop.burst.ts': scenario,
  'load/deep/module.ts':
    "import { readFileSync } from 'node:fs'\nexport const fromAnotherModule = () => readFileSync(new URL('../img.png', import.meta.url))\n",
  ...Object.fromEntries(
    [
      'img.png',
      'later.png',
      'data/img.png',
      'data/later.png',
      'data/working.png',
      'pictures/one.png',
      'blobbed.png',
      'copied.png',
      'folder/one.png',
    ].map((name) => [`load/${name}`, picture]),
  ),
  'shared/above.png': picture,
  'load/notes.txt': picture,
  'load/q.sql': 'select 1',
  'load/page.html': '<p>',
  'load/raw.unknown': 'raw',
  'load/settings.json': '{"a":1}',
  'load/add.wasm': wasm,
}

test('a bundle contains the files that the scenario reads, whichever API the scenario uses to read them', async () => {
  const cwd = await scenarioFolder({ ...files, 'load/notes.txt': new TextDecoder('latin1').decode(picture) })
  const { code, warnings } = await bundleScenario('load/shop.burst.ts', { cwd })
  expect(warnings).toEqual([])
  const alone = await scenarioFolder({ 'bundle.mjs': code, 'elsewhere/x': '' })
  await rm(cwd, { recursive: true })
  await mkdir(cwd)
  const script = `
    const { ways, texts } = await import(${JSON.stringify(pathToFileURL(join(alone, 'bundle.mjs')).href)})
    const found = {}
    for (const [name, way] of Object.entries(ways)) {
      const bytes = typeof way === 'function' ? await Promise.try(way).catch(String) : way
      found[name] = typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('hex')
    }
    console.log(JSON.stringify({ found, texts }))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
    cwd: join(alone, 'elsewhere'),
  })
  const { found, texts } = JSON.parse(stdout) as { found: Record<string, string>; texts: unknown[] }
  const hex = Buffer.from(picture).toString('hex')
  const latin = Buffer.from(new TextDecoder('latin1').decode(picture)).toString('hex')
  expect(found).toEqual({ ...Object.fromEntries(Object.keys(ways).map((name) => [name, hex])), withBytes: latin })
  expect(texts).toEqual([
    new TextDecoder('latin1').decode(picture),
    'select 1',
    '<p>',
    'raw',
    'raw',
    { a: 1 },
    { a: 1 },
    true,
  ])
})

const reading = (expression: string): string => `import { readFileSync } from 'node:fs'
import { HttpUser, scenario } from 'burst'
class U extends HttpUser { tasks = { go: 1 }; async go() { await this.http.get('/') } }
export const read = ${expression}
export default scenario({ host: 'http://127.0.0.1:1', users: [U] })
`

test.each([
  [
    'a file of secrets is refused, and the error says what to use instead',
    "readFileSync(new URL('.env', import.meta.url), 'utf8')",
    {
      exitCode: 104,
      at: 'a.burst.ts:4',
      message: 'the scenario reads .env as a file, but burst never copies .env files to the workers',
    },
  ],
  [
    'the error for a missing file names the line that reads it',
    "readFileSync(new URL('./none.png', import.meta.url))",
    {
      exitCode: 107,
      at: 'a.burst.ts:4',
      hint: "for a file beside the scenario write new URL('./name', import.meta.url)",
    },
  ],
  [
    'a native module is refused',
    "0\nimport './addon.node'",
    {
      exitCode: 104,
      at: expect.stringMatching(/^a\.burst\.ts:5/),
      message: 'a native module (.node) cannot be part of a scenario',
    },
  ],
  [
    'an imported text file that is not UTF-8 is refused',
    "0\nimport './latin.txt'",
    { exitCode: 104, at: expect.stringMatching(/^a\.burst\.ts:5/), message: 'latin.txt is not UTF-8 text' },
  ],
])('%s', async (_, expression, refusal) => {
  const cwd = await scenarioFolder({
    'a.burst.ts': reading(expression),
    '.env': 'A=1',
    'addon.node': picture,
    'latin.txt': picture,
  })
  const error: unknown = await bundleScenario('a.burst.ts', { cwd }).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(BurstError)
  expect(error).toMatchObject(refusal)
})

test('a string in the scenario that cannot be a path does not cause an error', async () => {
  const cwd = await scenarioFolder({
    'a.burst.ts': reading(`['${'n'.repeat(290)}', 'loop', '${'n'.repeat(280)}.pem']
try { readFileSync('${'m'.repeat(290)}') } catch {}`),
  })
  await symlink('loop', join(cwd, 'loop'))
  expect((await bundleScenario('a.burst.ts', { cwd })).warnings).toEqual([])
})

test.skipIf(process.platform !== 'linux')(
  'a file that burst cannot read is not copied to workers, and a warning says why',
  async () => {
    const cwd = await scenarioFolder({
      'a.burst.ts': reading('0\ntry { readFileSync(new URL("memory", import.meta.url)) } catch {}'),
    })
    // This file exists but cannot be read, because the first page of a process's memory is not accessible.
    await symlink('/proc/self/mem', join(cwd, 'memory'))
    expect((await bundleScenario('a.burst.ts', { cwd })).warnings).toEqual([
      'a.burst.ts:5: memory is not copied to the workers: the disk reports an error',
    ])
  },
)

test('a path of --files that cannot be read is refused', async () => {
  const cwd = await scenarioFolder({ 'a.burst.ts': reading('0') })
  await symlink('loop', join(cwd, 'loop'))
  await expect(bundleScenario('a.burst.ts', { cwd, filesFolder: 'loop' })).rejects.toMatchObject({
    exitCode: 104,
    message: '--files is loop, which cannot be read: the path leads through too many links',
  })
})

test('files outside the project are not copied to workers, and a warning says so', async () => {
  const cwd = await scenarioFolder({ 'a.burst.ts': reading("readFileSync('/etc/passwd', 'utf8').length") })
  const { code, warnings } = await bundleScenario('a.burst.ts', { cwd })
  expect(warnings).toEqual(['a.burst.ts:4: /etc/passwd is outside the project and is not copied to the workers'])
  expect(code).not.toContain(Buffer.from('root:').toString('base64').slice(0, 6))
})
