import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')
const run = promisify(execFile)
const config = `import { UnhandledErrors } from '${root}/.ci/unhandled-errors.ts'
export default { test: { reporters: ['json', new UnhandledErrors()], outputFile: { json: 'results.json' } } }`

test('the list of failures contains failed tests, unhandled errors, and test files that cannot be loaded or whose process died', async () => {
  await mkdir(join(root, 'burst-results'), { recursive: true })
  const folder = await mkdtemp(join(root, 'burst-results', 'ci-'))
  try {
    const vitest = "import { describe, expect, test } from 'vitest'\n"
    const files = {
      'good.test.ts': `${vitest}test('holds', () => expect(1).toBe(1)); test.skip('is skipped', () => undefined)`,
      'bad.test.ts': `${vitest}describe('sums', () => test('add up', () => expect('one\\ntwo').toBe('one\\nthree')))`,
      'gone.test.ts': "import './nowhere.ts'",
      'ends.test.ts': `${vitest}test('ends it', () => void process.kill(process.pid, 'SIGTRAP')); test('waits', () => undefined)`,
      'circle.test.ts': `${vitest}test('leaves', async () => { const error = new Error('outer'); error.cause = new Error('inner', { cause: error }); void Promise.reject(error); await new Promise(setImmediate) })`,
      'loose.test.ts': `${vitest}test('leaves', async () => { void Promise.reject(new Error('left alone')); await new Promise(setImmediate) })`,
    }
    for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
    await writeFile(join(folder, 'vitest.config.ts'), config)
    const vitestProgram = join(root, 'node_modules/vitest/vitest.mjs')
    const args = ['run', '--root', folder]
    await expect(run(process.execPath, [vitestProgram, ...args])).rejects.toMatchObject({ code: 1 })
    const program = join(root, '.ci/failed-tests.mjs')
    const { stdout } = await run(process.execPath, [program, 'results.json'], { cwd: folder })
    const paragraphs = stdout.trimEnd().split(/\n(?! )/)
    expect(paragraphs.at(-1)).toBe('3 5')
    expect(paragraphs.slice(0, -1).toSorted()).toEqual([
      expect.stringMatching(/^✗ bad\.test\.ts > sums > add up\n {4}AssertionError: expected 'one/),
      expect.stringMatching(/^✗ circle\.test\.ts\n {4}unhandled error: outer\n {4}inner$/),
      '✗ ends.test.ts\n    its process ended before 2 of its tests had a result; the first of these tests is: ends it',
      expect.stringMatching(/^✗ gone\.test\.ts\n {4}.*nowhere\.ts/),
      expect.stringMatching(/^✗ loose\.test\.ts\n {4}unhandled error: left alone$/),
    ])
    const ended = await run(process.execPath, [program, '--ended', 'results.json'], { cwd: folder })
    expect(ended.stdout).toBe('ends.test.ts\n')

    await writeFile(
      join(folder, 'ends.test.ts'),
      `${vitest}test('ends it', () => undefined); test('waits', () => undefined)`,
    )
    const second = ['run', '--root', folder, '--outputFile.json=again.json', 'ends.test.ts']
    await run(process.execPath, [vitestProgram, ...second])
    const both = await run(process.execPath, [program, 'results.json', 'again.json'], { cwd: folder })
    expect(both.stdout.trimEnd().split('\n').at(-1)).toBe('5 4')
    expect(both.stdout).not.toContain('ends.test.ts')
    expect(both.stdout).toContain('left alone')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
