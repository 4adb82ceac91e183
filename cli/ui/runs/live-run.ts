import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { deflateRawSync } from 'node:zlib'
import { BurstError } from '../../../core/errors.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { type LiveFacts, type LiveReport, LiveReporter, type LiveState } from '../../../core/report/live/live-report.ts'
import { type Printed, decodePrinted } from '../../../core/report/live/printed.ts'
import { keys } from '../../../functions/keys.ts'
import type { Store } from '../../../functions/ports.ts'
import type { FieldError } from '../../../core/report/live/ui-protocol.ts'
import { ProgressReader } from '../../run/progress.ts'
import { fieldError, openEvents, sendEvent } from '../serving/answers.ts'

/** A run in progress on this machine or on AWS. */
export interface WatchedRun {
  plan: RunPlan
  store: Store
  nowMs(): number
  /** The time in milliseconds between two reads of the run's store. */
  everyMs: number
  /**
   * burst repeats a failed read for this time in milliseconds, counted from the last successful read. After this time, a failed read ends the reading
   * of the run.
   */
  patienceMs: number
  /** Returns true if the next read may succeed after this error. */
  isTemporary(error: unknown): boolean
  /** Converts an error of the store to the error that the terminal would show. */
  inWords(error: unknown): unknown
  /** Returns `over` if the report exists, an error if the run will not have a report, and undefined while the run is in progress. */
  ending(): Promise<'over' | BurstError | undefined>
}

/** If a browser has received no message for this time in milliseconds, the next tick or read sends the current state of the run. */
const factsEveryMs = 900
/** If no read has succeeded for this time in milliseconds, the page shows a note. */
const slowMs = 8000
/**
 * The maximum number of bytes that are waiting to be sent to one browser. A browser above this limit gets no updates. When the browser is below this
 * limit again, it gets the whole state.
 */
const behindBytes = 4_000_000

/**
 * Sends the progress of a run to browsers as server-sent events. Reads the store only while a browser listens. Reads each sealed window only once,
 * except in the case that `#beginAnew` describes.
 */
export class LiveRun {
  readonly #watched: WatchedRun
  readonly #ended: () => void
  #reporter: LiveReporter
  /** The connected browsers; the value is true if the browser needs the whole state. */
  readonly #clients = new Map<ServerResponse, boolean>()
  readonly #reader: ProgressReader
  #state: Omit<LiveState, 'nowMs'> | undefined
  #etags = ''
  #toldAtMs = 0
  /** The most recent lines that the scenario has printed, as found by the last read of the store. */
  #printed: { etag: string; printed: Printed } | undefined
  #running = false
  /** The time of the last successful read of the run, on the monotonic clock. */
  #wellAtMs = 0
  /** The reason why the shown values may be out of date; null if the values are up to date. */
  #trouble: FieldError | null = null

  /** @param ended called when the run has ended, or when an error has ended the reading of the run; not called when the last browser leaves */
  constructor(watched: WatchedRun, ended: () => void) {
    this.#watched = watched
    this.#ended = ended
    this.#reporter = new LiveReporter(watched.plan, deflateRawSync)
    this.#reader = new ProgressReader(watched.store, watched.plan)
  }

  /** Sends events to a browser until the run ends, the run cannot be read any more, or the browser closes the connection. */
  join(response: ServerResponse): void {
    // A browser that has already closed the connection must not be added to the list, because no 'close' event follows.
    if (response.destroyed) return
    openEvents(response)
    this.#clients.set(response, true)
    if (this.#trouble) {
      this.#tellWhole(response)
      sendEvent(response, 'trouble', this.#trouble)
    }
    response.once('close', () => this.#clients.delete(response))
    if (this.#running) return
    this.#running = true
    this.#follow().catch((error: unknown) => this.#end('failed', { errors: [problem(error)] }))
  }

  async #follow(): Promise<void> {
    this.#wellAtMs = performance.now()
    const ticking = setInterval(() => this.#tick(), factsEveryMs / 3)
    try {
      while (this.#clients.size > 0) {
        if (await this.#isOver()) return this.#end('over', { run: this.#watched.plan.run })
        await sleep(this.#watched.everyMs)
      }
    } finally {
      clearInterval(ticking)
      this.#running = false
    }
  }

  /** @throws BurstError if the run will not have a report. If a read fails and burst does not repeat the read, throws the error of the read. */
  async #isOver(): Promise<boolean> {
    const ending = await this.#tried(async () => {
      const found = await this.#watched.ending()
      if (!found) await this.#look()
      return found
    })
    if (ending instanceof BurstError) throw ending
    return ending === 'over'
  }

  /**
   * Reads the run once. If an error is temporary, reports the error to the browsers and returns undefined.
   * @throws an error after which this object stops reading the run
   */
  async #tried<T>(read: () => Promise<T>): Promise<T | undefined> {
    try {
      const found = await read()
      this.#wellAtMs = performance.now()
      this.#tellTrouble(null)
      return found
    } catch (error) {
      const watched = this.#watched
      const isTemporary = watched.isTemporary(error) && performance.now() - this.#wellAtMs < watched.patienceMs
      if (!isTemporary) throw watched.inWords(error)
      this.#tellTrouble(problem(watched.inWords(error)))
      return undefined
    }
  }

  /** Between two reads, sends the current state of the run, for example the elapsed time. If a read is slow, reports this to the browsers. */
  #tick(): void {
    const waitedMs = performance.now() - this.#wellAtMs
    if (this.#trouble === null && waitedMs > slowMs)
      this.#tellTrouble({ field: 'form', message: 'reading the state of the run takes longer than usual' })
    if (this.#trouble === null && this.#state) this.#tell(undefined, this.#watched.nowMs())
  }

  #tellTrouble(trouble: FieldError | null): void {
    if (trouble?.message === this.#trouble?.message) return
    this.#trouble = trouble
    for (const client of this.#clients.keys()) sendEvent(client, 'trouble', trouble)
  }

  async #look(): Promise<void> {
    await this.#lookAtPrinted()
    const found = await this.#reader.read()
    if (!found) return
    const { state, pieces, hasAllPieces, etags } = found
    // The code below must not contain an await, because a browser that connects during an await would get an inconsistent state.
    if (hasAllPieces) this.#beginAnew()
    for (const piece of pieces) this.#reporter.seal(piece)
    this.#reader.took(found)
    const [nowMs, changed] = [this.#watched.nowMs(), etags !== this.#etags]
    this.#state = state
    this.#etags = etags
    if (changed) this.#reporter.advance({ ...state, nowMs })
    this.#tell(changed ? this.#reporter.change() : undefined, nowMs)
  }

  /**
   * Reads the lines that the scenario has printed. The store contains printed lines only for local runs; on AWS these lines are in the logs of the
   * workers.
   */
  async #lookAtPrinted(): Promise<void> {
    const { plan, store } = this.#watched
    if (plan.backend !== 'local') return
    const stored = await store.get(keys.printed(plan.run))
    if (!stored || stored.etag === this.#printed?.etag) return
    this.#printed = { etag: stored.etag, printed: decodePrinted(stored.body) }
    for (const [client, needsWhole] of this.#clients) if (!needsWhole) this.#tellPrinted(client)
  }

  #tellPrinted(client: ServerResponse): void {
    if (this.#printed) sendEvent(client, 'printed', this.#printed.printed)
  }

  /**
   * Discards all pieces and sends the whole state to every browser. This is necessary if the store has merged several windows into one object, and
   * only some of these windows were read before.
   */
  #beginAnew(): void {
    this.#reporter = new LiveReporter(this.#watched.plan, deflateRawSync)
    for (const client of this.#clients.keys()) this.#clients.set(client, true)
  }

  #tell(change: LiveReport | undefined, nowMs: number): void {
    const isDue = nowMs - this.#toldAtMs >= factsEveryMs
    if (change || isDue) this.#toldAtMs = nowMs
    const live = isDue && this.#state ? this.#reporter.facts(nowMs, this.#state) : undefined
    for (const [client, needsWhole] of this.#clients) {
      if (client.writableLength > behindBytes) this.#clients.set(client, true)
      else if (needsWhole) this.#tellWhole(client)
      else tellNews(client, change, live)
    }
  }

  #tellWhole(client: ServerResponse): void {
    const whole = this.#reporter.whole()
    if (!whole) return
    sendEvent(client, 'whole', whole)
    this.#tellPrinted(client)
    this.#clients.set(client, false)
  }

  #end(event: 'over' | 'failed', data: unknown): void {
    this.#running = false
    for (const client of this.#clients.keys()) {
      sendEvent(client, event, data)
      client.end()
    }
    this.#clients.clear()
    this.#ended()
  }
}

function tellNews(client: ServerResponse, change: LiveReport | undefined, live: LiveFacts | undefined): void {
  if (change) sendEvent(client, 'change', change)
  else if (live) sendEvent(client, 'facts', live)
}

function problem(error: unknown): FieldError {
  if (error instanceof BurstError) return fieldError('form', error)
  return { field: 'form', message: error instanceof Error ? error.message : String(error) }
}
