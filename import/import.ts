import { open } from 'node:fs/promises'
import { basename, dirname, relative } from 'node:path'
import { invalidInput } from '../core/errors.ts'
import { type Format, formats } from './formats.ts'
import type { ScenarioModel } from './scenario/model.ts'
import { writeScenario } from './scenario/write.ts'

const mostBytes = 64 * 1024 * 1024

export interface ImportedFile {
  /** The scenario's source. */
  code: string
  /** The number of TODO comments for what could not be translated. */
  todos: number
  /** The number of user classes. */
  users: number
}

export interface ImportOptions {
  /** Default: by the file's name and content. */
  format?: Format | undefined
  /** The folder of the scenario. Default: the file's own folder. */
  into?: string
}

/**
 * Makes a scenario from a file of another tool.
 * @throws BurstError (104) when the file cannot be read, has an unknown format, or cannot be understood
 */
export async function importFile(path: string, options: ImportOptions = {}): Promise<ImportedFile> {
  const text = await readText(path)
  const folder = dirname(path)
  const prefix = relative(options.into ?? folder, folder).replaceAll('\\', '/')
  const model = await modelOf(options.format ?? formatOf(path), { file: basename(path), text, folder, prefix })
  const code = writeScenario(model)
  const todos = code.split('\n').filter((line) => line.trimStart().startsWith('// TODO ')).length
  return { code, todos, users: model.classes.filter(({ abstract }) => !abstract).length }
}

interface Source {
  file: string
  text: string
  folder: string
  /** The path from the scenario to the folder. */
  prefix: string
}

/** Each reader is loaded only when a file of its kind is imported. */
async function modelOf(_format: Format, { file, text, folder, prefix }: Source): Promise<ScenarioModel> {
  const { importLocustfile } = await import('./locust/locustfile.ts')
  return importLocustfile(file, text, { folder, prefix })
}

async function readText(path: string): Promise<string> {
  const handle = await open(path).catch((cause: Error) => {
    throw invalidInput(`${path} cannot be read: ${cause.message}`, { cause })
  })
  try {
    const facts = await handle.stat()
    if (!facts.isFile()) throw invalidInput(`${path} is not a file`)
    if (facts.size > mostBytes)
      throw invalidInput(`${path} is larger than 64 MiB`, { hint: 'burst import reads smaller files' })
    return (await handle.readFile('utf8')).replace(/^\uFEFF/, '')
  } finally {
    await handle.close()
  }
}

function formatOf(path: string): Format {
  if (path.endsWith('.py')) return 'locust'
  throw invalidInput(`burst does not know what ${path} is`, { hint: `say it with --format: ${formats.join(', ')}` })
}
