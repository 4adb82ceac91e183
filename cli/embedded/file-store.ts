import { createHash, randomUUID } from 'node:crypto'
import { link, readFile, readdir, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { BurstError } from '../../core/errors.ts'
import { diskCause, diskCode } from '../../functions/files/disk.ts'
import { makeFolder } from '../../functions/files/make-folder.ts'
import type { PutCondition, Store, StoredObject } from '../../functions/ports.ts'
import { whileLocked } from '../ending/file-lock.ts'

/** A hint for errors of a run's store. The store is in the system's temporary folder. */
const elsewhere = 'set TMPDIR to use another folder for further runs'

/**
 * A store in a folder, with one file per stored object. Several instances of this class may write to the same folder, in one process or in several
 * processes. A write with `ifMatch` has two steps: it checks the etag, and then writes the object. A lock file for each key prevents other writes
 * between these steps. The lock file does not prevent a `delete`. From this store, burst deletes only objects that it never writes with `ifMatch`.
 * Disk errors are thrown as BurstErrors (97) that name the path and the cause.
 */
export class FileStore implements Store {
  readonly #root: string
  /**
   * For each key, the most recent write or deletion by this instance. The next write or deletion of the key waits until the previous one is complete.
   * This wait is shorter than a wait for the lock file.
   */
  readonly #turns = new Map<string, Promise<unknown>>()

  constructor(root: string) {
    this.#root = resolve(root)
  }

  async get(key: string): Promise<StoredObject | undefined> {
    const path = this.#path(key)
    const body = await disk('read', path, async () => bodyIn(path))
    return body === undefined ? undefined : { body, etag: etagOf(body) }
  }

  async put(key: string, body: string, condition?: PutCondition): Promise<string | undefined> {
    const path = this.#path(key)
    const isWritten = await this.#inTurn(key, async () =>
      disk('write', path, async () =>
        condition && 'ifAbsent' in condition
          ? place(path, body, moveIfAbsent)
          : replace(path, body, condition?.ifMatch),
      ),
    )
    return isWritten ? etagOf(body) : undefined
  }

  async list(prefix: string): Promise<string[]> {
    const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1)
    if (folder !== '') this.#path(folder.slice(0, -1))
    const path = join(this.#root, folder)
    const found = await disk('read', path, async () => unlessAbsent(filesBelow(path)))
    return (found ?? [])
      .map((name) => folder + name)
      .filter((key) => key.startsWith(prefix))
      .toSorted()
  }

  async delete(key: string): Promise<void> {
    const path = this.#path(key)
    await this.#inTurn(key, async () => disk('delete', path, async () => unlessAbsent(unlink(path))))
  }

  #path(key: string): string {
    const unsafe = (part: string): boolean => part === '' || part.startsWith('.')
    if (/[\0\\]/.test(key) || key.split('/').some(unsafe))
      throw new TypeError(`not a valid key: ${JSON.stringify(key)}`)
    return join(this.#root, key)
  }

  async #inTurn<T>(key: string, act: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(key) ?? Promise.resolve()
    const mine = before.then(act, act)
    this.#turns.set(key, mine)
    try {
      return await mine
    } finally {
      if (this.#turns.get(key) === mine) this.#turns.delete(key)
    }
  }
}

function etagOf(body: string): string {
  return createHash('sha256').update(body).digest('hex').slice(0, 32)
}

async function bodyIn(path: string): Promise<string | undefined> {
  return unlessAbsent(readFile(path, 'utf8'))
}

/**
 * Takes the lock file of an object, and then writes or replaces the object.
 * @param etag the etag that the existing object must have. If `etag` is undefined, the existing object may have any etag, or may be missing.
 * @returns false if `etag` is set and the object has a different etag or does not exist
 */
async function replace(path: string, body: string, etag: string | undefined): Promise<boolean> {
  const act = async (): Promise<boolean> => {
    const before = etag === undefined ? undefined : await bodyIn(path)
    if (etag !== undefined && (before === undefined || etagOf(before) !== etag)) return false
    return place(path, body, move)
  }
  const lock = join(dirname(path), `.${basename(path)}.lock`)
  try {
    return await whileLocked(lock, act)
  } catch (error) {
    if (diskCode(error) !== 'ENOENT') throw error
    // The folder does not exist, so the object does not exist either.
    if (etag !== undefined) return false
    await makeFolder(dirname(path))
    return whileLocked(lock, act)
  }
}

/** Writes the whole file or no file: writes the content to a temporary file, and then moves this file. */
async function place(path: string, body: string, to: typeof move): Promise<boolean> {
  const beside = join(dirname(path), `.${randomUUID()}.tmp`)
  try {
    await writeMakingFolder(beside, body)
    return await to(beside, path)
  } finally {
    await rm(beside, { force: true })
  }
}

async function move(from: string, to: string): Promise<boolean> {
  await rename(from, to)
  return true
}

/** Does not replace a file: creates a hard link, and `link` fails if the new name already exists. */
async function moveIfAbsent(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (diskCode(error) === 'EEXIST') return false
    throw error
  }
}

async function writeMakingFolder(path: string, body: string): Promise<void> {
  try {
    await writeFile(path, body, { flag: 'wx' })
  } catch (error) {
    if (diskCode(error) !== 'ENOENT') throw error
    await makeFolder(dirname(path))
    await writeFile(path, body, { flag: 'wx' })
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.name.startsWith('.')) continue
    if (!entry.isDirectory()) found.push(entry.name)
    else for (const name of await filesBelow(join(folder, entry.name))) found.push(`${entry.name}/${name}`)
  }
  return found
}

async function unlessAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (diskCode(error) === 'ENOENT') return undefined
    throw error
  }
}

async function disk<T>(verb: string, path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act()
  } catch (error) {
    if (error instanceof BurstError) throw error
    throw new BurstError('runFailed', `cannot ${verb} ${path}: ${causeOf(error)}`, { cause: error, hint: elsewhere })
  }
}

function causeOf(error: unknown): string {
  const code = diskCode(error)
  const cause = diskCause(error)
  return code === '' || cause.includes(code) ? cause : `${cause} (${code})`
}
