import { open, stat } from 'node:fs/promises'
import { basename, dirname, relative } from 'node:path'
import { invalidInput } from '../core/errors.ts'
import { type Format, formats } from './formats.ts'
import { decodedText } from './decoding.ts'
import type { ScenarioModel } from './scenario/model.ts'
import { writeScenario } from './scenario/write.ts'

const mostBytes = 64 * 1024 * 1024

export interface ImportedFile {
  /** The scenario's source. */
  code: string
  /** The number of TODO comments about parts that were not translated. */
  todos: number
  /** The number of user classes that are not abstract. */
  users: number
}

export interface ImportOptions {
  /** The format of the file. Default: determined by the file's name and content. */
  format?: Format | undefined
  /** The folder of the scenario. Default: the folder of the file, or the current folder for the standard input. */
  into?: string
  /** HAR: leaves out images, styles, scripts, fonts and media. */
  dropStatic?: boolean | undefined
  /** HAR: keeps only requests to these hosts. `*.example.com` means example.com and all hosts below it. */
  onlyHosts?: readonly string[] | undefined
  /**
   * OpenAPI: keeps only operations with one of these tags, operationIds or paths. `*` matches any text; in a path, `*` matches a single segment, and
   * `**` matches any text.
   */
  only?: readonly string[] | undefined
}

/**
 * Makes a scenario from another tool's file.
 * @param path the file; `-` reads the standard input
 * @throws BurstError (104) when the file or a file to which it refers cannot be read, when the file is larger than 64 MiB, has an unknown format or
 * is invalid, or when an option is not for the format of the file
 */
export async function importFile(path: string, options: ImportOptions = {}): Promise<ImportedFile> {
  const text = path === '-' ? await readInput() : await readText(path)
  const folder = path === '-' ? process.cwd() : dirname(path)
  const prefix = relative(options.into ?? folder, folder).replaceAll('\\', '/')
  const source = { file: path === '-' ? 'stdin' : basename(path), text, folder, prefix }
  const format = options.format ?? formatOf(path, text)
  refuseOthersOptions(format, options)
  const model = await readers[format](source, options).catch((cause: unknown) => {
    throw unreadable(cause, source.file)
  })
  const code = writeScenario(model)
  const todos = code.split('\n').filter((line) => line.trimStart().startsWith('// TODO ')).length
  return { code, todos, users: model.classes.filter(({ abstract }) => !abstract).length }
}

/** If the imported file refers to a file that cannot be read, returns the input error for that file. Returns any other error unchanged. */
function unreadable(cause: unknown, file: string): unknown {
  const { syscall, message } = cause as NodeJS.ErrnoException
  if (syscall === undefined) return cause
  return invalidInput(`burst cannot read a file to which ${file} refers: ${message}`, { cause })
}

function refuseOthersOptions(format: Format, { dropStatic, onlyHosts, only }: ImportOptions): void {
  const given = [
    { flag: '--drop-static', of: 'har', value: dropStatic },
    { flag: '--only-host', of: 'har', value: onlyHosts },
    { flag: '--only', of: 'openapi', value: only },
  ]
  const wrong = given.find(({ of, value }) => value !== undefined && of !== format)
  if (wrong) throw invalidInput(`${wrong.flag} is for the format ${wrong.of}, but the format of this file is ${format}`)
}

interface Source {
  file: string
  text: string
  folder: string
  /** The path from the scenario to the folder of the imported file. */
  prefix: string
}

type Reader = (source: Source, options: ImportOptions) => Promise<ScenarioModel>

/** The reader of each format. The code of a reader is loaded only when a file of its format is imported. */
const readers: Readonly<Record<Format, Reader>> = {
  async locust({ file, text, folder, prefix }) {
    const { importLocustfile } = await import('./locust/locustfile.ts')
    return importLocustfile(file, text, { folder, prefix })
  },
  async curl({ file, text, folder, prefix }) {
    const { importCurl } = await import('./curl/curl.ts')
    return importCurl(file, text, { folder, prefix })
  },
  async har({ file, text }, { dropStatic, onlyHosts }) {
    const { importHar } = await import('./har/har.ts')
    return importHar(file, text, { dropStatic, onlyHosts })
  },
  async jmeter({ file, text, folder, prefix }) {
    const { importJmeter } = await import('./jmeter/jmeter.ts')
    return importJmeter(file, text, { folder, prefix })
  },
  async k6({ file, text, folder, prefix }) {
    const { importK6 } = await import('./k6/k6.ts')
    return importK6(file, text, { folder, prefix })
  },
  async postman({ file, text, folder, prefix }) {
    const { importPostman } = await import('./postman/postman.ts')
    return importPostman(file, text, { folder, prefix })
  },
  async openapi({ file, text }, { only }) {
    const { importOpenApi } = await import('./openapi/openapi.ts')
    return importOpenApi(file, text, { only })
  },
}

async function readText(path: string): Promise<string> {
  const unreadable = (cause: NodeJS.ErrnoException): never => {
    const isMissing = cause.code === 'ENOENT'
    throw invalidInput(isMissing ? `there is no file ${path}` : `${path} cannot be read: ${cause.message}`, { cause })
  }
  // A pipe is not opened, because the open call would wait until another process opens the pipe for writing.
  if (!(await stat(path).catch(unreadable)).isFile()) throw invalidInput(`${path} is not a file`)
  const handle = await open(path).catch(unreadable)
  try {
    if ((await handle.stat()).size > mostBytes) throw tooLarge(path)
    return decodedText(path, await handle.readFile())
  } finally {
    await handle.close()
  }
}

async function readInput(): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > mostBytes) throw tooLarge('the standard input')
    chunks.push(chunk)
  }
  return decodedText('the standard input', Buffer.concat(chunks))
}

function tooLarge(what: string): Error {
  return invalidInput(`${what} is larger than 64 MiB`, { hint: 'burst import reads smaller files' })
}

/** Recognises Locust by the ending `.py` of the name, and HAR by the ending `.har`. Recognises all other files by their content. */
function formatOf(path: string, text: string): Format {
  if (path.endsWith('.py')) return 'locust'
  if (path.endsWith('.har') || isHar(text)) return 'har'
  if (isJmeter(text)) return 'jmeter'
  if (isOpenApi(text)) return 'openapi'
  if (isPostman(text)) return 'postman'
  if (isK6(text)) return 'k6'
  if (/^[\s>$]*(?:\S+=\S*\s+)*(?:[\w./-]*\/)?curl(?:\.exe)?\s/m.test(text)) return 'curl'
  const what = path === '-' ? 'the standard input' : path
  throw invalidInput(`burst does not recognise the format of ${what}`, {
    hint: `name its format with --format: ${formats.join(', ')}`,
  })
}

function isHar(text: string): boolean {
  return /^\s*\{\s*"log"\s*:\s*\{/.test(text)
}

/** Matches the field with the version of OpenAPI or Swagger. Strings in other JSON files do not match, because quotes in strings are escaped. */
function isOpenApi(text: string): boolean {
  const version = /^\s*\{/.test(text)
    ? /"(?:openapi|swagger)"\s*:\s*"?\d/
    : /^["']?(?:openapi|swagger)["']?\s*:\s*["']?\d/m
  return version.test(text)
}

function isJmeter(text: string): boolean {
  return /^\s*</.test(text) && /<jmeterTestPlan[\s/>]/.test(text.slice(0, 20_000))
}

function isK6(text: string): boolean {
  return /\b(?:from|import|require\()\s*['"]k6(?:\/[\w/-]+)?['"]/.test(text)
}

function isPostman(text: string): boolean {
  return /^\s*\{/.test(text) && /schema\.(?:get)?postman\.com|"_postman_id"/.test(text)
}
