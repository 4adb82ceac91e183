import { Client, type Dispatcher } from 'undici'

/** The settings of a user that sends its requests without burst. After each response, the user sends another request if `goesOn` returns true. */
interface BareUser {
  origin: string
  path: string
  headers?: Record<string, string>
  goesOn: () => boolean
  /** Called after each response. */
  counted: () => void
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #done: (status: number) => void
  #status = 0

  constructor(done: (status: number) => void) {
    this.#done = done
  }

  onRequestStart(): void {}

  onResponseStart(_: unknown, status: number): void {
    this.#status = status
  }

  onResponseData(): void {}

  onResponseEnd(): void {
    this.#done(this.#status)
  }

  onResponseError(_: unknown, error: Error): void {
    throw error
  }
}

/** Sends requests with one undici client: one connection, one request at a time, and one promise per request. */
export async function liveBare({ origin, path, headers, goesOn, counted }: BareUser): Promise<void> {
  const client = new Client(origin)
  while (goesOn()) {
    const status = await new Promise<number>((done) => {
      client.dispatch({ path, method: 'GET', ...(headers && { headers }) }, new Exchange(done))
    })
    if (status !== 200) throw new Error(`the target answered with ${status}`)
    counted()
  }
  await client.close()
}
