import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { defineConfig } from 'vitest/config'
import { burst } from '../../cli/vitest.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

interface Results {
  testResults: {
    message: string
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[]
  }[]
}

test('with burst/vitest, Vitest can test a scenario that uses decorators and CSV files, and errors have the right line numbers', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'burst-vitest-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'results.json')
  const vitest = fileURLToPath(new URL('vitest.mjs', import.meta.resolve('vitest/package.json')))
  const args = [vitest, 'run', '--root', `${root}test/fixtures/vitest`, '--reporter=json', `--outputFile=${file}`]
  const { VITEST: _, ...env } = process.env
  // If a test fails, Vitest exits with an error code. The name of the failed test is then in the output file.
  const { stderr } = await promisify(execFile)(process.execPath, args, { env }).catch(
    (error: { stderr: string }) => error,
  )
  const { testResults } = JSON.parse(await readFile(file, 'utf8').catch(() => stderr)) as Results
  expect(testResults.map(({ message }) => message)).toEqual([''])
  const assertions = testResults.flatMap((file) => file.assertionResults)
  expect(assertions.flatMap(({ failureMessages }) => failureMessages)).toEqual([])
  expect(assertions.map(({ status }) => status)).toEqual(['passed', 'passed', 'passed'])
})

test('burst/vitest is a valid Vitest plugin and leaves files of packages and files without decorators unchanged', async () => {
  const plugin = burst()
  expect(defineConfig({ plugins: [plugin] }).plugins).toEqual([plugin])
  const code = "/** @param x */\nimport { hold } from 'burst'\nexport const load = [hold('1s')]\n"
  expect(await plugin.transform(code, '/project/load.ts')).toBeUndefined()
  expect(await plugin.transform('class A { @task() a() {} }', '/project/node_modules/a/a.ts')).toBeUndefined()
  expect(await plugin.load('/project/load.ts')).toBeUndefined()
})
