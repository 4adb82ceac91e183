import { request } from 'node:http'

/** A program that uses the server of `burst ui` without a browser. */
export class PageProgram {
  readonly #origin: URL
  readonly token: string

  /** @param address the address of the page, with the token, as `burst ui` prints it */
  constructor(address: string) {
    this.#origin = new URL(address)
    this.token = this.#origin.searchParams.get('token') ?? ''
  }

  get port(): string {
    return this.#origin.port
  }

  /** Yields the events of a run, one by one, until the run ends. */
  async *events(run: string): AsyncGenerator<{ kind: string; data: string }> {
    const headers = { authorization: `Bearer ${this.token}` }
    const { body } = await fetch(new URL(`/api/runs/${run}/stream`, this.#origin), { headers })
    const decoder = new TextDecoder()
    let text = ''
    for await (const part of body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(part, { stream: true })
      const whole = text.split('\n\n')
      text = whole.pop() ?? ''
      for (const event of whole) {
        const [, kind = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(event) ?? []
        yield { kind, data }
      }
    }
  }

  /** Does not use fetch, because fetch cannot set Host and Origin. @returns the status of the response */
  post(path: string, body: unknown, headers: Record<string, string>): Promise<number | undefined> {
    const { hostname, port } = this.#origin
    const all = { 'content-type': 'application/json', ...headers }
    return new Promise((resolve, reject) => {
      const sent = request({ host: hostname, port, method: 'POST', path, headers: all }, (answer) => {
        answer.resume()
        answer.on('end', () => resolve(answer.statusCode))
      })
      sent.on('error', reject)
      sent.end(JSON.stringify(body))
    })
  }
}
