import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { whileLocked } from '../../../cli/ending/file-lock.ts'
import { ownIdentity } from '../../../cli/ending/process-identity.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'burst-lock-'))
  path = join(folder, '.x.lock')
})
afterEach(async () => rm(folder, { recursive: true, force: true }))

const running = JSON.stringify(ownIdentity())
const ended = JSON.stringify({ ...ownIdentity(), pid: 2 ** 30 })
const elsewhere = JSON.stringify({ ...ownIdentity(), space: '1' })

/** Makes 20 calls under the lock at the same time. Returns the greatest number of calls that ran at the same time. */
async function mostAtOnce(): Promise<number> {
  let [now, most] = [0, 0]
  const act = async (): Promise<void> => {
    now++
    most = Math.max(most, now)
    await sleep(1)
    now--
  }
  await Promise.all(Array.from({ length: 20 }, async () => whileLocked(path, act)))
  return most
}

test('under a lock, one call runs at a time, and the lock file is removed after the last call', async () => {
  expect(await mostAtOnce()).toBe(1)
  expect(await readdir(folder)).toEqual([])
})

test('one call runs at a time even if many calls find the lock of a process that has ended', async () => {
  await writeFile(path, ended)
  expect(await mostAtOnce()).toBe(1)
  expect(await readdir(folder)).toEqual([])
})

test('a call does not release a lock that another process has taken over', async () => {
  await whileLocked(path, async () => writeFile(path, running))
  expect(await readFile(path, 'utf8')).toBe(running)
})

test('a lock is released if the call throws', async () => {
  const failed = whileLocked(path, async () => Promise.reject(new Error('no')))
  await expect(failed).rejects.toThrow('no')
  expect(await readdir(folder)).toEqual([])
})

test.each([
  ['of a process that has ended', ended, 0],
  ['that was not written completely', '{"pid":', 0],
  ['that a process has held for a minute', running, 60],
  ['that a process in another container has held for a minute', elsewhere, 60],
])('a lock %s does not count', async (_, content, ageS) => {
  await writeFile(path, content)
  const writtenS = Date.now() / 1000 - ageS
  await utimes(path, writtenS, writtenS)
  expect(await whileLocked(path, async () => 'done')).toBe('done')
  expect(await readdir(folder)).toEqual([])
})

test.each([
  ['that runs', running],
  ['in another container', elsewhere],
])('a call waits until the lock of a process %s is released', async (_, content) => {
  await writeFile(path, content)
  const began: boolean[] = []
  const waiting = whileLocked(path, async () => void began.push(true))
  await sleep(600)
  expect(began).toEqual([])
  await rm(path)
  await waiting
  expect(began).toEqual([true])
})

test('a lock in a folder that does not exist causes an error with the code ENOENT', async () => {
  const locked = whileLocked(join(folder, 'missing', '.x.lock'), async () => undefined)
  await expect(locked).rejects.toMatchObject({ code: 'ENOENT' })
})
