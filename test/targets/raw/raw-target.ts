import { type Socket, createServer } from 'node:net'
import { ended, listening } from '../server.ts'

/** A request as it was received, without any interpretation. */
export interface RawRequest {
  /** The number of the connection: 1, 2, 3 … */
  connection: number
  /** The number of the request on its connection: 1, 2, 3 … */
  turn: number
  method: string
  path: string
  /** The lines of the head after its first line, unchanged. */
  lines: string[]
  body: string
}

export type RawAnswer = (request: RawRequest, socket: Socket) => void

export interface RawTarget {
  origin: string
  received: RawRequest[]
  close(): Promise<void>
}

/**
 * Starts a target that writes exactly the bytes of the test's answers. The path without its query selects the answer. The answer `*` is for all other
 * paths.
 */
export async function startRawTarget(answers: Readonly<Record<string, RawAnswer>>): Promise<RawTarget> {
  const received: RawRequest[] = []
  const open = new Set<Socket>()
  let connections = 0
  const server = createServer((socket) => {
    const connection = ++connections
    let [turn, pending] = [0, '']
    open.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => open.delete(socket))
    socket.on('data', (bytes) => {
      pending += bytes.toString('latin1')
      for (let found = take(pending); found; found = take(pending)) {
        pending = pending.slice(found.length)
        const request = { connection, turn: ++turn, ...found.request }
        received.push(request)
        const answer = answers[request.path.replace(/\?.*$/, '')] ?? answers['*']
        answer?.(request, socket)
      }
    })
  })
  const origin = await listening(server)
  const close = async (): Promise<void> => {
    for (const socket of open) socket.destroy()
    await ended(server)
  }
  return { origin, received, close }
}

type Message = Pick<RawRequest, 'method' | 'path' | 'lines' | 'body'>

/** Parses the first request in the bytes. Returns null if the first request is not complete. */
function take(bytes: string): { length: number; request: Message } | null {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd === -1) return null
  const [first = '', ...lines] = bytes.slice(0, headEnd).split('\r\n')
  const [method = '', path = ''] = first.split(' ')
  const from = headEnd + 4
  const { last, end } = bodyEnd(bytes, from, lines)
  if (last < from || bytes.length < end) return null
  return { length: end, request: { method, path, lines, body: bytes.slice(from, last) } }
}

/** Returns the end of the body (`last`) and of the message (`end`). `last` is -1 while chunks are missing. */
function bodyEnd(bytes: string, from: number, lines: readonly string[]): { last: number; end: number } {
  if (lines.some((line) => /^transfer-encoding: *chunked$/i.test(line))) {
    const last = bytes.indexOf('0\r\n\r\n', from)
    return { last, end: last + 5 }
  }
  const last = from + Number(lines.find((line) => /^content-length:/i.test(line))?.split(':')[1] ?? 0)
  return { last, end: last }
}

/** Returns an answer with a Content-Length header. */
export function answerOf(body: string | Buffer, ...lines: string[]): Buffer {
  const bytes = Buffer.from(body)
  const head = ['HTTP/1.1 200 OK', `Content-Length: ${bytes.length}`, ...lines].join('\r\n')
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), bytes])
}
