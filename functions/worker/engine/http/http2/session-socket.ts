import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/** The methods of a session that its socket calls. */
export interface SocketWatcher {
  /**
   * Called when bytes have arrived.
   * @returns the reason why the connection must end; null if the connection can continue
   */
  received(bytes: Buffer): Error | null
  /** Called before these bytes are written to the socket. */
  writes(chunks: readonly Uint8Array[]): void
  /** Called after the bytes have been passed to the socket. */
  wrote(): void
  /** Called when the connection ends and no further bytes arrive. May be called several times. */
  ends(): void
}

type Done = (error?: Error | null) => void

/**
 * Passes bytes between node:http2 and a socket, so that the moment of each write is known. Without this class, node:http2 would read and write in
 * native code. A request would then be written only at the end of a turn of the event loop, up to several milliseconds after the call.
 */
export class SessionSocket extends Duplex {
  readonly #socket: Socket
  readonly #watcher: SocketWatcher

  constructor(socket: Socket, watcher: SocketWatcher) {
    super({ decodeStrings: true })
    this.#socket = socket
    this.#watcher = watcher
    socket
      .on('data', (bytes: Buffer) => this.#receive(bytes))
      .on('end', () => this.#end())
      .on('error', (error) => this.destroy(error))
      .on('close', () => this.destroy())
  }

  #receive(bytes: Buffer): void {
    const fault = this.#watcher.received(bytes)
    if (fault) this.destroy(fault)
    else if (!this.push(bytes)) this.#socket.pause()
  }

  #end(): void {
    this.push(null)
    this.#watcher.ends()
  }

  override _read(): void {
    this.#socket.resume()
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: Done): void {
    this.#send([chunk], done)
  }

  override _writev(entries: { chunk: Uint8Array }[], done: Done): void {
    this.#send(
      entries.map(({ chunk }) => chunk),
      done,
    )
  }

  #send(chunks: readonly Uint8Array[], done: Done): void {
    const socket = this.#socket
    // If the target has closed the connection, the bytes are not written, because the target would not respond. A request that was not written may be
    // sent again.
    if (socket.readableEnded || socket.destroyed) return done()
    const last = chunks.length - 1
    this.#watcher.writes(chunks)
    socket.cork()
    chunks.forEach((chunk, index) => (index === last ? socket.write(chunk, done) : socket.write(chunk)))
    socket.uncork()
    this.#watcher.wrote()
  }

  override _final(done: Done): void {
    this.#socket.end(() => done())
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#socket.destroy()
    done(error)
    this.#watcher.ends()
  }
}
