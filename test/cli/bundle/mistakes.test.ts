import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { bundleScenario } from '../../../cli/bundle/bundle.ts'
import type { DescribeTask } from '../../../cli/bundle/describe/describe-protocol.ts'
import { BurstError } from '../../../core/errors.ts'
import { scenarioFolder } from '../../fixtures/scenario-folder.ts'

const good = `import { HttpUser, csv, ramp, scenario } from 'burst'
const accounts = csv('accounts.csv', ['email']).unique()
class Shopper extends HttpUser {
  static weight = 9
  tasks = { browse: 1 }
  async browse() {
    await this.http.get('/', { headers: { authorization: \`Bearer \${accounts.next().email}\` } })
    await this.http.get('/product/:id?x=1', { params: { id: 1, name: this.random.next() } }).check('has price', () => true)
  }
}
export default scenario({
  host: 'http://127.0.0.1:1',
  users: [Shopper],
  load: [ramp(5, '1s')],
  thresholds: ['p95 < 1s', 'GET /product/:id: p99 < 1s', 'check:has price: errors < 1%'],
})
`
const files = { 'accounts.csv': 'email\na@x.example\n' }

/** Replaces `from` with `to` in a valid scenario, and returns the error for the result. */
async function mistake(
  from: string | RegExp,
  to: string,
): Promise<Pick<BurstError, 'message' | 'at' | 'hint' | 'exitCode'>> {
  const cwd = await scenarioFolder({ ...files, 'shop.burst.ts': good.replace(from, () => to) })
  return refusal('shop.burst.ts', cwd)
}

async function refusal(file: string, cwd: string, limitMs?: number): Promise<BurstError> {
  const error: unknown = await bundleScenario(file, { cwd, ...(limitMs && { limitMs }) }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof BurstError) return error
  throw error ?? new Error('the scenario was accepted')
}

describe('the error for a mistake in a scenario is one sentence with the line of the mistake', () => {
  it('a very long error message of the scenario is shortened', async () => {
    const { message } = await mistake(/$/, "\nthrow new Error('no '.repeat(2_000_000))")
    expect(message).toMatch(/^shop\.burst\.ts threw an error while burst loaded it: no no /)
    expect(message.length).toBeLessThan(11_000)
  })

  it('a correct scenario causes no error', async () => {
    const cwd = await scenarioFolder({ ...files, 'shop.burst.ts': good })
    expect((await bundleScenario('shop.burst.ts', { cwd })).description.thresholds).toHaveLength(3)
  })

  it.each([
    ['a syntax error', 'async browse() {', 'async browse( {', 104, 'shop.burst.ts:7:5', /^[^\n]+$/],
    ['a package that is not installed', "'burst'", "'brust'", 104, 'shop.burst.ts:1:47', 'Could not resolve "brust"'],
    [
      'no default export',
      'export default',
      'export const it =',
      104,
      'shop.burst.ts',
      'shop.burst.ts has no default export',
    ],
    [
      'an export that is not a scenario',
      /scenario\(\{[^]*/,
      '{}',
      104,
      'shop.burst.ts:11',
      'the default export is not a scenario',
    ],
    [
      'an unknown task',
      'browse: 1',
      'brows: 1',
      104,
      'shop.burst.ts:5',
      "'tasks' of class Shopper names 'brows', but the class has no such method",
    ],
    [
      'task weights of zero',
      'browse: 1',
      'browse: 0',
      104,
      'shop.burst.ts:3',
      'the weights of all tasks of class Shopper are zero',
    ],
    [
      'class weights of zero',
      'weight = 9',
      'weight = 0',
      104,
      'shop.burst.ts:3',
      'the weights of all user classes are zero: Shopper',
    ],
    ['no users', '[Shopper]', '[]', 104, 'shop.burst.ts:11', 'the scenario has no user classes'],
    [
      'a bad duration',
      "'1s')]",
      "'1 second')]",
      104,
      'shop.burst.ts:14',
      'the duration of ramp() is "1 second", which is not a duration',
    ],
    ['a missing column', "['email']", "['mail']", 104, 'shop.burst.ts:2', "accounts.csv has no column 'mail'"],
    [
      'a threshold that cannot be parsed',
      'p95 < 1s',
      'p95 is fine',
      104,
      'shop.burst.ts:15',
      "threshold 'p95 is fine' is not understood",
    ],
    ['an empty threshold', 'p95 < 1s', '', 104, 'shop.burst.ts:15', "threshold '' is not understood"],
    [
      'a threshold for an unknown request',
      'GET /product/:id:',
      'GET /produkt:',
      104,
      'shop.burst.ts:15',
      "threshold 'GET /produkt: p99 < 1s' does not name a request, recorded sample or step of this scenario",
    ],
    [
      'a threshold for only part of a request name',
      'GET /product/:id:',
      'GET /product:',
      104,
      'shop.burst.ts:15',
      "threshold 'GET /product: p99 < 1s' does not name a request, recorded sample or step of this scenario",
    ],
    [
      'a threshold for an unknown check',
      'check:has price',
      'check:has prize',
      104,
      'shop.burst.ts:15',
      "threshold 'check:has prize: errors < 1%' does not name a check of this scenario",
    ],
    [
      'a threshold for an unknown tag',
      'check:has price',
      'tag:slow',
      104,
      'shop.burst.ts:15',
      "threshold 'tag:slow: errors < 1%' does not name a tag of this scenario",
    ],
    [
      'code that throws',
      'class Shopper',
      'null.x\nclass Shopper',
      107,
      'shop.burst.ts:3',
      "shop.burst.ts threw an error while burst loaded it: Cannot read properties of null (reading 'x')",
    ],
    [
      'a permanent change of a built-in object',
      'class Shopper',
      "Object.defineProperty(Object.prototype, 'toJSON', { value: () => 'bad' })\nclass Shopper",
      104,
      'shop.burst.ts:3',
      "the scenario changes 'toJSON' of Object.prototype in a way that cannot be undone",
    ],
    [
      'an initialiser that throws',
      'browse: 1',
      'browse: missing()',
      107,
      'shop.burst.ts:5',
      'shop.burst.ts threw an error while burst loaded it: missing is not defined',
    ],
    [
      'a thrown value that is not an error',
      'class Shopper',
      "throw 'up'\nclass Shopper",
      107,
      'shop.burst.ts',
      'shop.burst.ts threw an error while burst loaded it: up',
    ],
    [
      'a process that exits',
      'class Shopper',
      'process.exit(3)\nclass Shopper',
      107,
      undefined,
      'shop.burst.ts ended its process with exit code 3 while burst loaded it',
    ],
  ] as const)('%s', async (...[, from, to, exitCode, at, message]) => {
    const error = await mistake(from, to)
    expect(error.message).toMatch(message)
    expect([error.exitCode, error.at]).toEqual([exitCode, at])
  })

  it('the error for a missing CSV file contains the path that burst tried', async () => {
    const cwd = await scenarioFolder({ 'load/shop.burst.ts': good })
    const error = await refusal('load/shop.burst.ts', cwd)
    expect(error.message).toBe(`accounts.csv does not exist (looked for ${cwd}/load/accounts.csv)`)
    expect([error.exitCode, error.at]).toEqual([104, 'load/shop.burst.ts:2'])
  })

  it('the error for a CSV file that is not text names the file', async () => {
    const cwd = await scenarioFolder({ 'shop.burst.ts': good, 'accounts.csv': new Uint8Array([0x66, 0xff, 0xfe]) })
    const error = await refusal('shop.burst.ts', cwd)
    expect([error.message, error.at]).toEqual(['accounts.csv is not UTF-8 text', 'shop.burst.ts:2'])
  })

  it('the error for a mistake in an imported file names the line in the imported file', async () => {
    const cwd = await scenarioFolder({
      ...files,
      'load/shop.burst.ts': `import '../pages.ts'\n${good}`,
      'pages.ts': '\n\nthrow new Error("pages")\n',
    })
    expect(await refusal('load/shop.burst.ts', cwd)).toMatchObject({ exitCode: 107, at: 'pages.ts:3' })
  })

  it('if a scenario file takes too long to load, burst kills the loading process, and the error names the file', async () => {
    const cwd = await scenarioFolder({ ...files, 'shop.burst.ts': `${good}\nfor (;;);` })
    const error = await refusal('shop.burst.ts', cwd, 1_500)
    expect([error.message, error.exitCode]).toEqual(['shop.burst.ts takes longer than 1.5 s to load', 104])
  })

  it('the process that loads a scenario exits when its parent process exits', async () => {
    const folder = await scenarioFolder({ 'endless.mjs': 'for (;;);' })
    const entry = fileURLToPath(new URL('../../../cli/bundle/describe/describe-child.ts', import.meta.url))
    const task: DescribeTask = {
      module: join(folder, 'endless.mjs'),
      folder,
      limitMs: 100,
      filesFolder: null,
      envNames: [],
    }
    const child = spawn(process.execPath, [entry, JSON.stringify(task)], { stdio: 'ignore' })
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
  })

  it('the error for an unhandled rejection names the line of the rejection', async () => {
    const wait =
      'setTimeout(() => { void Promise.reject(new Error("later")) }, 5)\nawait new Promise((go) => setTimeout(go, 5000))\n'
    expect(await mistake('class Shopper', `${wait}class Shopper`)).toMatchObject({
      exitCode: 107,
      at: 'shop.burst.ts:3',
    })
  })

  it('if the scenario builds request names at run time, a threshold may contain any request name', async () => {
    const cwd = await scenarioFolder({
      ...files,
      'shop.burst.ts': good.replace("get('/',", 'get(`/${this.index}`,').replace('GET /product/:id:', 'GET /7:'),
    })
    expect((await bundleScenario('shop.burst.ts', { cwd })).description.thresholds[1]).toBe('GET /7: p99 < 1s')
  })
})
