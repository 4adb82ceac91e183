import { execFile } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { debugScenario } from '../../cli/local-runs/starting/debug-run.ts'
import { type ImportOptions, importFile } from '../../import/import.ts'
import { codeBlocks } from '../docs/code-blocks.ts'
import { compilerMessages, root } from './compiled.ts'
import { debugged } from './expected-requests.ts'
import { type AnyService, startAnyService } from './server.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

/** Each format with the patterns for the names of its files. */
const formats = {
  curl: ['*/*.sh', '*/prompt.txt'],
  har: ['*/*.har'],
  postman: ['*/*.json'],
  openapi: ['*/*.{json,yaml,yml}'],
  k6: ['*/*.{js,ts}'],
  jmeter: ['*/*.jmx'],
} as const
/**
 * The imported files. `room` is the folder that contains the file. Within a format, each file name is unique, so that one folder can contain all
 * scenarios.
 */
const samples = Object.entries(formats).flatMap(([format, patterns]) =>
  globSync([...patterns], { cwd: join(here, format) })
    .filter((file) => !file.endsWith('.burst.ts'))
    .map((file) => ({ format, room: dirname(file), file: basename(file), name: basename(file, extname(file)) }))
    .map((sample) => ({ ...sample, scenario: `${format}-${sample.name}` }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
)
const options: Readonly<Record<string, ImportOptions>> = {
  'har-chrome_shop': { dropStatic: true, onlyHosts: ['*.example.com'] },
}
let folder = ''
let service: AnyService

beforeAll(async () => {
  // The folder is inside the repository, so that `burst` and the types of Node are found. Git ignores it.
  mkdirSync(join(root, 'burst-results'), { recursive: true })
  folder = mkdtempSync(join(root, 'burst-results/import-'))
  service = await startAnyService()
  for (const room of Object.keys(formats).flatMap((format) => globSync(join(here, format, '*'))))
    cpSync(room, folder, { recursive: true, filter: (path) => !path.endsWith('.burst.ts') })
  for (const { file, scenario } of samples) {
    const { code } = await importFile(join(folder, file), options[scenario])
    writeFileSync(join(folder, `${scenario}.burst.ts`), code)
  }
})

afterAll(async () => {
  rmSync(folder, { recursive: true })
  await service.close()
})

test('the tests import at least eight files of each format', () => {
  const counts = Object.keys(formats).map((format) => samples.filter((one) => one.format === format).length)
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(8)
})

test.each(samples)(
  '$format/$room/$file becomes the scenario that is stored beside it',
  async ({ format, room, name, scenario }) => {
    const code = readFileSync(join(folder, `${scenario}.burst.ts`), 'utf8')
    await expect(code).toMatchFileSnapshot(join(here, format, room, `${name}.burst.ts`))
  },
)

test('docs/import.md shows an OpenAPI document and the scenario that burst writes from this document', async () => {
  const [document] = codeBlocks('docs/import.md', 'yaml')
  writeFileSync(join(folder, 'shop.yaml'), document?.code ?? '')
  const { code } = await importFile(join(folder, 'shop.yaml'))
  expect(codeBlocks('docs/import.md', 'ts').map((block) => block.code)).toContain(code)
})

test('every imported scenario compiles with the tsconfig.json of burst init and with stricter settings', async () => {
  expect(await compilerMessages(folder, { noUncheckedIndexedAccess: true })).toBe('')
})

test('every imported scenario is formatted like the output of oxfmt', async () => {
  const config = { semi: false, singleQuote: true, printWidth: 120, trailingComma: 'all' }
  writeFileSync(join(folder, '.oxfmtrc.json'), JSON.stringify(config))
  const files = samples.map(({ scenario }) => join(folder, `${scenario}.burst.ts`))
  const args = ['-c', join(folder, '.oxfmtrc.json'), '--check', ...files]
  const found = promisify(execFile)(join(root, 'node_modules/.bin/oxfmt'), args, { cwd: folder })
  const { stdout } = await found.catch((error: { stdout: string }) => error)
  expect(stdout).toContain('All matched files use the correct format')
})

test.each(Object.entries(debugged))(
  'burst debug sends the requests of %s without an exception',
  async (scenario, requests) => {
    const options = { tags: [], excludeTags: [], vars: {}, failOnError: false, host: service.origin, seed: 'import' }
    const before = service.received.length
    const show = (): void => undefined
    const { exceptions } = await debugScenario({ file: `${scenario}.burst.ts`, options, cwd: folder, show })
    expect(exceptions).toEqual([])
    const received = service.received.slice(before)
    // In these files, the order of the requests is not compared, because the requests of a batch arrive in any order.
    const isBatch = ['k6-scenarios', 'k6-flow', 'k6-language', 'k6-objects', 'jmeter-choices'].includes(scenario)
    expect(isBatch ? received.toSorted() : received).toEqual(isBatch ? requests.toSorted() : requests)
  },
)
