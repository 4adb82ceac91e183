export type Plain = string | number | boolean
/**
 * The value of a field of a form or query. A list is sent as several values; the option `arrays` sets the notation of the list. `undefined` and
 * `null` are not sent.
 */
export type FieldValue = Plain | readonly Plain[] | null | undefined
export type Fields<V> = Readonly<Record<string, V>> | Iterable<readonly [string, V]>

/** The type of a web platform class, if the library `dom` or Node's types declare the class. */
type Web<Name extends string> = typeof globalThis extends { [K in Name]: { prototype: infer T } } ? T : never

/** The notation of a list in `query`, `form` or `multipart`: `a=1&a=2`, `a[]=1&a[]=2` or `a=1,2`. */
export type ArrayStyle = 'repeat' | 'brackets' | 'comma'

/** A file that is copied to the workers with the scenario. All users of a worker share its bytes. */
export interface FileContent {
  /** The name that is sent with the file. */
  readonly name: string
  /** The `content-type` that is sent with the file. */
  readonly type: string
  readonly bytes: Uint8Array
}

type Bytes = ArrayBuffer | ArrayBufferView

/** A part of a multipart body, with its own file name and `content-type`. */
export interface Part {
  content: Plain | Bytes | Web<'Blob'> | FileContent
  /** The file name of the part. Default for `file(…)` and a `File`: its own name. Default for other bytes: `'blob'`. A string has no default. */
  filename?: string
  /**
   * The `content-type` of the part. Default for `file(…)` and a `Blob`: its own type. Default for other bytes, and for a `Blob` without a type:
   * `application/octet-stream`. A string has no default.
   */
  type?: string
}

type PartItem = Plain | Bytes | Web<'Blob'> | FileContent | Part
/** The value of a multipart field: a string or number, a file, or a list of these; `undefined` and `null` are not sent. */
export type PartValue = PartItem | readonly PartItem[] | null | undefined

/** One piece of a streamed body. */
type Chunk = string | ArrayBufferView
/**
 * Returns the pieces of a body. burst sends a piece as soon as it is available. To repeat the body after a redirect or on a new connection, burst
 * calls the function again, so the function must return a new iterable each time.
 */
export type StreamedBody = () => Iterable<Chunk> | AsyncIterable<Chunk>

export type Body = string | Bytes | Web<'URLSearchParams'> | Web<'FormData'> | Web<'Blob'> | FileContent | StreamedBody
