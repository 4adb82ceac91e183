import { mkdir, mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bundleScenario } from '../../../cli/bundle/bundle.ts'
import { initialise } from '../../../cli/commands/init.ts'

test('in an empty folder, burst init writes a scenario that can be loaded, and the files that the scenario needs', async () => {
  const folder = await emptyFolder()
  expect(await initialise(folder)).toEqual([
    'wrote  first.burst.ts',
    'wrote  package.json',
    'wrote  tsconfig.json',
    'wrote  .gitignore',
  ])
  const { description } = await bundleScenario('first.burst.ts', { cwd: folder })
  expect(description.classes.map((one) => one.name)).toEqual(['Visitor'])
  expect(JSON.parse(await textOf(folder, 'package.json'))).toMatchObject({
    private: true,
    type: 'module',
    scripts: { load: 'burst run first.burst.ts --local' },
  })
  expect(await textOf(folder, '.gitignore')).toContain('burst-results/')
})

test('a second burst init changes no file', async () => {
  const folder = await emptyFolder()
  await initialise(folder)
  const before = await contents(folder)
  expect(await initialise(folder)).toEqual([
    'kept   first.burst.ts, as it was',
    'kept   package.json, as it was',
    'kept   tsconfig.json, as it was',
    'kept   .gitignore, as it was',
  ])
  expect(await contents(folder)).toEqual(before)
})

test('burst init keeps the files and settings of a project, and adds only what is missing', async () => {
  const folder = await emptyFolder()
  await writeFile(
    join(folder, 'package.json'),
    '{\n\t"name": "mine",\n\t"scripts": { "test": "vitest" },\n\t"version": "1.0.0"\n}\n',
  )
  await writeFile(join(folder, '.gitignore'), 'dist')
  await writeFile(join(folder, 'tsconfig.json'), '{ /* mine */ }')
  expect(await initialise(folder)).toEqual([
    'wrote  first.burst.ts',
    'added  to package.json: script "load", @types/node',
    'kept   tsconfig.json, as it was',
    'added  to .gitignore: burst-results/',
  ])
  expect(await textOf(folder, 'package.json')).toBe(
    '{\n\t"name": "mine",\n\t"scripts": {\n\t\t"test": "vitest",\n\t\t"load": "burst run first.burst.ts --local"\n\t},\n\t"version": "1.0.0",\n\t"devDependencies": {\n\t\t"@types/node": "^24.0.0"\n\t}\n}\n',
  )
  expect(await textOf(folder, '.gitignore')).toBe('dist\nburst-results/\n')
  expect(await textOf(folder, 'tsconfig.json')).toBe('{ /* mine */ }')
})

test('if burst init cannot read a file, the error gives the cause in words', async () => {
  const folder = await emptyFolder()
  await writeFile(join(folder, 'file'), '')
  const cause = 'a part of the path is a file, not a folder'
  await expect(initialise(join(folder, 'file', 'below'))).rejects.toMatchObject({
    message: `${join(folder, 'file', 'below', 'package.json')} cannot be read: ${cause}`,
  })
})

test('burst init writes no file if .gitignore cannot be read', async () => {
  const folder = await emptyFolder()
  await mkdir(join(folder, '.gitignore'))
  await expect(initialise(folder)).rejects.toMatchObject({
    exitCode: 104,
    message: `${join(folder, '.gitignore')} cannot be read: it is a folder`,
  })
  expect(await readdir(folder)).toEqual(['.gitignore'])
})

test('if burst init cannot write one of the files, it undoes the changes of the other files', async () => {
  const folder = await emptyFolder()
  await mkdir(join(folder, 'tsconfig.json'))
  await writeFile(join(folder, 'package.json'), '{ "name": "mine" }')
  await expect(initialise(folder)).rejects.toMatchObject({
    exitCode: 104,
    message: `${join(folder, 'tsconfig.json')} is a folder, but burst init writes a file with this name`,
  })
  expect((await readdir(folder)).toSorted()).toEqual(['package.json', 'tsconfig.json'])
  expect(await textOf(folder, 'package.json')).toBe('{ "name": "mine" }')
})

test('burst init changes no file if package.json is not valid JSON', async () => {
  const folder = await emptyFolder()
  await writeFile(join(folder, 'package.json'), '{ "name": ')
  await expect(initialise(folder)).rejects.toMatchObject({
    exitCode: 104,
    hint: 'fix the file, then run burst init again',
  })
  expect(await readdir(folder)).toEqual(['package.json'])
})

function emptyFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'burst-init-'))
}

function textOf(folder: string, name: string): Promise<string> {
  return readFile(join(folder, name), 'utf8')
}

async function contents(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).toSorted()
  return Promise.all(names.map(async (name) => `${name}\n${await textOf(folder, name)}`))
}
