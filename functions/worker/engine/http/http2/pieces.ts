import type { Writable } from 'node:stream'

/** The pieces of a body. */
export type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>

/** The maximum number of bytes of a piece. A longer body is written piece by piece, as fast as the target accepts the pieces. */
export const pieceBytes = 64 * 1024

/** Yields a body in pieces of at most `pieceBytes`. */
export function* piecesOf(body: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < body.length; at += pieceBytes) yield body.subarray(at, at + pieceBytes)
}

export function iteratorOf(pieces: Pieces): AsyncIterator<Uint8Array> | Iterator<Uint8Array> {
  return Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]()
}

/** Yields the first piece of a body, which has already been read, and then the other pieces. */
export async function* startingWith(
  first: Uint8Array,
  rest: ReturnType<typeof iteratorOf>,
): AsyncGenerator<Uint8Array> {
  try {
    yield first
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
  } finally {
    await rest.return?.()
  }
}

/** Resolves when the stream accepts more data, or has ended. */
export function untilDrained(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done)
      resolve()
    }
    stream.on('drain', done).on('close', done)
  })
}
