/** The head of a frame (RFC 9113 §4.1). */
export interface Frame {
  /** The number of bytes of the frame's content. */
  length: number
  type: number
  flags: number
  /** The number of the frame's stream; 0 if the frame concerns the whole connection. */
  stream: number
}

/** The types of frames that burst reads. */
export const frameTypes = { data: 0, headers: 1, reset: 3, settings: 4 } as const
/** The flag with which a `data` or `headers` frame ends the sender's side of the stream. */
export const endsStream = 1
/** The bytes that a client sends before its first frame. */
export const prefaceBytes = 24

const headBytes = 9

interface FrameWatcher {
  /** Called when the head of a frame has been read. */
  begins?(frame: Frame): void
  /** Called when the last byte of a frame has been read. */
  ends?(frame: Frame): void
}

/** Finds the frames in the bytes that one side of a connection sends. A frame may be divided into several chunks. */
export class FrameReader {
  readonly #watcher: FrameWatcher
  readonly #head = Buffer.alloc(headBytes)
  #filled = 0
  /** The frame whose content is being read; null if the next bytes belong to the head of a frame. */
  #frame: Frame | null = null
  /** The number of bytes that remain of the preface or of the frame's content. */
  #left: number

  constructor(watcher: FrameWatcher, skippedBytes = 0) {
    this.#watcher = watcher
    this.#left = skippedBytes
  }

  read(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      at += this.#left > 0 ? this.#passContent(bytes.length - at) : this.#passHead(bytes, at)
    }
  }

  #passContent(most: number): number {
    const passed = Math.min(this.#left, most)
    this.#left -= passed
    if (this.#left === 0) this.#end()
    return passed
  }

  #passHead(bytes: Uint8Array, at: number): number {
    const passed = Math.min(headBytes - this.#filled, bytes.length - at)
    this.#head.set(bytes.subarray(at, at + passed), this.#filled)
    this.#filled += passed
    if (this.#filled === headBytes) this.#begin()
    return passed
  }

  #begin(): void {
    const head = this.#head
    this.#filled = 0
    const frame = {
      length: head.readUIntBE(0, 3),
      type: head.readUInt8(3),
      flags: head.readUInt8(4),
      stream: head.readUInt32BE(5) & 0x7f_ff_ff_ff,
    }
    this.#frame = frame
    this.#left = frame.length
    this.#watcher.begins?.(frame)
    if (frame.length === 0) this.#end()
  }

  #end(): void {
    const frame = this.#frame
    this.#frame = null
    if (frame) this.#watcher.ends?.(frame)
  }
}
