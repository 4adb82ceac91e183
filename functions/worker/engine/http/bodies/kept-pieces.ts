/**
 * Stores the pieces of a body in about as much memory as their content needs. A target may send a body in chunks of one byte. If burst did not join
 * such pieces, each piece would need about a hundred times as much memory as its content.
 */

/** A piece with fewer bytes is small. */
const smallBytes = 1024
/** The number of consecutive small pieces that are joined into one piece. */
const joinedPieces = 1024
/** A piece is copied if the unused bytes of its buffer exceed the length of the piece by more than this number. */
const mostUnused = 4096

/** Returns the bytes, or a copy if the bytes are a small part of a larger buffer. The copy allows the larger buffer to be freed. */
export function ownBytes<T extends Uint8Array>(piece: T): T | Buffer {
  return piece.buffer.byteLength - piece.length > mostUnused + piece.length ? Buffer.from(piece) : piece
}

/**
 * Adds a piece. Joins the small pieces at the end of the list when there are many of them.
 * @param small the number of small pieces at the end of the list
 * @returns the new value of `small`
 */
export function addPiece(pieces: Buffer[], piece: Buffer, small: number): number {
  pieces.push(piece)
  if (piece.length >= smallBytes) return 0
  if (small + 1 < joinedPieces) return small + 1
  pieces.push(Buffer.concat(pieces.splice(-joinedPieces)))
  return 0
}
