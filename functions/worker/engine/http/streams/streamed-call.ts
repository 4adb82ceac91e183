import type { ParserConfig, createParser as CreateParser } from 'eventsource-parser'
import { performance } from '../../../../guard/built-ins.ts'
import type { ServerEvent } from '../../../../../core/authoring/requests/http.ts'
import type { RecordedSample } from '../../../../../core/authoring/runtime.ts'
import type { Call } from '../call.ts'
import { CutOff, StreamFault } from '../failure.ts'
import type { BodyStream, Piece, StreamUser } from './body-stream.ts'

/** The parts of the engine that streams use. */
export interface StreamServices extends StreamUser {
  readonly record: (sample: RecordedSample) => void
  readonly reader: StreamReader
}

/** A request whose response is read while it arrives. */
export interface OpenStream {
  call: Call
  stream: BodyStream
}

/** The maximum number of characters of an event that has not arrived completely. */
const longestEvent = 1024 * 1024

/** Yields the pieces of a response. When the scenario leaves its loop over the pieces, the connection (over HTTP/2, only the stream) closes. */
async function* piecesOf(call: Call, stream: BodyStream): AsyncGenerator<Piece> {
  call.streamed().then(
    () => stream.end(null),
    (error: Error) => stream.end(error),
  )
  try {
    for (let piece = await stream.next(); piece; piece = await stream.next()) yield piece
  } finally {
    call.hangUp()
    stream.discard()
  }
}

/** Yields the bytes of a response as they arrive. */
export async function* chunksOf(send: () => OpenStream): AsyncGenerator<Uint8Array> {
  const { call, stream } = send()
  for await (const { bytes } of piecesOf(call, stream)) yield bytes
}

/** The user to which the event stream belongs. */
interface StreamReader {
  /** The number of the user's current iteration: 0 in `onStart`, then 1, 2, 3 … */
  readonly iterations: number
  /**
   * Called by a loop that reads events. Checks whether the loop may continue.
   * @throws CutOff when the user must end its iteration, because the run is paused or the worker hands the user over
   */
  mayRead(): void
  /**
   * Called by a loop that reads events. Pauses the user for `ms`. The pause ends early when the user must end its iteration.
   * @throws CutOff when the user must end its iteration, or must not send further requests
   */
  pauseReading(ms: number): Promise<void>
}

/** Sends the request for an event stream. `lastId` is the id of the last event; '' if there is no such id. */
type OpenEvents = (lastId: string) => OpenStream

/** The default time, in milliseconds, after which a stream is opened again. The target can set a different time with `retry:`. */
const retryMs = 3_000
const longestRetryMs = 3_600_000
/** The shortest pause, in milliseconds, before a stream is opened again after a failure, or after a connection that delivered no event. */
const afterSilenceMs = 100
/** The maximum number of characters of an event id that burst sends back to the target. */
const longestId = 4096

/** The state that an event stream keeps from one connection to the next. */
interface Source {
  lastId: string
  retryMs: number
}

/** The result of one connection of an event stream. */
interface Ended {
  name: string
  /**
   * `true` if the stream may continue on another connection: the connection was lost, or the response ended with a status that is below 300 and is
   * not 204.
   */
  mayGoOn: boolean
  failed: boolean
  /** `true` if at least one event arrived. */
  heard: boolean
}

/**
 * Yields the events of an event stream. With `reconnect`, the stream is opened again when its connection ends or is lost, as in an EventSource (HTML
 * Standard, 9.2). The stream is not opened again if the response ended with the status 204 or with a status of at least 300. The stream is also not
 * opened again if the request failed and `Call.isLost` is false, for example after a timeout. The report shows the times to the first event, the
 * times between events, and the times until the stream was opened again. The names of these rows begin with the name of the request.
 */
export async function* eventsOf(
  send: OpenEvents,
  { record, reader }: Pick<StreamServices, 'record' | 'reader'>,
  reconnect: boolean,
): AsyncGenerator<ServerEvent> {
  const { createParser } = await import('eventsource-parser')
  const iteration = reader.iterations
  const source: Source = { lastId: '', retryMs }
  let opened: (() => void) | undefined
  for (;;) {
    reader.mayRead()
    const open = send(source.lastId)
    opened?.()
    const { name, mayGoOn, failed, heard } = yield* eventsOfOne(open, source, { record, createParser, reconnect })
    if (!reconnect || !mayGoOn) return
    const endedMs = performance.now()
    opened = () => record({ method: 'SSE', name: `${name}: reconnect`, ms: performance.now() - endedMs, error: failed })
    await reader.pauseReading(Math.max(source.retryMs, failed || !heard ? afterSilenceMs : 1))
    // The iteration that opened the stream may have ended during the pause. The loop of this iteration must not continue in another iteration.
    if (reader.iterations !== iteration) throw new CutOff()
  }
}

interface Reading extends Pick<StreamServices, 'record'> {
  createParser: typeof CreateParser
  reconnect: boolean
}

/** Yields the events of one connection. Returns how the connection ended. */
async function* eventsOfOne(
  { call, stream }: OpenStream,
  source: Source,
  { record, createParser, reconnect }: Reading,
): AsyncGenerator<ServerEvent, Ended> {
  const { name } = call.plan.row
  const events: ServerEvent[] = []
  const parser = createParser(parsing({ call, stream }, source, events))
  const decoder = new TextDecoder()
  const times = new EventTimes(call, record)
  try {
    for await (const { bytes, atMs } of piecesOf(call, stream)) {
      parser.feed(decoder.decode(bytes, { stream: true }))
      for (const event of events.splice(0)) {
        times.note(atMs)
        yield event
      }
    }
  } catch (error) {
    if (!reconnect || !call.isLost) throw error
    return { name, mayGoOn: true, failed: true, heard: times.heard }
  }
  return { name, mayGoOn: isStream(call.exchange), failed: false, heard: times.heard }
}

/** Records the time to the first event of one connection, and the times between its events. */
class EventTimes {
  readonly #call: Call
  readonly #record: StreamServices['record']
  #beforeMs: number | undefined

  constructor(call: Call, record: StreamServices['record']) {
    this.#call = call
    this.#record = record
  }

  get heard(): boolean {
    return this.#beforeMs !== undefined
  }

  note(atMs: number): void {
    const { plan, sentMs, exchange } = this.#call
    const what = this.heard ? 'between events' : 'first event'
    const sinceMs = this.#beforeMs ?? (sentMs || exchange.sentMs)
    this.#record({ method: 'SSE', name: `${plan.row.name}: ${what}`, ms: atMs - sinceMs })
    this.#beforeMs = atMs
  }
}

function isStream({ status }: { status: number }): boolean {
  return status < 300 && status !== noContent
}

/** Returns the callbacks of the parser. */
function parsing({ call, stream }: OpenStream, source: Source, events: ServerEvent[]): ParserConfig {
  return {
    onEvent: ({ id = '', event = 'message', data }) => void events.push({ id, type: event, data }),
    onId: (id) => void (source.lastId = id.length > longestId ? '' : id),
    onRetry: (ms) => void (source.retryMs = Math.min(ms, longestRetryMs)),
    maxBufferSize: longestEvent,
    onError: ({ type }) => {
      if (type !== 'max-buffer-size-exceeded') return
      stream.discard()
      call.fail(new StreamFault('an event is larger than 1 MiB'))
    },
  }
}

/** The status with which a target ends an event stream permanently. After this status, burst does not open the stream again. */
const noContent = 204
