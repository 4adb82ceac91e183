import type { Socket } from 'node:net'

/** A response whose status is below 100: undici takes it for an interim one and then fails an assertion of its own. */
export const invalidStatusCode = 'BURST_INVALID_STATUS'

/** A response whose head undici's parser refuses. */
export const invalidHead = 'BURST_INVALID_HEAD'

const headEnd = Buffer.from('\r\n\r\n')
const bareHeadEnd = Buffer.from('\n\n')
const versionPrefix = Buffer.from('HTTP/1.')
/** `HTTP/1.1 200`: what must have come before a status is known. */
const statusLineBytes = 12
const statusAt = 9
/** An interim response, or the status line of an answer to HEAD, may be this long. */
const longestHead = 64 * 1024
const keepAliveLine = Buffer.from('connection: keep-alive\r\n')
/** As long as `content-length`. */
const hiddenLengthName = 'x-burst-length'
const hiddenLength = Buffer.from(hiddenLengthName)
const digits = { zero: 0x30, one: 0x31, four: 0x34 }

/**
 * Stands between undici and one socket, where undici differs from what HTTP asks of a client: interim responses (1xx) are dropped, also
 * `100 Continue`, for which undici closes the connection; an answer to HEAD keeps the connection though nothing in it says so; header
 * lines that undici refuses are written all the same. Costs one comparison per chunk once a response has begun.
 */
export class Wire {
  /** A byte of an answer to the present request has come, an interim one included. */
  heard = false
  /** The answer to HEAD was given the header `connection: keep-alive`, in front of its own headers. */
  keptAlive = false
  /** The `content-length` of an answer without a body goes by another name. */
  lengthHidden = false
  readonly #socket: Socket
  #atHead = false
  #isHead = false
  #held: Buffer | null = null
  /** What undici was given of a head, while it is not through with it. */
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

  /** The next bytes that come are the head of the answer to a request of this method. */
  begin(method: string): void {
    this.heard = false
    this.keptAlive = false
    this.lengthHidden = false
    this.#atHead = true
    this.#isHead = method === 'HEAD'
    this.#held = null
  }

  /** Makes the headers that undici was given those that came. */
  restore(headers: Record<string, string | string[] | undefined>): void {
    this.#head = null
    if (this.keptAlive) {
      const value = headers['connection']
      if (!Array.isArray(value)) delete headers['connection']
      else headers['connection'] = value.length === 2 ? value[1] : value.slice(1)
    }
    if (this.lengthHidden) {
      headers['content-length'] = headers[hiddenLengthName]
      delete headers[hiddenLengthName]
    }
  }

  /** The error of a request in true words: of whatever is wrong after `content-length` in a head, undici says that the length is. */
  causeOf(error: Error): Error {
    const head = this.#head
    this.#head = null
    if (head === null || (error as { code?: string }).code !== 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') return error
    return Object.assign(new Error(faultOf(head)), { code: invalidHead })
  }

  /** Adds lines to the head that is written next, each with its line end; `connection` replaces undici's own header of that name. */
  addToNextHead(lines: string, connection: string | undefined): void {
    const socket = this.#socket
    const write = socket.write.bind(socket)
    socket.write = ((head: string, ...rest: [BufferEncoding]) => {
      socket.write = write
      const own = connection === undefined ? head : head.replace(/^connection: .*$/m, `connection: ${connection}`)
      const firstLine = own.indexOf('\r\n') + 2
      return socket.write(own.slice(0, firstLine) + lines + own.slice(firstLine), ...rest)
    }) as typeof socket.write
  }

  /** What undici may see of it now, null if more has to come first. */
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
    if (isBodiless(bytes)) return this.#withoutLength(bytes)
    if (!this.#isHead || !isHttp11(bytes)) return this.#pass(bytes)
    const lineEnd = bytes.indexOf('\r\n')
    if (lineEnd === -1) return this.#hold(bytes)
    this.keptAlive = true
    return this.#pass(Buffer.concat([bytes.subarray(0, lineEnd + 2), keepAliveLine, bytes.subarray(lineEnd + 2)]))
  }

  /** A 304 may say how long the body would be (RFC 9110 §8.6); undici closes the connection for it, in case the body comes. */
  #withoutLength(bytes: Buffer): Buffer | null {
    const end = endOfHead(bytes)
    if (end === -1) return this.#hold(bytes)
    const head = bytes.toString('latin1', 0, end)
    const at = head.search(/^content-length[\t ]*:/im)
    if (at === -1) return this.#pass(bytes)
    this.lengthHidden = true
    return this.#pass(Buffer.concat([bytes.subarray(0, at), hiddenLength, bytes.subarray(at + hiddenLength.length)]))
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
  if (lengths.some((length) => !/^\d+$/.test(length))) return 'content-length is not one number'
  return /^transfer-encoding[\t ]*:/im.test(head)
    ? 'content-length and transfer-encoding exclude each other'
    : 'the response head is malformed'
}

/** So far it looks like HTTP/1: it may be too short to tell. */
function isHttp(bytes: Buffer): boolean {
  const known = Math.min(bytes.length, versionPrefix.length)
  return bytes.compare(versionPrefix, 0, known, 0, known) === 0
}

function isHttp11(bytes: Buffer): boolean {
  return bytes[versionPrefix.length] === digits.one
}

/** 101 is final: what follows it is another protocol. */
function isInterim(bytes: Buffer): boolean {
  return bytes[statusAt] === digits.one && bytes.toString('latin1', statusAt, statusLineBytes) !== '101'
}

function isBodiless(bytes: Buffer): boolean {
  return (
    bytes[statusAt + 2] === digits.four && ['204', '304'].includes(bytes.toString('latin1', statusAt, statusLineBytes))
  )
}

function endOfHead(bytes: Buffer): number {
  const end = bytes.indexOf(headEnd)
  if (end !== -1) return end + headEnd.length
  const bare = bytes.indexOf(bareHeadEnd)
  return bare === -1 ? -1 : bare + bareHeadEnd.length
}
