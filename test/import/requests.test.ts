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
import { type AnyService, startAnyService } from './server.ts'

const here = fileURLToPath(new URL('.', import.meta.url))

/** The formats, with the pattern of their files. */
const formats = {
  curl: ['*/*.sh', '*/prompt.txt'],
  har: ['*/*.har'],
  postman: ['*/*.json'],
  openapi: ['*/*.{json,yaml,yml}'],
  k6: ['*/*.{js,ts}'],
  jmeter: ['*/*.jmx'],
} as const
/** The files, each with its folder (`room`). The names are unique within a format, so that one folder can contain all scenarios. */
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

/**
 * Some scenarios of each format, because running all of them would take minutes. Each sends requests to one host, which the test replaces.
 */
const debugged = {
  'curl-query': [
    'GET /find',
    'HEAD /',
    'HEAD /items/%3Aid',
    'GET /a',
    'GET /b',
    'PROPFIND /dav/',
    'OPTIONS /cors',
    'GET /slow',
    'GET /one',
    'POST /two',
    'GET /file',
  ],
  'curl-shell': ['GET /me', 'GET /keys', 'GET /users/7', 'GET /search'],
  'har-chrome_shop': ['GET /login', 'POST /api/session', 'GET /api/products', 'GET /api/products/7', 'POST /api/cart'],
  'openapi-parameters': [
    'GET /files/report.pdf',
    'GET /users/100.json',
    'GET /at/v2/things/3%2C4',
    'GET /matrix/%3Bpoint%3D1',
    'POST /jobs/job-name:cancel',
    'GET /undeclared/thing',
    'GET /search',
  ],
  'openapi-shop': [
    'GET /v1/products',
    'POST /v1/products',
    'GET /v1/products/AAA-1111',
    'DELETE /v1/products/AAA-1111',
    'POST /v1/orders',
    'GET /v1/health',
  ],
  'postman-shop': ['POST /session', 'GET /items', 'GET /items/7', 'POST /cart'],
  'postman-assertions': ['GET /items', 'GET /items/7', 'GET /does_not_exist/7'],
  'postman-prepared': ['POST /token', 'POST /api/orders', 'POST /session', 'GET /clock', 'GET /api/orders/7-hat'],
  'postman-library': ['POST /session', 'GET /items', 'GET /items/7', 'POST /things', 'DELETE /items/7'],
  'postman-weather': ['POST /session', 'GET /forecast/Berlin'],
  'openapi-payments': [
    'GET /v2/payments',
    'POST /v2/payments',
    'GET /v2/payments/pay_aaaaaaaa',
    'PATCH /v2/payments/pay_aaaaaaaa',
    'POST /v2/payments/pay_12345678/refunds',
    'PUT /v2/payments/pay_12345678/receipt',
    'GET /v2/health',
  ],
  'k6-forms': ['GET /login', 'POST /login', 'GET /items', 'GET /items/7', 'POST /search'],
  'jmeter-shop_journey': ['POST /session', 'GET /items', 'GET /items/7', 'POST /cart', 'GET /pay/card', 'GET /orders/'],
  'jmeter-poll_job': ['POST /jobs', 'GET /jobs/7', 'GET /jobs/7/result', 'GET /jobs/7/log', 'DELETE /jobs/7'],
  'har-firefox_form': ['GET /form', 'POST /topics', 'GET /topics'],
  'k6-login_setup': [
    'POST /api/session',
    'GET /api/items',
    'GET /api/items/7',
    'POST /api/cart',
    'DELETE /api/session',
  ],
  'k6-upload': ['POST /setup', 'POST /upload', 'POST /upload', 'PUT /raw/note.txt', 'PROPFIND /dav/', 'OPTIONS /raw'],
  'k6-scenarios': ['GET /search', 'GET /static/app.css', 'GET /static/app.js', 'POST /login', 'POST /orders'],
  'k6-flow': [
    'GET /form',
    'POST /login',
    'GET /topics',
    'GET /topics',
    'GET /topics',
    'GET /topics/3',
    'GET /',
    'GET /hot',
    'GET /tags/a',
    'GET /tags/b',
    'GET /ping',
    'GET /pong',
    'GET /one',
    'GET /two',
    'GET /topics/1',
    'GET /topics/2',
  ],
  'k6-unsupported': ['WS /ws', 'GET /'],
  'k6-objects': [
    'GET /jar',
    'POST /upload',
    'GET /search',
    'GET /query',
    'GET /search',
    'POST /signed',
    'GET /items',
    'GET /a',
    'GET /b',
    'POST /rows',
    'GET /wide',
  ],
  'k6-language': [
    'GET /flights',
    'GET /items/7',
    'GET /flights',
    'GET /items/7',
    'POST /pizza',
    'GET /names',
    'POST /things',
    'PUT /raw',
    'GET /a.css',
    'GET /b.js',
    'HEAD /ready',
  ],
  'k6-paths': ['POST /session', 'GET /flights', 'GET /flights/hat', 'GET /catalogue', 'PATCH /items', 'OPTIONS /api'],
  'k6-pages': ['GET /form', 'POST /login', 'GET /login', 'POST /login', 'GET /catalogue', 'GET /p/1'],
  'k6-chat': ['WS /rooms/1', 'GET /rooms'],
  'k6-sockets': ['WS /live', 'WS /live'],
  'k6-network': ['GET /search', 'POST /graphql', 'POST /graphql', 'GET /moved'],
  'har-graphql_files': ['POST /graphql', 'POST /graphql', 'POST /gateway/graphql', 'POST /find', 'POST /upload'],
  'jmeter-login': ['POST /session', 'GET /items', 'GET /items/7', 'POST /cart'],
  'jmeter-choices': [
    'GET /by-name/browse',
    'GET /by-number/1',
    'GET /always/1',
    'GET /random/b',
    'GET /order/b',
    'GET /order/c',
    'GET /order/a',
    'GET /turn/a',
    'GET /single/a',
    'GET /share/quarter',
    'GET /share/twice',
    'GET /share/ten',
    'GET /parallel/a',
    'GET /parallel/b',
    'GET /if/odd',
    'GET /if/first-odd',
    'GET /if/good',
    'GET /if/each/a',
    'GET /if/each/b',
  ],
  'jmeter-loops': [
    'GET /items',
    'GET /items/7',
    'GET /first/7',
    'GET /tags/new',
    'GET /sites/north',
    'GET /sites/south',
    'GET /rows/TODO',
    'GET /rounds/1',
    'GET /rounds/2',
    'GET /inner/0/0',
    'GET /status',
    'GET /does_not_exist/w',
    'GET /until/a',
    'GET /does_not_exist/u',
    'GET /orders/10',
  ],
  'jmeter-form': ['GET /form', 'POST /topics', 'GET /old'],
  'jmeter-upload': ['POST /upload', 'DELETE /files/7'],
  'jmeter-scripts': ['GET /default', 'GET /rows/1/hat'],
  'curl-conflicts': [
    'POST /encoded',
    'POST /fields',
    'GET /query',
    'GET /search',
    'POST /form',
    'PUT /raw/photo.txt',
    'POST /both',
    'POST /form-with-query',
    'HEAD /head',
    'POST /parts',
    'POST /untyped',
    'GET /asks-for-password',
  ],
  'curl-forms': ['POST /upload', 'PUT /raw/photo.txt', 'POST /search', 'POST /orders', 'POST /empty', 'POST /broken'],
}

test.each(Object.entries(debugged))(
  'burst debug of %s sends its requests, without an exception',
  async (scenario, requests) => {
    const options = { tags: [], excludeTags: [], vars: {}, failOnError: false, host: service.origin, seed: 'import' }
    const before = service.received.length
    const show = (): void => undefined
    const { exceptions } = await debugScenario({ file: `${scenario}.burst.ts`, options, cwd: folder, show })
    expect(exceptions).toEqual([])
    const received = service.received.slice(before)
    // The requests of a batch arrive in any order.
    const isBatch = ['k6-scenarios', 'k6-flow', 'k6-language', 'k6-objects', 'jmeter-choices'].includes(scenario)
    expect(isBatch ? received.toSorted() : received).toEqual(isBatch ? requests.toSorted() : requests)
  },
)
