import { type Socket, createServer } from 'node:net'
import { FrameReader, frameTypes, prefaceBytes } from '../../../functions/worker/engine/http/http2/frames.ts'
import { ended, listening } from '../server.ts'

/** The parts of a request that a `FrameTarget` reads. */
export interface FrameRequest {
  /** The number of the connection that carried the request: 1, 2, 3 … */
  connection: number
  stream: number
  socket: Socket
}

export interface FrameTarget {
  origin: string
  /** The heads of the requests that have arrived. */
  received: FrameRequest[]
  /** The open connections. */
  sockets: Set<Socket>
  /** Makes the target refuse new connections. */
  refuse: () => void
  close: () => Promise<void>
}

export interface FrameTargetOptions {
  /** Answers a request. By default, the answer has the status 200 and does not have a body. */
  answer?: (request: FrameRequest) => unknown
  /** The content of the SETTINGS frame that the target sends. */
  settings?: Buffer
  /**
   * When a connection opens, the target calls this function once for each connection on which it has not yet sent SETTINGS, including the new
   * connection. If the result for a connection is `true`, the target sends SETTINGS on this connection. By default, the result is `true`.
   */
  begins?: (connection: number) => boolean
}

/** Returns the content of a SETTINGS frame that contains only SETTINGS_MAX_CONCURRENT_STREAMS. */
export function mostStreams(most: number): Buffer {
  const content = Buffer.alloc(6)
  content.writeUInt16BE(3, 0)
  content.writeUInt32BE(most, 2)
  return content
}

/**
 * Starts a target that speaks HTTP/2 without TLS. The target itself only sends its SETTINGS and confirms the client's SETTINGS. All other frames come
 * from `answer` or directly from the test. The target reads only the heads of the client's frames.
 */
export async function startFrameTarget(options: FrameTargetOptions = {}): Promise<FrameTarget> {
  const { answer = reply, settings, begins = (): boolean => true } = options

  const received: FrameRequest[] = []
  const sockets = new Set<Socket>()
  // The first frame that each side sends must be its SETTINGS. The target therefore confirms the client's SETTINGS only after it has sent its own
  // SETTINGS.
  const heldBack = new Map<number, { socket: Socket; awaits: Buffer[] }>()
  const confirmed = frame({ type: frameTypes.settings, flags: 1 })
  let connections = 0
  const server = createServer((socket) => {
    const connection = ++connections
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    const ends = ({ type, flags, stream }: { type: number; flags: number; stream: number }): void => {
      if (type === frameTypes.settings && flags === 0) {
        const held = heldBack.get(connection)
        if (held) held.awaits.push(confirmed)
        else socket.write(confirmed)
      }
      if (type !== frameTypes.headers) return
      const request = { connection, stream, socket }
      received.push(request)
      answer(request)
    }
    const reader = new FrameReader({ ends }, prefaceBytes)
    heldBack.set(connection, { socket, awaits: [] })
    for (const [number, held] of heldBack) {
      if (!begins(number)) continue
      heldBack.delete(number)
      held.socket.write(Buffer.concat([frame({ type: frameTypes.settings, content: settings }), ...held.awaits]))
    }
    socket.on('data', (bytes) => reader.read(bytes))
  })
  const origin = await listening(server)
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
    if (server.listening) await ended(server)
  }
  return { origin, received, sockets, refuse: () => void server.close(), close }
}

interface Content {
  type: number
  flags?: number
  stream?: number
  content?: Buffer | undefined
}

function frame({ type, flags = 0, stream = 0, content = Buffer.alloc(0) }: Content): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(content.length, 0, 3)
  head.writeUInt8(type, 3)
  head.writeUInt8(flags, 4)
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, content])
}

function reply(request: FrameRequest): void {
  request.socket.write(answered(request))
}

/** Returns the frame of an answer with the status 200 and without a body. */
export function answered({ stream }: FrameRequest): Buffer {
  return frame({ type: frameTypes.headers, flags: 5, stream, content: Buffer.from([0x88]) })
}

/** @param last the highest id of a stream that the target answers */
export function goaway(code: number, last: number): Buffer {
  const content = Buffer.alloc(8)
  content.writeUInt32BE(last, 0)
  content.writeUInt32BE(code, 4)
  return frame({ type: 7, content })
}
