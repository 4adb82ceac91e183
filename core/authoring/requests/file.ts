import { invalidInput } from '../../errors.ts'
import { inWords } from '../../values-in-words.ts'
import type { FileContent } from './bodies.ts'
import { marks, shared } from '../runtime.ts'

export interface FileOptions {
  /** The file name that is sent. Default: the last part of the path. */
  name?: string
  /** The media type of the file. Default: determined by the extension of the path, else `application/octet-stream`. */
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
 * Returns a file for `multipart` or `body`. If the folder of `--files` contains the file, the file comes from this folder. Otherwise the path is
 * relative to the scenario file.
 * @throws BurstError (104) when the file does not exist, or was not copied to the worker
 */
export function file(path: string, { name, type }: FileOptions = {}): FileContent {
  if (typeof path !== 'string' || path === '') {
    throw invalidInput(`file() was given ${inWords(path)}; it takes the path of a file`)
  }
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

function nameOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
}

/** Returns the media type of a file, determined by its extension; `application/octet-stream` if the extension is unknown. */
export function fileTypeOf(path: string): string {
  const ending = /\.([a-z0-9]+)$/i.exec(path)?.[1]?.toLowerCase() ?? ''
  return Object.hasOwn(types, ending) ? (types[ending] as string) : otherType
}
