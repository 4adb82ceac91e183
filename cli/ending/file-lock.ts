import { randomUUID } from 'node:crypto'
import { link, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import * as v from 'valibot'
import { diskCode } from '../../functions/files/disk.ts'
import { type ProcessIdentity, identityEntries, isProcessRunning, ownIdentity } from './process-identity.ts'

const holderSchema = v.pipe(v.string(), v.parseJson(), v.object(identityEntries))

/** The time in milliseconds between two attempts to create a lock file that already exists. */
const pauseMs = 2
/**
 * After 200 ms, burst checks whether the process that holds the lock still runs. A process usually holds a lock for about a millisecond. If the lock
 * file is still incomplete after 200 ms, burst assumes that the process has ended.
 */
const usualMs = 200
/**
 * The time in milliseconds after which a lock does not count any more. Without this limit, a suspended process could hold a lock forever. The lock of
 * an ended process in another container would also count forever, because burst cannot check whether that process still runs.
 */
const longestMs = 10_000

let own: ProcessIdentity | undefined

/**
 * Calls `act` while no other process, and no other call in this process, holds the lock with this path. Creates the lock file before the call and
 * removes it after the call. The lock of a process that has ended does not count.
 * @throws the error of `act`. If the lock file cannot be created, throws the system's error. Its code is ENOENT if the folder does not exist.
 */
export async function whileLocked<T>(path: string, act: () => Promise<T>): Promise<T> {
  own ??= ownIdentity()
  const content = JSON.stringify({ ...own, lock: randomUUID() })
  await lock(path, content)
  try {
    return await act()
  } finally {
    await release(path, content)
  }
}

/**
 * Removes the lock file with this content. Does not remove the lock file of another process. Another process may have taken the lock over while this
 * process was suspended for longer than `longestMs`.
 */
async function release(path: string, content: string): Promise<void> {
  const present = await readFile(path, 'utf8').catch((error: unknown) => unlessCode(error, 'ENOENT'))
  if (present === content) await rm(path, { force: true })
}

async function lock(path: string, content: string): Promise<void> {
  while (!(await isCreated(path, content))) {
    const left = await leftContent(path)
    await (left === undefined ? sleep(pauseMs) : removeLeft(path, left))
  }
}

/** Creates the lock file. Returns false if the file already exists. Does not leave an incomplete file behind, for example on a full disk. */
async function isCreated(path: string, content: string): Promise<boolean> {
  const file = await open(path, 'wx').catch((error: unknown) => unlessCode(error, 'EEXIST'))
  if (!file) return false
  try {
    await file.writeFile(content)
    return true
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

/** Returns the content of a lock file that does not count any more; undefined if the lock still counts or was released. */
async function leftContent(path: string): Promise<string | undefined> {
  try {
    // Reads the content before the modification time. If another process replaces the file between these two reads, the time is the time of the new
    // file, and the lock therefore still counts.
    const content = await readFile(path, 'utf8')
    // Uses the absolute value, because the system time may have been changed since the file was written.
    const ageMs = Math.abs(Date.now() - (await stat(path)).mtimeMs)
    return ageMs > longestMs || (ageMs > usualMs && hasEnded(content)) ? content : undefined
  } catch (error) {
    return unlessCode(error, 'ENOENT')
  }
}

/** Returns true if the process that wrote a lock file has ended, or if the file is incomplete. */
function hasEnded(content: string): boolean {
  const holder = v.safeParse(holderSchema, content)
  return !holder.success || isProcessRunning(holder.output) === false
}

/**
 * Removes a lock file that does not count any more. Renames the lock file, and then compares the content of the renamed file with `content`. If the
 * content differs, another process has replaced the lock file in the meantime. The new lock file then gets the name `path` again.
 */
async function removeLeft(path: string, content: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`
  try {
    await rename(path, aside)
    if ((await readFile(aside, 'utf8')) !== content) await link(aside, path)
  } catch (error) {
    unlessCode(error, 'ENOENT', 'EEXIST')
  } finally {
    await rm(aside, { force: true })
  }
}

/** Returns undefined for an error with one of the codes. @throws all other errors */
function unlessCode(error: unknown, ...codes: string[]): undefined {
  if (!codes.includes(diskCode(error))) throw error
}
