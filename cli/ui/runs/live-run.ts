import type { ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { deflateRawSync } from 'node:zlib'
import { BurstError } from '../../../core/errors.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { type LiveFacts, type LiveReport, LiveReporter, type LiveState } from '../../../core/report/live/live-report.ts'
import type { Store } from '../../../functions/ports.ts'
import type { FieldError } from '../../../core/report/live/ui-protocol.ts'
import { ProgressReader } from '../../run/progress.ts'
import { fieldError, openEvents, sendEvent } from '../serving/answers.ts'

/** A run in progress, here or elsewhere, as the page needs it. */
export interface WatchedRun {
  plan: RunPlan
  store: Store
  nowMs(): number
  /** How often its store is looked at, milliseconds. */
  everyMs: number
  /** Reads may fail for so long before the run is given up, milliseconds. */
  patienceMs: number
  /** Whether the next read may be well after this error. */
  isPassing(error: unknown): boolean
  /** An error of the store in the sentence of the terminal. */
  inWords(error: unknown): unknown
  /** `over`: its report is there. An error: there will be none. Undefined during the run. */
  ending(): Promise<'over' | BurstError | undefined>
}

/** The longest time between two messages of the state, milliseconds. */
const factsEveryMs = 900
/** A read that takes longer is said, milliseconds. */
const slowMs = 8000
/** A browser with this many unread bytes gets the whole state again once it has read them. */
const behindBytes = 4_000_000

/** Sends the progress of a run to browsers as server-sent events. The store is read while a browser listens; each sealed window once. */
export class LiveRun {
  readonly #watched: WatchedRun
  readonly #ended: () => void
  #reporter: LiveReporter
  /** The browsers that listen; true: it needs the whole. */
  readonly #clients = new Map<ServerResponse, boolean>()
  readonly #reader: ProgressReader
  #state: Omit<LiveState, 'nowMs'> | undefined
  #etags = ''
  #toldAtMs = 0
  #running = false
  /** When the run was last read, by the monotonic clock. */
  #wellAtMs = 0
  /** Why what is shown may be old; null while all is well. */
  #trouble: FieldError | null = null

  /** @param ended called when the run is over, or given up */
  constructor(watched: WatchedRun, ended: () => void) {
    this.#watched = watched
    this.#ended = ended
    this.#reporter = new LiveReporter(watched.plan, deflateRawSync)
    this.#reader = new ProgressReader(watched.store, watched.plan)
  }

  /** Tells a browser from here on until the run is over or the browser has left. */
  join(response: ServerResponse): void {
    // It may have left while the run was looked for; its 'close' has passed then, and it would be told until the end of the run.
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

  /** @throws BurstError when there will be no report */
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
   * Reads the run once. What fails for a moment is said, and tried again by the next read.
   * @throws what gives the run up
   */
  async #tried<T>(read: () => Promise<T>): Promise<T | undefined> {
    try {
      const found = await read()
      this.#wellAtMs = performance.now()
      this.#tellTrouble(null)
      return found
    } catch (error) {
      const watched = this.#watched
      const isPassing = watched.isPassing(error) && performance.now() - this.#wellAtMs < watched.patienceMs
      if (!isPassing) throw watched.inWords(error)
      this.#tellTrouble(problem(watched.inWords(error)))
      return undefined
    }
  }

  /** Between two reads, the clock of the run continues and a slow read is reported. */
  #tick(): void {
    const waitedMs = performance.now() - this.#wellAtMs
    if (this.#trouble === null && waitedMs > slowMs)
      this.#tellTrouble({ field: 'form', message: 'the figures of the run take longer to read than usual' })
    if (this.#trouble === null && this.#state) this.#tell(undefined, this.#watched.nowMs())
  }

  #tellTrouble(trouble: FieldError | null): void {
    if (trouble?.message === this.#trouble?.message) return
    this.#trouble = trouble
    for (const client of this.#clients.keys()) sendEvent(client, 'trouble', trouble)
  }

  async #look(): Promise<void> {
    const found = await this.#reader.read()
    if (!found) return
    const { state, pieces, anew, etags } = found
    // This runs without an await, so a browser that joins gets a consistent state.
    if (anew) this.#beginAnew()
    for (const piece of pieces) this.#reporter.seal(piece)
    this.#reader.took(found)
    const [nowMs, changed] = [this.#watched.nowMs(), etags !== this.#etags]
    this.#state = state
    this.#etags = etags
    if (changed) this.#reporter.advance({ ...state, nowMs })
    this.#tell(changed ? this.#reporter.change() : undefined, nowMs)
  }

  /** While no browser listened, windows of which a part was read were put together. */
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
