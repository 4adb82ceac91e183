import { useEffect, useState } from 'preact/hooks'
import type { LiveFacts, LiveReport } from '../../../core/report/live/live-report.ts'
import type { Printed } from '../../../core/report/live/printed.ts'
import type { FieldError } from '../../../core/report/live/ui-protocol.ts'
import { type RunModel, readJson, readNames } from '../../model/model.ts'
import { Refusal, ask, errorsOf } from '../calls.ts'
import { LiveModel, type LiveView } from './live-model.ts'
import { savedRun } from './reading.ts'

/** The state of the run that the page shows. */
export type RunState =
  | { kind: 'waiting'; trouble: FieldError | null }
  /** The run has ended, and the page loads its report. */
  | { kind: 'loading' }
  | ({ kind: 'live'; isCut: boolean; trouble: FieldError | null; printed: Printed } & LiveView)
  | { kind: 'saved'; model: RunModel }
  | { kind: 'failed'; errors: readonly FieldError[] }

const waiting: RunState = { kind: 'waiting', trouble: null }

/**
 * Receives the changes of a run until the run has a report, and then returns the report. If the connection is lost, the server sends the whole run
 * again over the next connection.
 */
export function useRun(run: string): RunState {
  const [state, setState] = useState<RunState>(waiting)
  useEffect(() => {
    setState(waiting)
    return follow(run, setState)
  }, [run])
  return state
}

type Set = (change: (before: RunState) => RunState) => void

function follow(run: string, set: Set): () => void {
  const following = new Following(run, set)
  return () => following.end()
}

/**
 * A connection to the server. Handles the messages of the server one after another, because each message contains only the changes since the previous
 * message.
 */
class Following {
  readonly #run: string
  readonly #set: Set
  readonly #source: EventSource
  #model = new LiveModel()
  #printed: Printed = { lines: [], before: 0 }
  #last = Promise.resolve()
  #over = false

  constructor(run: string, set: Set) {
    this.#run = run
    this.#set = set
    this.#source = new EventSource(`/api/runs/${run}/stream`)
    this.#on('whole', async (text) => {
      this.#model = new LiveModel()
      await this.#take(text)
    })
    this.#on('change', async (text) => this.#take(text))
    this.#on('facts', async (text) => {
      const live = readJson(text) as LiveFacts
      set((before) => (before.kind === 'live' ? { ...before, isCut: false, live } : before))
    })
    this.#on('printed', async (text) => {
      const printed = readJson(text) as Printed
      this.#printed = printed
      set((before) => (before.kind === 'live' ? { ...before, printed } : before))
    })
    this.#on('trouble', async (text) => {
      const trouble = readJson(text) as FieldError | null
      set((before) => (before.kind === 'live' || before.kind === 'waiting' ? { ...before, trouble } : before))
    })
    this.#on('over', async () => {
      set((before) => (before.kind === 'waiting' ? { kind: 'loading' } : before))
      await this.#showSaved()
    })
    this.#on('failed', async (text) => {
      throw new Refusal((readJson(text) as { errors: FieldError[] }).errors)
    })
    this.#source.addEventListener('error', () => this.#cut())
  }

  end(): void {
    this.#over = true
    this.#source.close()
  }

  #on(event: string, act: (text: string) => Promise<void>): void {
    this.#source.addEventListener(event, ({ data }: MessageEvent<string>) => {
      // `over` and `failed` are the last events of the server. If the page did not call `close`, the browser would connect again.
      if (event === 'over' || event === 'failed') this.#source.close()
      this.#last = this.#last
        .then(async () => (this.#over ? undefined : act(data)))
        .catch((error: unknown) => this.#fail(error))
    })
  }

  async #take(text: string): Promise<void> {
    const view = await this.#model.take(readNames(text) as LiveReport)
    this.#set(() => ({ kind: 'live', isCut: false, trouble: null, printed: this.#printed, ...view }))
  }

  async #showSaved(): Promise<void> {
    const model = await savedRun(this.#run)
    this.#set(() => ({ kind: 'saved', model }))
  }

  #fail(error: unknown): void {
    if (this.#over) return
    this.end()
    this.#set(() => ({ kind: 'failed', errors: errorsOf(error) }))
  }

  /** Handles a lost connection. The browser reconnects automatically, unless the server refused the connection. */
  #cut(): void {
    if (this.#source.readyState === EventSource.CLOSED)
      return void why(this.#run).catch((error: unknown) => this.#fail(error))
    this.#set((before) => (before.kind === 'live' ? { ...before, isCut: true } : before))
  }
}

/** Sends an ordinary request to learn why the server refused the connection, because an `EventSource` does not report the reason. */
async function why(run: string): Promise<never> {
  await ask(`/api/runs/${run}/files/report.json`)
  throw new Refusal([{ field: 'form', message: 'the connection to burst was refused; reload the page' }])
}
