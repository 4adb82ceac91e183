import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { filesBelow } from '../../../../cli/bundle/files/files-below.ts'
import { scenarioFolder } from '../../../fixtures/scenario-folder.ts'

test('the files of a folder include symbolic links to files, but not linked folders, hidden files or packages', async () => {
  const folder = await scenarioFolder({
    'outside.txt': 'four',
    'given/a.txt': 'a',
    'given/deep/b.txt': 'bb',
    'given/.secret': 'x',
    'given/node_modules/p/index.js': 'x',
    'given/burst-results/run/report.json': '{}',
  })
  const given = join(folder, 'given')
  await mkdir(join(given, 'empty'))
  await symlink('../outside.txt', join(given, 'link.txt'))
  await symlink('..', join(given, 'loop'))
  await symlink('missing.txt', join(given, 'dangling.txt'))
  const found = [...filesBelow(given)].map(({ path, size }) => [path.slice(given.length + 1), size])
  expect(Object.fromEntries(found)).toEqual({ 'a.txt': 1, 'deep/b.txt': 2, 'link.txt': 4 })
})

test('the error for a folder that cannot be read is one sentence that names the folder', async () => {
  const folder = await scenarioFolder({ file: 'x' })
  const read = (path: string) => () => [...filesBelow(path)]
  expect(read(join(folder, 'gone'))).toThrow(`${join(folder, 'gone')} cannot be read: the folder is missing`)
  expect(read(join(folder, 'file'))).toThrow(
    `${join(folder, 'file')} cannot be read: a part of the path is a file, not a folder`,
  )
})
