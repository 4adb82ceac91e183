import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import { BurstError, invalidInput } from '../../../core/errors.ts'
import { metricFamilies } from '../../../core/report/metrics/families.ts'
import type { Measured } from '../../../core/report/metrics/measured.ts'
import { prometheusText, prometheusType } from '../../../core/report/metrics/prometheus-text.ts'
import type { Report } from '../../../core/report/report.ts'
import { span } from '../../../core/words.ts'
import { onStopSignals } from '../../ending/signals.ts'
import type { RunObserver } from '../observer.ts'
import { RunMeter } from './run-meter.ts'

/** The address at which the metrics are served. */
export interface MetricsPlace {
  host: string
  /** The port; 0 means any free port. */
  port: number
}

/** The maximum time in milliseconds to wait for the last scrape. It equals the default scrape interval of Prometheus. */
const longestWaitMs = 60_000

/**
 * Parses the value of `--prometheus`: a port, such as `9464`, or a host and a port, such as `0.0.0.0:9464` or `[::1]:9464`. The default host is
 * 127.0.0.1.
 * @throws BurstError (104) for any other value
 */
export function metricsPlace(text: string): MetricsPlace {
  const [, v6, name, digits = ''] = /^(?:(?:\[([\da-fA-F:.]+)\]|([\w.-]+)):)?(\d{1,5})$/.exec(text) ?? []
  const port = digits === '' ? Number.NaN : Number(digits)
  if (port <= 65_535) return { host: v6 ?? name ?? '127.0.0.1', port }
  throw invalidInput(`--prometheus is ${JSON.stringify(text)}`, {
    hint: 'use a port from 0 to 65535, like --prometheus 9464, or an address with a port, like --prometheus 0.0.0.0:9464',
  })
}

/**
 * Serves `/metrics` to Prometheus during a run.
 * @throws BurstError (97) when the port cannot be used, (104) when the address is not an address of this machine
 */
export async function serveMetrics(place: MetricsPlace, say: (line: string) => void): Promise<RunObserver> {
  const endpoint = new MetricsEndpoint(place, say)
  await endpoint.listen()
  return endpoint
}

interface Refusal {
  status: number
  message: string
}

class MetricsEndpoint implements RunObserver {
  readonly #place: MetricsPlace
  readonly #say: (line: string) => void
  readonly #server: Server
  readonly #fetchedLast = Promise.withResolvers<void>()
  #meter: RunMeter | undefined
  #last: Measured | undefined
  /** The times of the last two scrapes, in milliseconds of the monotonic clock. */
  #scrapes: number[] = []

  constructor(place: MetricsPlace, say: (line: string) => void) {
    this.#place = place
    this.#say = say
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        refuse(
          response,
          503,
          `the metrics cannot be read now: ${error instanceof Error ? error.message : String(error)}`,
        )
      })
    })
  }

  async listen(): Promise<void> {
    const { host, port } = this.#place
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => reject(unlistenable(error, this.#place)))
      this.#server.listen({ host, port }, resolve)
    })
    const { port: found } = this.#server.address() as AddressInfo
    this.#say(`metrics  http://${isIP(host) === 6 ? `[${host}]` : host}:${found}/metrics`)
  }

  began(run: ConstructorParameters<typeof RunMeter>[0]): void {
    this.#meter = new RunMeter(run)
  }

  /** Waits until Prometheus has scraped the final counts. A time limit or Ctrl-C ends the wait. */
  async ended(report: Report): Promise<void> {
    this.#last = this.#meter?.atEnd(report)
    const waitMs = this.#waitMs()
    const over = Promise.withResolvers<void>()
    const timer = setTimeout(over.resolve, waitMs)
    const release = onStopSignals(() => over.resolve())
    this.#say(`metrics: the last counts can be scraped for up to ${span(waitMs)}; Ctrl-C ends the wait`)
    await Promise.race([this.#fetchedLast.promise, over.promise])
    clearTimeout(timer)
    release()
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }

  /**
   * Returns the time in milliseconds to wait for a last scrape. One scrape may fail, so the wait is twice the time between the last two scrapes, but
   * at least 2 s and at most `longestWaitMs`. After fewer than two scrapes, the wait is `longestWaitMs`.
   */
  #waitMs(): number {
    const [before, last] = this.#scrapes
    if (before === undefined || last === undefined) return longestWaitMs
    return Math.min(longestWaitMs, Math.max(2000, Math.ceil(2 * (last - before))))
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = refusalOf(request, this.#place)
    if (refusal) return refuse(response, refusal.status, refusal.message)
    this.#scrapes = [...this.#scrapes.slice(-1), performance.now()]
    const measured = this.#last ?? (await this.#meter?.measure())
    if (measured?.finished) response.once('finish', () => this.#fetchedLast.resolve())
    sendMetrics(response, measured ? [measured] : [])
  }
}

/** Sends the metrics of `runs` in Prometheus' text format. */
export function sendMetrics(response: ServerResponse, runs: readonly Measured[]): void {
  response.writeHead(200, { 'content-type': prometheusType, 'cache-control': 'no-store' })
  response.end(prometheusText(metricFamilies(runs)))
}

function refusalOf({ method, url = '', headers }: IncomingMessage, { host }: MetricsPlace): Refusal | undefined {
  if (isLoopback(host) && !isLoopback(nameIn(headers.host ?? '')))
    return { status: 421, message: 'this server does not accept that host name' }
  if (method !== 'GET') return { status: 405, message: 'the metrics can only be read: use GET' }
  if (url.split('?')[0] !== '/metrics') return { status: 404, message: 'the metrics are at /metrics' }
  return undefined
}

/**
 * Returns the name in the `Host` header, without the port. A server on a loopback address accepts only loopback names. Otherwise, another site could
 * point its host name to this server, and a page of that site could read the metrics.
 */
function nameIn(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1')
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d+){3}$/.test(host)
}

function refuse(response: ServerResponse, status: number, message: string): void {
  if (response.headersSent) return void response.destroy()
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
  response.end(`${message}\n`)
}

function unlistenable(cause: NodeJS.ErrnoException, { host, port }: MetricsPlace): BurstError {
  const { code = '', message } = cause
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return invalidInput(`--prometheus ${host}:${port} is not an address of this machine`, { cause })
  const why = code === 'EADDRINUSE' ? `port ${port} is already in use` : message
  return new BurstError('runFailed', `the metrics cannot be served on ${host}:${port}: ${why}`, {
    cause,
    hint: 'use another port with --prometheus; 0 uses any free port',
  })
}
