import { createServer } from 'node:net'
import { serveParent } from '../child.ts'
import { listening } from '../server.ts'

export interface StampsOptions {
  /** The time between two messages, in milliseconds. */
  everyMs: number
}

/** Sends a message of 8 bytes at equal intervals on each connection. The message is the current time as a double (epoch milliseconds, big-endian). */
async function startStamps({ everyMs }: StampsOptions): Promise<{ origin: string; close(): Promise<void> }> {
  const server = createServer((socket) => {
    const stamp = Buffer.alloc(8)
    const timer = setInterval(() => {
      stamp.writeDoubleBE(performance.timeOrigin + performance.now())
      socket.write(Buffer.from(stamp))
    }, everyMs)
    socket.on('error', () => undefined)
    socket.on('close', () => clearInterval(timer))
  })
  const origin = await listening(server)
  return { origin, close: async () => void server.close() }
}

if (import.meta.main) await serveParent((options) => startStamps(options as StampsOptions))
