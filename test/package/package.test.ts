import { execFile } from 'node:child_process'
import { copyFile, cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { outputFiles } from '../../functions/keys.ts'
import { runInChild } from '../targets/child.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** A PATH that begins with the folder of the Node that runs this test. */
const path = [dirname(process.execPath), process.env['PATH']].join(delimiter)
let folder = ''

/** Makes a user's project: a folder outside of the repository. Only the tarball is installed in this folder. */
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'burst-package-'))
  const packed = JSON.parse(await say('npm', ['pack', root, '--json', '--silent'])) as { filename: string }[]
  await writeFile(join(folder, 'package.json'), '{ "name": "mine", "private": true, "type": "module" }')
  await say('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', `./${packed[0]?.filename}`])
  await copyFile(join(root, 'scenarios/quickstart.burst.ts'), join(folder, 'quickstart.burst.ts'))
}, 240_000)

afterAll(() => rm(folder, { recursive: true, force: true }))

test('the tarball contains the program and its documentation, and no development files', async () => {
  const there = await readdir(join(folder, 'node_modules/burst'))
  expect(there.toSorted()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'core',
    'dist',
    'docs',
    'package.json',
    'scenarios',
  ])
})

test('npx burst --help names the commands', async () => {
  expect(await say('npx', ['burst', '--help'])).toMatch(/\bdemo\b.*\binit\b.*\brun\b.*\bdebug\b/s)
})

test('burst deploy says how to install the AWS CDK, which is not installed with burst', async () => {
  const deploy = ['burst', 'deploy', '--allow', 'shop.example.com', '--endpoint', 'http://127.0.0.1:9', '--yes']
  await expect(say('npx', deploy)).rejects.toMatchObject({
    code: 97,
    stderr: expect.stringMatching(
      /needs the AWS CDK, and @aws-cdk\/toolkit-lib, aws-cdk-lib, constructs cannot be found[^]*npm install --save-dev @aws-cdk\/toolkit-lib@[\d.]+ aws-cdk-lib@[\d.]+ constructs@[\d.]+ /,
    ),
  })
  for (const name of ['@aws-cdk/toolkit-lib', 'aws-cdk-lib', 'constructs']) {
    await mkdir(dirname(join(folder, 'node_modules', name)), { recursive: true })
    await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  }
  await expect(say('npx', deploy)).rejects.toMatchObject({ stderr: expect.stringContaining('127.0.0.1:9') })
})

test('a copied scenario can be run: every request is counted, and the report is written', async () => {
  const target = await runInChild('counting-target.ts')
  try {
    const options = [
      '--local',
      '-u',
      '6',
      '-t',
      '3s',
      '--workers',
      '2',
      '-H',
      target.origin,
      '--out',
      'result',
      '--quiet',
    ]
    await say('npx', ['burst', 'run', 'quickstart.burst.ts', ...options])
    const { received } = await target.ask<{ received: number }>('counts')
    const { totals, completeness } = JSON.parse(await readFile(join(folder, 'result/report.json'), 'utf8'))
    expect(received).toBeGreaterThan(6)
    expect(totals.exchanges + totals.interrupted).toBe(received)
    expect(completeness.lost).toEqual([])
    expect((await readdir(join(folder, 'result'))).toSorted()).toEqual(expect.arrayContaining(outputFiles.toSorted()))
  } finally {
    await target.close()
  }
})

test('burst init works in a folder without burst, and the tsconfig.json that it writes finds the types of Node', async () => {
  const said = await say('npx', ['burst', 'init', 'fresh'])
  expect(said).not.toContain('--save-dev')
  const fresh = join(folder, 'fresh')
  const { devDependencies } = JSON.parse(await readFile(join(fresh, 'package.json'), 'utf8'))
  expect(Object.keys(devDependencies)).toEqual(['@types/node'])
  // Copies the packages that npm install would install, because the test does not use a registry.
  for (const name of ['@types/node', 'undici-types']) {
    await cp(join(root, 'node_modules', name), join(fresh, 'node_modules', name), { recursive: true })
  }
  const scenario = await readFile(join(fresh, 'first.burst.ts'), 'utf8')
  const more = `import { readFileSync } from 'node:fs'
console.log(process.env['HOME'], readFileSync(new URL('./x', import.meta.url)), import.meta.dirname, fetch, performance.now(), Buffer.from('x'))
`
  await writeFile(join(fresh, 'first.burst.ts'), more + scenario)
  expect(await say(join(root, 'node_modules/.bin/tsc'), ['-p', fresh])).toBe('')
})

test('the types in the package accept a correct scenario and reject a mistake', async () => {
  const library = { target: 'es2024', lib: ['es2024', 'esnext.decorators', 'dom'], types: [] }
  const compilerOptions = { ...library, module: 'nodenext', strict: true, noEmit: true }
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.burst.ts'] }))
  const tsc = join(root, 'node_modules/.bin/tsc')
  expect(await say(tsc, ['-p', folder])).toBe('')
  const scenario = await readFile(join(folder, 'quickstart.burst.ts'), 'utf8')
  await writeFile(join(folder, 'wrong.burst.ts'), scenario.replace('browse: 3', 'browze: 3'))
  await expect(say(tsc, ['--pretty', 'false', '-p', folder])).rejects.toMatchObject({
    stdout: expect.stringMatching(/^wrong\.burst\.ts\(\d+,\d+\): error TS\d+: .*browze/),
  })
})

/** Runs a program in the user's folder and returns its stdout. */
async function say(command: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, PATH: path, NO_COLOR: '1' }
  return (await promisify(execFile)(command, args, { cwd: folder, env })).stdout
}
