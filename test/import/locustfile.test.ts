import { copyFileSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { debugScenario } from '../../cli/local-runs/starting/debug-run.ts'
import { importFile } from '../../import/import.ts'
import { compilerMessages, root } from './compiled.ts'
import { type AnyService, startAnyService } from './server.ts'

const samples = fileURLToPath(new URL('locust', import.meta.url))
/** The paths of the locustfiles, without the extension `.py`. The file names are unique, so that one folder can contain all scenarios. */
const paths = globSync('*/*.py', { cwd: samples })
  .map((file) => file.slice(0, -'.py'.length).replaceAll('\\', '/'))
  .toSorted()
let folder = ''
let service: AnyService

beforeAll(async () => {
  // The folder is inside the repository, so that `burst` and the types of Node are found. Git ignores it.
  mkdirSync(join(root, 'burst-results'), { recursive: true })
  folder = mkdtempSync(join(root, 'burst-results/import-'))
  for (const file of ['users.csv', 'skus.txt']) copyFileSync(join(samples, 'data', file), join(folder, file))
  service = await startAnyService()
  for (const path of paths) {
    const { code } = await importFile(join(samples, `${path}.py`))
    writeFileSync(join(folder, `${basename(path)}.burst.ts`), code)
  }
})

afterAll(async () => {
  rmSync(folder, { recursive: true })
  await service.close()
})

test('the test folder contains at least 25 locustfiles', () => {
  expect(paths.length).toBeGreaterThanOrEqual(25)
})

test.each(paths)('%s.py becomes the scenario that is stored beside it', async (path) => {
  const code = readFileSync(join(folder, `${basename(path)}.burst.ts`), 'utf8')
  await expect(code).toMatchFileSnapshot(join(samples, `${path}.burst.ts`))
})

test('every scenario from a locustfile compiles with the tsconfig.json of burst init and with stricter settings', async () => {
  expect(await compilerMessages(folder)).toBe('')
  expect(await compilerMessages(folder, { noUncheckedIndexedAccess: true })).toBe('')
})

/** The locustfiles that burst debug runs, one for each idiom. Runs of all locustfiles would take minutes. */
const debugged = [
  'shop',
  'catch_styles',
  'sequential',
  'forum_nested',
  'csv_reader_pop',
  'abstract_mixin',
  'csrf_regex',
  'upload',
  'loops_try',
  'global_state',
  'texts_times',
  'star_dataclass',
  'helpers_request',
  'graphql_upload',
  'mixins_props',
  'match_enum',
  'python_values',
  'wrappers',
  'pools_queues',
  'lost_requests',
  'soup',
  'helper_classes',
  'unpacking',
  'generators',
  'fast_user',
  'returning_blocks',
  'markov',
  'oauth_refresh',
  'checkout_sequence',
  'typed_pages',
  'metrics_mixin',
]

test.each(debugged)('burst debug runs every task of %s without an exception', async (name) => {
  const options = { tags: [], excludeTags: [], vars: {}, failOnError: false, host: service.origin, seed: 'import' }
  const { exceptions } = await debugScenario({ file: `${name}.burst.ts`, options, cwd: folder, show: () => undefined })
  expect(exceptions).toEqual([])
})
