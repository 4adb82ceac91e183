import { mkdtemp, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { initialise } from '../../../cli/commands/init.ts'
import { FileStore } from '../../../cli/embedded/file-store.ts'
import { prepareOutputs, writeOutputs } from '../../../cli/run/outputs/result-files.ts'
import { makeFolder } from '../../../functions/files/make-folder.ts'

let root: string
beforeAll(async () => (root = await realpath(await mkdtemp(join(tmpdir(), 'burst-folders-')))))
afterAll(async () => rm(root, { recursive: true, force: true }))

test('missing folders are created, and the outermost created folder is returned', async () => {
  expect(await makeFolder(join(root, 'a', 'b', 'c'))).toBe(join(root, 'a'))
  expect((await stat(join(root, 'a', 'b', 'c'))).isDirectory()).toBe(true)
  expect(await makeFolder(join(root, 'a', 'b', 'd'), 0o700)).toBe(join(root, 'a', 'b', 'd'))
  expect((await stat(join(root, 'a', 'b', 'd'))).mode & 0o700).toBe(0o700)
  expect(await makeFolder(join(root, 'a', 'b'))).toBe(undefined)
  const both = await Promise.all([makeFolder(join(root, 'x', 'y')), makeFolder(join(root, 'x', 'y'))])
  expect(both).toContain(join(root, 'x'))
})

test('creating a folder fails if a part of its path is a file or a broken link', async () => {
  await writeFile(join(root, 'file'), '')
  await symlink(join(root, 'nowhere'), join(root, 'link'))
  await expect(makeFolder(join(root, 'file'))).rejects.toMatchObject({ code: 'EEXIST' })
  await expect(makeFolder(join(root, 'file', 'b'))).rejects.toMatchObject({ code: 'ENOTDIR' })
  await expect(makeFolder(join(root, 'link'))).rejects.toMatchObject({ code: 'EEXIST' })
})

describe.skipIf(process.platform !== 'linux')('a file system that does not allow new folders', () => {
  const folder = '/proc/burst/results'
  test.each<[string, number, () => Promise<unknown>]>([
    ['the results', 104, () => prepareOutputs(folder)],
    ['the results, after the run', 97, () => writeOutputs(folder, { 'report.json': '{}' })],
    ['the store', 97, () => new FileStore(folder).put('a/b', 'c')],
    ['a first project', 104, () => initialise(folder)],
  ])(
    'writing %s fails immediately, and the error names the folder in which no folder can be created',
    async (_, exitCode, make) => {
      await expect(make()).rejects.toMatchObject({
        exitCode,
        message: expect.stringMatching(/: no folder can be created in \/proc$/),
      })
    },
  )
})
