import fs from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { describeScenario } from '../../../core/authoring/describing/describe-scenario.ts'
import { readable } from '../../../core/authoring/describing/readable.ts'
import { feedRegistry } from '../../../core/authoring/feed.ts'
import { marks, shared } from '../../../core/authoring/runtime.ts'
import { type BurstError, type ExitReason, invalidInput } from '../../../core/errors.ts'
import type { FeedDescription } from '../../../core/authoring/description.ts'
import { masker } from '../../../core/secrets.ts'
import { messageWithReason } from '../../../core/values-in-words.ts'
import { few } from '../../../core/words.ts'
import { guardOutput } from '../../../functions/user-output.ts'
import { BuiltInGuard } from '../../../functions/guard/built-in-guard.ts'
import type { DescribeAnswer, DescribeSuccess, DescribeTask } from './describe-protocol.ts'
import { decodeUtf8 } from '../scenario-file.ts'
import { checkTlsFiles, readNamedPem } from './tls-files.ts'
import { watchReads } from './watched-reads.ts'

/** The entry point of the child process that loads a scenario and describes it. A scenario file that hangs or crashes affects only this process. */
const task = JSON.parse(process.argv[2] as string) as DescribeTask

/** The maximum number of characters of a message or a stack that are sent to the parent. */
const textCap = 10_000

/**
 * The original `readFileSync`, whose reads are not recorded as reads of the scenario. burst uses it to read the bundle and the files of `csv()` and
 * `json()`. burst sends the files of `csv()` and `json()` to the workers separately, as text.
 */
const { readFileSync } = fs

/**
 * The channel to the parent process. `process.send` is removed, because some libraries call it in a child process. burst must not mistake a message
 * of a library for the description of the scenario. The worker threads of a run do not have `process.send` either.
 */
const send = process.send?.bind(process)
Reflect.deleteProperty(process, 'send')

const env = Object.fromEntries(task.envNames.map((name) => [name, process.env[name] ?? '']))
const output = guardOutput({ prefix: '[load] ', masked: masker({ vars: {}, env }), open: true })

process.on('disconnect', () => process.exit())
endInTime(task.limitMs + 1_000)
process.on('uncaughtException', fail)
load().then(answer, fail)

/**
 * Kills this process after `limitMs`, in case the parent process has exited and can no longer kill this process. The timer runs in a separate thread,
 * because a scenario may block the event loop of the main thread.
 */
function endInTime(limitMs: number): void {
  const code = `setTimeout(() => process.kill(process.pid, 'SIGKILL'), ${limitMs})`
  new Worker(code, { eval: true, execArgv: [] }).unref()
}

async function load(): Promise<DescribeSuccess> {
  const files = new Map<string, string>()
  shared[marks.files] = { read: (path) => readOnce(path, files), bytes: readBytes }
  ;(globalThis as { [feedRegistry]?: FeedDescription[] })[feedRegistry] = []
  Object.assign(globalThis, { __burstPlace: placeOf })
  const reads = watchReads()
  const random = watchRandom()
  // burst does not report replaced built-ins while it describes a scenario, because the workers report them.
  const builtIns = new BuiltInGuard(() => undefined)
  const loaded = (await import(pathToFileURL(task.module).href)) as { default?: unknown }
  const sealed = builtIns.restore()
  const randomStack = random.end()
  if (sealed.length > 0) {
    const hint =
      'burst needs these functions to send requests and to count: leave them unchanged, or define them with `configurable: true`'
    // The message quotes only the last part of each name, as in `'map' of Array.prototype`, because `locateSubject` finds the source line of a quoted
    // word.
    const names = sealed.map((name) => name.replace(/^(.*)\.(.*)$/, "'$2' of $1"))
    throw invalidInput(`the scenario changes ${few(names)} in a way that cannot be undone`, { hint })
  }
  if (loaded.default === undefined) {
    throw invalidInput('no default export', { hint: 'end the file with: export default scenario({…})' })
  }
  const description = describeScenario(loaded.default)
  const ownReads = reads.end()
  const read = (path: string): string => readOnce(path, files)
  checkTlsFiles(
    readable('the scenario', () => (loaded.default as { tls?: unknown }).tls),
    read,
  )
  readNamedPem([...files.values(), readFileSync(task.module, 'utf8')], task.folder, read)
  return { ok: true, description, files, reads: ownReads, randomStack }
}

/** Returns the `import.meta` of a module of the scenario. In this process the files are in their original folders. */
function placeOf(name: string): ImportMetaOfModule {
  const filename = join(task.folder, name)
  const { href } = pathToFileURL(filename)
  return { url: href, filename, dirname: dirname(filename), main: false, resolve: (to) => new URL(to, href).href }
}

interface ImportMetaOfModule {
  url: string
  filename: string
  dirname: string
  main: boolean
  resolve: (to: string) => string
}

function readOnce(path: string, files: Map<string, string>): string {
  const known = files.get(path)
  if (known !== undefined) return known
  const text = readText(path, resolve(task.folder, path))
  files.set(path, text)
  return text
}

/**
 * Reads the file through `fs`. While the scenario is loaded, burst records the reads through `fs`, and later copies the recorded files to the
 * workers.
 */
function readBytes(path: string): Uint8Array {
  const shipped = task.filesFolder === null ? undefined : join(task.filesFolder, path)
  const full = shipped !== undefined && fs.existsSync(shipped) ? shipped : resolve(task.folder, path)
  try {
    return fs.readFileSync(full)
  } catch (cause) {
    throw unreadable(path, full, cause)
  }
}

function readText(path: string, full: string): string {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(full)
  } catch (cause) {
    throw unreadable(path, full, cause)
  }
  return decodeUtf8(bytes, path)
}

function unreadable(path: string, full: string, cause: unknown): BurstError {
  const why = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read'
  return invalidInput(`${path} ${why} (looked for ${full})`, { cause, hint: 'paths are relative to the scenario file' })
}

/** Records the stack of the first call of `Math.random()` outside a user. Such a call returns different values in different workers. */
function watchRandom(): { end(): string | null } {
  const original = Math.random
  let stack: string | null = null
  Math.random = () => {
    stack ??= new Error('drawn').stack ?? null
    return original()
  }
  return {
    end() {
      Math.random = original
      return stack
    },
  }
}

function fail(thrown: unknown): void {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown))
  const known = asBurstError(error.cause) ?? asBurstError(error)
  if (known) return answerError(known, known)
  answerError(error, { reason: null, hint: hintFor(error) })
}

/** Recognises the error by its name, because the bundle has a separate copy of the error class. */
function asBurstError(error: unknown): BurstError | undefined {
  return error instanceof Error && error.name === 'BurstError' ? (error as BurstError) : undefined
}

function answerError(error: Error, { reason, hint }: { reason: ExitReason | null; hint: string | undefined }): void {
  const message = cut(reason === null ? messageWithReason(error) : error.message)
  const stack = cut((error.stack ?? '').replace(error.message, cut(error.message)))
  answer({ ok: false, reason, message, hint: hint ?? null, stack })
}

/** Returns the text. If the text is longer than `textCap`, returns only its first `textCap` characters, followed by `…`. */
function cut(text: string): string {
  return text.length > textCap ? `${text.slice(0, textCap)}…` : text
}

function hintFor(error: NodeJS.ErrnoException): string | undefined {
  return error.code === 'ENOENT' ? "for a file beside the scenario write new URL('./name', import.meta.url)" : undefined
}

function answer(message: DescribeAnswer): void {
  output.flush()
  send?.(message, () => process.exit())
}
