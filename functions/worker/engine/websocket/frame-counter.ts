/**
 * The memory, in bytes, that each frame and each received piece of a message needs in addition to its own bytes. This memory matters if a target
 * sends very small frames.
 */
const overhead = 256
const longestHeader = 14

/**
 * Counts the memory that an incomplete message needs. `ws` keeps all bytes of such a message. The counter reads only the headers of the frames
 * (RFC 6455 §5.2). `ws` checks the frames.
 */
export class FrameCounter {
  readonly #header = Buffer.alloc(longestHeader)
  #headerBytes = 0
  /** The number of content bytes of the current frame that have not arrived yet. */
  #missing = 0
  #kept = 0

  /**
   * Reads the next bytes of the connection. Returns the memory, in bytes, of the message that is incomplete after these bytes; 0 if no message is
   * incomplete.
   */
  read(piece: Buffer): number {
    for (let at = 0; at < piece.length;)
      at = this.#missing > 0 ? this.#readPayload(piece, at) : this.#readHeader(piece, at)
    if (this.#kept > 0) this.#kept += overhead
    return this.#kept
  }

  get #isControl(): boolean {
    return (this.#header.readUInt8(0) & 0x08) !== 0
  }

  #readHeader(piece: Buffer, at: number): number {
    this.#header.writeUInt8(piece.readUInt8(at), this.#headerBytes)
    this.#headerBytes++
    if (this.#headerBytes >= 2 && this.#headerBytes === this.#headerLength) this.#beginFrame()
    return at + 1
  }

  get #headerLength(): number {
    const second = this.#header.readUInt8(1)
    const length = second & 0x7f
    const lengthBytes = length < 126 ? 0 : length === 126 ? 2 : 8
    return 2 + lengthBytes + ((second & 0x80) === 0 ? 0 : 4)
  }

  #beginFrame(): void {
    const length = this.#header.readUInt8(1) & 0x7f
    if (length < 126) this.#missing = length
    else this.#missing = length === 126 ? this.#header.readUInt16BE(2) : Number(this.#header.readBigUInt64BE(2))
    this.#headerBytes = 0
    if (!this.#isControl) this.#kept += overhead
    if (this.#missing === 0) this.#endFrame()
  }

  #readPayload(piece: Buffer, at: number): number {
    const bytes = Math.min(this.#missing, piece.length - at)
    this.#missing -= bytes
    if (!this.#isControl) this.#kept += bytes
    if (this.#missing === 0) this.#endFrame()
    return at + bytes
  }

  /**
   * Called at the end of a frame. The first bit of a header marks the last frame of a message. Control frames, which may arrive between the frames of
   * a message, are ignored.
   */
  #endFrame(): void {
    if (!this.#isControl && (this.#header.readUInt8(0) & 0x80) !== 0) this.#kept = 0
  }
}
