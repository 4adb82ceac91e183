import type { ServerEvent } from '../../../../../core/authoring/http.ts'
import type { RecordedSample } from '../../../../../core/authoring/runtime.ts'
import type { Call } from '../call.ts'
import type { ReadyQueue } from '../../scheduling/ready-queue.ts'
import { StreamFault } from '../failure.ts'
import type { BodyStream, Piece } from './body-stream.ts'

/** What streams need from the engine. */
export interface StreamServices {
  readonly ready: ReadyQueue
  readonly record: (sample: RecordedSample) => void
}

/** A request whose response is read while it arrives. */
export interface OpenStream {
  call: Call
  stream: BodyStream
}

/** The longest event, in bytes. */
const longestEvent = 1024 * 1024

/** Reads the pieces of a response. Leaving the loop closes the connection. */
async function* piecesOf(call: Call, stream: BodyStream): AsyncGenerator<Piece> {
  call.streamed().then(
    () => stream.end(null),
    (error: Error) => stream.end(error),
  )
  try {
    for (let piece = await stream.next(); piece; piece = await stream.next()) yield piece
  } finally {
    call.hangUp()
  }
}

/** The bytes of a response as they arrive. */
export async function* chunksOf(send: () => OpenStream): AsyncGenerator<Uint8Array> {
  const { call, stream } = send()
  for await (const { bytes } of piecesOf(call, stream)) yield bytes
}

/**
 * The events of an event stream. The time to the first event and the times between events are recorded under the name of the request.
 */
export async function* eventsOf(send: () => OpenStream, record: StreamServices['record']): AsyncGenerator<ServerEvent> {
  const { createParser } = await import('eventsource-parser')
  const { call, stream } = send()
  const events: ServerEvent[] = []
  const parser = createParser({
    onEvent: ({ id = '', event = 'message', data }) => void events.push({ id, type: event, data }),
    maxBufferSize: longestEvent,
    onError: ({ type }) => {
      if (type !== 'max-buffer-size-exceeded') return
      stream.discard()
      call.fail(new StreamFault('an event is larger than 1 MiB'))
    },
  })
  const decoder = new TextDecoder()
  let beforeMs: number | undefined
  for await (const { bytes, atMs } of piecesOf(call, stream)) {
    parser.feed(decoder.decode(bytes, { stream: true }))
    for (const event of events.splice(0)) {
      const what = beforeMs === undefined ? 'first event' : 'between events'
      record({
        method: 'SSE',
        name: `${call.plan.row.name}: ${what}`,
        ms: atMs - (beforeMs ?? (call.sentMs || call.exchange.sentMs)),
      })
      beforeMs = atMs
      yield event
    }
  }
}
