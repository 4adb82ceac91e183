import { invalidInput } from '../../errors.ts'
import { inWords, isOfMap, refuseUnknown } from '../../values-in-words.ts'
import type { FileContent } from './bodies.ts'
import { marks, shared } from '../runtime.ts'

export interface FileOptions {
  /** The file name that is sent. Default: the last part of the path. */
  name?: string
  /** The media type of the file. Default: the type of the path's extension, or `application/octet-stream` for an unknown extension. */
  type?: string
}

const types: Readonly<Record<string, string>> = {
  avif: 'image/avif',
  bmp: 'image/bmp',
  css: 'text/css',
  csv: 'text/csv',
  gif: 'image/gif',
  gz: 'application/gzip',
  htm: 'text/html',
  html: 'text/html',
  ico: 'image/x-icon',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'text/javascript',
  json: 'application/json',
  md: 'text/markdown',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  wasm: 'application/wasm',
  wav: 'audio/wav',
  webm: 'video/webm',
  webp: 'image/webp',
  xml: 'application/xml',
  zip: 'application/zip',
}
const otherType = 'application/octet-stream'

/**
 * Returns a file for `multipart` or `body`. If the folder of `--files` contains the file, burst reads the file from this folder. Otherwise the path
 * is relative to the scenario file.
 * @throws BurstError (104) when an argument is invalid, or the file does not exist; an Error when the file was not copied to the worker
 */
export function file(path: string, options: FileOptions = {}): FileContent {
  if (typeof path !== 'string' || path === '') {
    throw invalidInput(`file() was given ${inWords(path)} instead of the path of a file`)
  }
  // `paths.map(file)` passes the index of the path as the second argument. An index is not an object with options, so burst ignores the argument.
  const { name, type } = isOfMap(arguments) ? {} : checkedOptions(path, options)
  const files = shared[marks.files]
  if (!files) {
    throw invalidInput(`${path} cannot be read here`, { hint: 'call file() in a scenario file' })
  }
  return Object.freeze({
    name: name ?? nameOf(path),
    type: type ?? fileTypeOf(path),
    bytes: files.bytes(path),
    [marks.file]: true,
  })
}

function checkedOptions(path: string, options: FileOptions): FileOptions {
  const what = `the second argument of file('${path}')`
  refuseUnknown(options, ['name', 'type'], what)
  for (const [option, value] of Object.entries(options)) {
    // burst writes `name` and `type` into headers. A header must not contain line breaks.
    if (value === undefined || (typeof value === 'string' && !/[\r\n]/.test(value))) continue
    throw invalidInput(`${option} in ${what} is ${inWords(value)}`, { hint: 'write a string without line breaks' })
  }
  return options
}

function nameOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
}

/** Returns the media type of a file, determined by its extension; `application/octet-stream` if the extension is unknown. */
export function fileTypeOf(path: string): string {
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''
  return Object.hasOwn(types, ending) ? (types[ending] as string) : otherType
}
