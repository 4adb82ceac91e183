import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildIdentity, version } from '../../build/identity.ts'
import { readPageAssets } from '../../functions/reducer/assets.ts'
import { bundleFunctions } from '../../build/bundles.ts'
import { lambdaCode, lambdaNames } from '../../build/lambda-code.ts'

const root = join(import.meta.dirname, '..', '..')
const largestWorkerBytes = 1_400_000
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'burst-bundles-'))
  await bundleFunctions(root, folder, { version: version(), build: await buildIdentity() })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function filesOf(place: string): string[] {
  const all = readdirSync(place, { recursive: true, encoding: 'utf8' })
  return all.filter((file) => statSync(join(place, file)).isFile()).toSorted()
}

function hashOf(place: string): string {
  const hash = createHash('sha256')
  for (const file of filesOf(place)) hash.update(`${file}\0`).update(readFileSync(join(place, file)))
  return hash.digest('hex')
}

/**
 * Imports a function as Lambda does: alone in a folder, with only the environment of the function, and without the ES module features that Lambda
 * lacks.
 */
function importAlone(name: string): string {
  const alone = mkdtempSync(join(tmpdir(), 'burst-alone-'))
  try {
    cpSync(join(folder, name), alone, { recursive: true })
    const code = `const { handler } = await import(${JSON.stringify(join(alone, 'index.mjs'))}); console.log(typeof handler)`
    const flags = ['--no-experimental-require-module', '--no-experimental-detect-module', '--input-type=module']
    return execFileSync(process.execPath, [...flags, '-e', code], {
      env: environment,
      cwd: alone,
      encoding: 'utf8',
    }).trim()
  } finally {
    rmSync(alone, { recursive: true, force: true })
  }
}

/**
 * Splits a text at the characters that a string literal may escape, and returns the longest part. If a program contains the text as a string literal,
 * the program contains this part unchanged.
 */
function longestPlainPart(text: string): string {
  const [longest = ''] = text.split(/["'`\\\n$<]/).toSorted((a, b) => b.length - a.length)
  if (longest.length < 100) throw new Error('no part is long enough to be recognised')
  return longest
}

const queue = 'https://sqs.eu-central-1.amazonaws.com/111122223333/queue.fifo'
const environment = {
  AWS_REGION: 'eu-central-1',
  BURST_BUCKET: 'bucket',
  BURST_ACCOUNT: '111122223333',
  BURST_HOOKS_FUNCTION: 'hooks',
  BURST_BUILD: 'build',
  BURST_RUN_ROLE: 'role',
  BURST_BUCKET_ARN: 'bucket-arn',
  BURST_QUEUE_ARN: 'queue-arn',
  BURST_ALLOW: 'shop.example',
  BURST_QUEUE_URL: queue,
  BURST_FAILURES_QUEUE_URL: queue,
  BURST_DEAD_LETTER_QUEUE_URL: queue,
  BURST_WORKER_FUNCTION: 'burst-worker',
  BURST_COORDINATOR_FUNCTION: 'burst-coordinator',
  BURST_FINALISE_FUNCTION: 'burst-finalise',
}

describe("the functions' bundles", () => {
  it.each(lambdaNames)('the bundle of %s runs without any file outside its folder', (name) => {
    expect(importAlone(name)).toBe('function')
  })

  it('two builds of the same code create identical bundles, so a new deployment leaves all resources unchanged', async () => {
    const again = mkdtempSync(join(tmpdir(), 'burst-again-'))
    try {
      await bundleFunctions(root, again, { version: version(), build: await buildIdentity() })
      expect(hashOf(again)).toBe(hashOf(folder))
    } finally {
      rmSync(again, { recursive: true, force: true })
    }
  })

  it('a bundle does not contain the path of its build folder', () => {
    for (const file of filesOf(folder)) expect(readFileSync(join(folder, file), 'utf8')).not.toContain(root)
  })

  it("the total size of the worker's files is below the size limit", () => {
    const sizes = filesOf(join(folder, 'worker')).map((file) => statSync(join(folder, 'worker', file)).size)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(largestWorkerBytes)
  })

  it('the folder of a function contains the program of each thread that the function starts', () => {
    expect(existsSync(join(folder, 'worker', 'engine', 'thread.mjs'))).toBe(true)
    expect(existsSync(join(folder, 'hooks', 'hook-thread.mjs'))).toBe(true)
    expect(readFileSync(join(folder, 'worker', 'index.mjs'), 'utf8')).toContain('./engine/thread')
    expect(readFileSync(join(folder, 'hooks', 'index.mjs'), 'utf8')).toContain('hook-thread')
  })

  it('the bundle of the finaliser includes the script and the style of the report page', async () => {
    const finalise = readFileSync(join(folder, 'finalise', 'index.mjs'), 'utf8')
    const { script, style } = await readPageAssets()
    for (const text of [script, style]) expect(finalise.includes(longestPlainPart(text))).toBe(true)
    expect(finalise).not.toContain('dist/page')
  })

  it('each bundle contains the id of its build', async () => {
    expect(lambdaCode(folder)).toEqual({ folder, version: version(), build: await buildIdentity() })
    expect(() => lambdaCode(tmpdir())).toThrow('npm run build')
  })
})
