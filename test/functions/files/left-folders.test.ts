import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ownFolder, placeBundle, processSpace } from '../../../functions/files/temporary.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'burst-left-'))
  vi.stubEnv('TMPDIR', folder)
  for (const name of ['BUCKET', 'ACCOUNT', 'QUEUE_URL', 'ALLOW', 'BUILD']) vi.stubEnv(`BURST_${name}`, 'shop.example')
  vi.resetModules()
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

/** Creates the folder of a process, and puts a bundle into it. */
async function folderOf(pid: number | undefined, space = processSpace()): Promise<string> {
  const path = join(await ownFolder(), `${pid}-${space}-abc`)
  mkdirSync(path)
  writeFileSync(join(path, 'burst-bundle.mjs'), 'rows of accounts.csv')
  return path
}

test.each([
  ['worker', async () => import('../../../functions/worker/lambda.ts')],
  ['hook', async () => import('../../../functions/hooks/lambda.ts')],
])(
  'a %s function first deletes the bundles that killed processes left in the execution environment',
  async (_, load) => {
    const { pid } = spawnSync('true')
    const left = await Promise.all([folderOf(pid), folderOf(process.pid)])
    const others = await Promise.all([folderOf(process.ppid), folderOf(pid, '1')])
    mkdirSync(join(await ownFolder(), 'runs'))
    const { handler } = await load()
    const event = { run: 'r1', slice: 0, attempt: 0, startAt: 0 } as never
    const context = { getRemainingTimeInMillis: () => 0 }
    await expect(handler(event, context)).rejects.toThrow('the invocation does not contain the credentials for its run')
    expect(left.map(existsSync)).toEqual([false, false])
    expect(readdirSync(await ownFolder())).toHaveLength(others.length + 1)
    // The next invocation of the process does not delete the folders that the process is using.
    const { file } = await placeBundle('export default 1')
    await expect(handler(event, context)).rejects.toThrow('credentials')
    expect(existsSync(file)).toBe(true)
  },
)

test('if folders of killed processes cannot be deleted, the next invocation tries again', async () => {
  const { removeLeftFolders } = await import('../../../functions/files/left-folders.ts')
  const { pid } = spawnSync('true')
  const left = await folderOf(pid)
  writeFileSync(join(folder, 'file'), '')
  vi.stubEnv('TMPDIR', join(folder, 'file'))
  await expect(removeLeftFolders()).rejects.toThrow('cannot write to the temporary folder')
  vi.stubEnv('TMPDIR', folder)
  await removeLeftFolders()
  expect(existsSync(left)).toBe(false)
})
