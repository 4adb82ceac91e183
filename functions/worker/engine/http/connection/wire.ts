import type { Socket } from 'node:net'

/**
 * The code of the error for a response with a status below 100. Such a response must not reach undici, which would treat it as interim and fail one
 * of its own assertions.
 */
export const invalidStatusCode = 'BURST_INVALID_STATUS'

/** The error code for a response with a head that undici's parser rejects. It is used only if undici's own error would name the wrong fault. */
export const invalidHead = 'BURST_INVALID_HEAD'

/**
 * The maximum number of bytes in the head of a response, over HTTP/1.1 and HTTP/2. A greater limit is not possible, because node:http2 accepts at
 * most nine frames of 16 KiB.
 */
export const longestHead = 128 * 1024
/** The message for a response whose head is longer than `longestHead`. Over HTTP/1.1, this limit also applies to the trailers. */
export const headTooLong = 'the headers of the response have more than 128 KiB'

const headEnd = Buffer.from('\r\n\r\n')
const bareHeadEnd = Buffer.from('\n\n')
const versionPrefix = Buffer.from('HTTP/1.')
/** The number of bytes up to the end of the status: the length of `HTTP/1.1 200`. */
const statusLineBytes = 12
const statusAt = 9
const keepAliveLine = Buffer.from('connection: keep-alive\r\n')
/** The headers that announce a body. `hidden` is the name that replaces the real name in the bytes for undici. Both names have the same length. */
const bodyHeaders = [
  { name: 'content-length', hidden: 'x-burst-length', line: /^content-length[\t ]*:/im },
  { name: 'transfer-encoding', hidden: 'x-burst-encodings', line: /^transfer-encoding[\t ]*:/im },
]
const digits = { zero: 0x30, one: 0x31, four: 0x34 }

/**
 * Stands between undici and one socket, and corrects undici where undici deviates from HTTP. Drops interim responses (1xx except 101), because
 * undici closes the connection when it receives `100 Continue`. Keeps the connection open in two cases in which undici would close it: after a HEAD
 * request if the response has no `connection` header, and after a 204 or 304 response with `content-length` or `transfer-encoding`. Refuses statuses
 * below 100. Writes header lines that undici refuses. For the body of a response, these corrections cost only one comparison per chunk.
 */
export class Wire {
  /** `true` if a byte of a response to the current request has arrived, including interim responses. */
  heard = false
  /** `true` if burst has put `connection: keep-alive` before the headers of a response to HEAD. */
  keptAlive = false
  /** The headers that were renamed in a response without a body. */
  #hidden: (typeof bodyHeaders)[number][] = []
  readonly #socket: Socket
  #atHead = false
  #isHead = false
  #held: Buffer | null = null
  /** The first bytes of the head, as undici received them; null after undici has parsed the head. */
  #head: Buffer | null = null

  constructor(socket: Socket) {
    this.#socket = socket
    const read = socket.read.bind(socket) as (size?: number) => Buffer | null
    socket.read = (size?: number): Buffer | null => {
      for (;;) {
        const chunk = read(size)
        if (chunk === null || !this.#atHead) return chunk
        const passed = this.#examine(chunk)
        if (passed) return passed
      }
    }
  }

  get open(): boolean {
    return !this.#socket.destroyed
  }

  /** Called before a request with this method is written. The next bytes that arrive belong to the head of the response. */
  begin(method: string): void {
    this.heard = false
    this.keptAlive = false
    if (this.#hidden.length > 0) this.#hidden = []
    this.#atHead = true
    this.#isHead = method === 'HEAD'
    this.#held = null
  }

  /** Converts the headers that undici received to the headers that the target sent. */
  restore(headers: Record<string, string | string[] | undefined>): void {
    this.#head = null
    if (this.keptAlive) {
      const value = headers['connection']
      if (!Array.isArray(value)) delete headers['connection']
      else headers['connection'] = value.length === 2 ? value[1] : value.slice(1)
    }
    for (const { name, hidden } of this.#hidden) {
      headers[name] = headers[hidden]
      delete headers[hidden]
    }
  }

  /**
   * Returns the given error, or an error that names the actual fault in the head of the response. If the fault comes after a `content-length` header
   * whose value is not 0, undici's own message wrongly names `content-length`.
   */
  causeOf(error: Error): Error {
    const head = this.#head
    this.#head = null
    if (head === null || (error as { code?: string }).code !== 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return error
    return Object.assign(new Error(faultOf(head)), { code: invalidHead })
  }

  /**
   * Adds lines, each with its line break, to the next request head that is written. `connection` replaces the value of undici's own `connection`
   * header.
   */
  addToNextHead(lines: string, connection: string | undefined): void {
    const socket = this.#socket
    const write = socket.write.bind(socket)
    socket.write = ((head: string, ...rest: [BufferEncoding]) => {
      socket.write = write
      const own = connection === undefined ? head : head.replace(/^connection: .*$/m, () => `connection: ${connection}`)
      const firstLine = own.indexOf('\r\n') + 2
      return socket.write(own.slice(0, firstLine) + lines + own.slice(firstLine), ...rest)
    }) as typeof socket.write
  }

  /**
   * Returns the bytes that undici may receive; null if more bytes must arrive first, or if the status is below 100 and the connection was therefore
   * closed.
   */
  #examine(chunk: Buffer): Buffer | null {
    this.heard = true
    let bytes = this.#held ? Buffer.concat([this.#held, chunk]) : chunk
    this.#held = null
    while (isHttp(bytes)) {
      if (bytes.length < statusLineBytes) return this.#hold(bytes)
      if (bytes[statusAt] === digits.zero) return this.#refuse(bytes)
      if (!isInterim(bytes)) return this.#final(bytes)
      const end = endOfHead(bytes)
      if (end === -1) return this.#hold(bytes)
      bytes = bytes.subarray(end)
      if (bytes.length === 0) return null
    }
    return this.#pass(bytes)
  }

  #final(bytes: Buffer): Buffer | null {
    if (isBodiless(bytes)) return this.#withoutBodyHeaders(bytes)
    if (!this.#isHead || !isHttp11(bytes)) return this.#pass(bytes)
    const lineEnd = bytes.indexOf('\r\n')
    if (lineEnd === -1) return this.#hold(bytes)
    this.keptAlive = true
    return this.#pass(Buffer.concat([bytes.subarray(0, lineEnd + 2), keepAliveLine, bytes.subarray(lineEnd + 2)]))
  }

  /**
   * Renames the headers `content-length` and `transfer-encoding` of a 204 or 304 response. Such a response has no body, even if it has these headers
   * (RFC 9110 §8.6, RFC 9112 §6.1). Because of these headers, undici would close the connection after the response. If bytes follow the head, the
   * headers keep their names, so that undici closes the connection.
   */
  #withoutBodyHeaders(bytes: Buffer): Buffer | null {
    const end = endOfHead(bytes)
    if (end === -1) return this.#hold(bytes)
    if (end < bytes.length) return this.#pass(bytes)
    const head = bytes.toString('latin1')
    let shown = bytes
    for (const header of bodyHeaders) {
      const at = head.search(header.line)
      if (at === -1) continue
      this.#hidden.push(header)
      shown = Buffer.concat([
        shown.subarray(0, at),
        Buffer.from(header.hidden),
        shown.subarray(at + header.name.length),
      ])
    }
    return this.#pass(shown)
  }

  #pass(bytes: Buffer): Buffer {
    this.#atHead = false
    this.#head = bytes
    return bytes
  }

  #hold(bytes: Buffer): Buffer | null {
    if (bytes.length > longestHead) return this.#pass(bytes)
    this.#held = bytes
    return null
  }

  #refuse(bytes: Buffer): null {
    const status = bytes.toString('latin1', statusAt, statusLineBytes)
    this.#socket.destroy(Object.assign(new Error(`status ${status}`), { code: invalidStatusCode }))
    return null
  }
}

function faultOf(bytes: Buffer): string {
  const head = bytes
    .subarray(0, longestHead)
    .toString('latin1')
    .split(/\r?\n\r?\n/, 1)[0] as string
  const lengths = [...head.matchAll(/^content-length[\t ]*:[\t ]*(.*?)[\t ]*\r?$/gim)].map(([, value = '']) => value)
  if (lengths.length > 1) return 'content-length is given more than once'
  if (lengths.some((length) => !/^\d+$/.test(length))) return 'the value of content-length is not a single number'
  return /^transfer-encoding[\t ]*:/im.test(head)
    ? 'content-length and transfer-encoding must not both be present'
    : 'the response head is malformed'
}

/** Returns whether the bytes can be the beginning of an HTTP/1 response. */
function isHttp(bytes: Buffer): boolean {
  const known = Math.min(bytes.length, versionPrefix.length)
  // Seven comparisons of bytes cost less than one call of `Buffer.compare`.
  for (let at = 0; at < known; at++) if (bytes[at] !== versionPrefix[at]) return false
  return true
}

function isHttp11(bytes: Buffer): boolean {
  return bytes[versionPrefix.length] === digits.one
}

/** Returns whether a status is interim. Status 101 is final, because another protocol follows. */
function isInterim(bytes: Buffer): boolean {
  return bytes[statusAt] === digits.one && bytes.toString('latin1', statusAt, statusLineBytes) !== '101'
}

function isBodiless(bytes: Buffer): boolean {
  return (
    bytes[statusAt + 2] === digits.four && ['204', '304'].includes(bytes.toString('latin1', statusAt, statusLineBytes))
  )
}

/**
 * Returns the end of the first head in the bytes, which is the end of the first empty line; -1 if there is no empty line. Lines may end in CR LF or
 * in a bare LF (RFC 9112 §2.2).
 */
function endOfHead(bytes: Buffer): number {
  const end = bytes.indexOf(headEnd)
  const bare = (end === -1 ? bytes : bytes.subarray(0, end)).indexOf(bareHeadEnd)
  if (bare !== -1) return bare + bareHeadEnd.length
  return end === -1 ? -1 : end + headEnd.length
}
