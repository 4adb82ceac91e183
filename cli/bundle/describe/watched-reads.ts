import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { isAbsolute, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { statIfThere } from '../files/stat-if-there.ts'

/** A file or folder that the scenario read while it was loaded. */
export interface WatchedRead {
  /** An absolute path. */
  path: string
  folder: boolean
  /** `true` if the path was relative to the working folder. */
  relative: boolean
  /** The stack of the first read. */
  stack: string
}

type Functions = Record<string, unknown>

const fileReaders = [
  'readFileSync',
  'readFile',
  'openSync',
  'open',
  'openAsBlob',
  'createReadStream',
  'copyFileSync',
  'copyFile',
]
const folderReaders = ['readdirSync', 'readdir', 'opendirSync', 'opendir']
/** These functions read a file or a folder. */
const readersOfBoth = ['cpSync', 'cp']
/** The maximum number of recorded reads. */
const mostReads = 10_000

/** Records which files the scenario reads through `node:fs`. burst copies these files to the workers. */
export function watchReads(): { end(): WatchedRead[] } {
  const reads = new Map<string, WatchedRead>()
  const note = (path: string, relative: boolean, folder: boolean): void => {
    const key = `${relative} ${path}`
    if (reads.has(key) || reads.size >= mostReads) return
    reads.set(key, { path, folder, relative, stack: new Error('read').stack ?? '' })
  }
  const originals = [fs as unknown as Functions, fs.promises as unknown as Functions].map((room) => watch(room, note))
  syncBuiltinESMExports()
  return {
    end() {
      for (const restore of originals) restore()
      syncBuiltinESMExports()
      return [...reads.values()]
    },
  }
}

function watch(room: Functions, note: (path: string, relative: boolean, folder: boolean) => void): () => void {
  const originals = [...fileReaders, ...folderReaders, ...readersOfBoth].flatMap((name) => {
    const original = room[name]
    return typeof original === 'function' ? [[name, original as (...args: unknown[]) => unknown] as const] : []
  })
  for (const [name, original] of originals) {
    room[name] = function (this: unknown, ...args: unknown[]): unknown {
      const path = pathOf(args[0])
      if (path !== undefined) note(resolve(path), !isAbsolute(path), readsFolder(name, path))
      return original.apply(this, args)
    }
  }
  return () => Object.assign(room, Object.fromEntries(originals))
}

function readsFolder(name: string, path: string): boolean {
  if (readersOfBoth.includes(name)) return statIfThere(path)?.isDirectory() === true
  return folderReaders.includes(name)
}

/** Returns the path that a call reads. Returns undefined for a file descriptor and for an argument that the called function rejects. */
function pathOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (Buffer.isBuffer(value)) return value.toString()
  if (value instanceof URL && value.protocol === 'file:') return fileURLToPath(value)
  return undefined
}
