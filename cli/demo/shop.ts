import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { keyedStream, seedOf } from '../../core/random.ts'
import { type Answer, Refusal, type Route, type Shop, routes } from './shop-routes.ts'
import { services } from './shop-services.ts'
import { type Page, makeShelves } from './shelves.ts'

/** A demo shop that accepts requests. */
export interface RunningShop {
  /** The origin of the shop, like `http://127.0.0.1:40123`. */
  origin: string
  /**
   * Returns the number of requests so far: in total, by route and by status. Requests that are not answered yet count only in the total. A route is
   * written like `GET /product/:id`; unknown routes and methods count as `other`.
   */
  counts(): ShopCounts
  /** Closes all connections and stops listening. */
  close(): Promise<void>
}

export interface ShopCounts {
  received: number
  byRoute: Record<string, number>
  byStatus: Record<string, number>
}

export interface ShopOptions {
  /** The port. The default 0 means any free port. */
  port?: number
  /** Default 127.0.0.1. */
  host?: string
  /** Determines the products, the response times and the failures of the shop. Default: `demo`. */
  seed?: string
}

/** Opens a small shop as a target, with pages, search, login, cart, checkout, a slow page and a page that sometimes fails. */
export async function startShop(options: ShopOptions = {}): Promise<RunningShop> {
  const seed = seedOf(options.seed ?? 'demo')
  const shop = makeShop(seed)
  const counts: ShopCounts = { received: 0, byRoute: {}, byStatus: {} }
  const server = createServer((request, response) => {
    void (async () => {
      const answer = await serve(shop, request, counts.received++)
      count(counts, answer)
      send(request, response, answer)
    })()
  })
  // The time after which the shop closes an idle connection. Clients close idle connections earlier, so the shop never closes a connection while a
  // client sends a request on it.
  server.keepAliveTimeout = 75_000
  const port = await listen(server, options)
  return {
    origin: `http://${options.host ?? '127.0.0.1'}:${port}`,
    counts: () => structuredClone(counts),
    close: () => close(server),
  }
}

function makeShop(seed: number): Shop {
  let calls = 0
  return {
    seed,
    shelves: makeShelves(seed),
    carts: new Map(),
    recommendationFails: () => keyedStream(seed, [calls++], 'user').chance(0.05),
  }
}

interface Served extends Answer {
  route: string
}

async function serve(shop: Shop, request: IncomingMessage, turn: number): Promise<Served> {
  const found = findRoute(request)
  const route = found.route ? `${found.route.method} ${found.route.path}` : 'other'
  try {
    if (!found.route) throw found.refusal
    const [from, to] = found.route.takesMs
    await sleep(keyedStream(shop.seed, [turn], 'wait').int(from, to))
    return { route, ...(await found.route.answer(shop, { request, url: found.url, parameter: found.parameter })) }
  } catch (cause) {
    if (cause instanceof Refusal) return { route, status: cause.status, json: { error: cause.message } }
    // The error is not a Refusal. The client therefore closed the connection before it sent the whole request, and does not read this response.
    return { route, status: 400, json: { error: 'the request ended too early' } }
  }
}

type Found = { route: Route; url: URL; parameter: string } | { route: undefined; refusal: Refusal }

function findRoute(request: IncomingMessage): Found {
  const url = URL.canParse(request.url ?? '', 'http://shop') ? new URL(request.url ?? '', 'http://shop') : undefined
  if (!url) return { route: undefined, refusal: new Refusal(400, 'the path is not valid') }
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const matches = [...routes, ...services].flatMap((route) => {
    const parameter = matchPath(route.path, url.pathname)
    return parameter === undefined ? [] : [{ route, url, parameter }]
  })
  const match = matches.find(({ route }) => route.method === method)
  if (match) return match
  const refusal = matches.length > 0 ? new Refusal(405, 'this method is not allowed') : new Refusal(404, 'no such page')
  return { route: undefined, refusal }
}

/** Returns the value of the path's parameter; '' for a path without a parameter, undefined when the path does not match. */
function matchPath(path: string, actual: string): string | undefined {
  const colon = path.indexOf(':')
  if (colon === -1) return path === actual ? '' : undefined
  const rest = actual.startsWith(path.slice(0, colon)) ? actual.slice(colon) : ''
  return rest === '' || rest.includes('/') ? undefined : rest
}

function count(counts: ShopCounts, { route, status }: Served): void {
  counts.byRoute[route] = (counts.byRoute[route] ?? 0) + 1
  counts.byStatus[status] = (counts.byStatus[status] ?? 0) + 1
}

function send(request: IncomingMessage, response: ServerResponse, answer: Answer): void {
  if (answer.events) return void sendEvents(response, answer.events)
  const { headers, body } = answer.page ? page(request, answer.page) : json(answer.json)
  // Closes the connection, because Node would parse the unread rest of a refused body as the next request.
  if (answer.status === 413) response.setHeader('connection', 'close')
  response.writeHead(answer.status, { ...headers, 'content-length': body.length, ...answer.headers })
  response.end(request.method === 'HEAD' ? undefined : body)
}

async function sendEvents(response: ServerResponse, events: readonly string[]): Promise<void> {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  for (const data of events) {
    response.write(`data: ${data}\n\n`)
    await sleep(40)
  }
  response.end()
}

interface Content {
  headers: Record<string, string>
  body: Buffer
}

function page(request: IncomingMessage, { gzip, plain }: Page): Content {
  const headers = { 'content-type': 'text/html; charset=utf-8', vary: 'accept-encoding' }
  const zipped = /\bgzip\b/.test(request.headers['accept-encoding']?.toString() ?? '')
  return zipped ? { headers: { ...headers, 'content-encoding': 'gzip' }, body: gzip } : { headers, body: plain }
}

function json(value: unknown): Content {
  return { headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(value)) }
}

function listen(server: Server, { port = 0, host = '127.0.0.1' }: ShopOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    // The backlog is large, because many users connect at the same moment. With the default of 511, some users would wait for 1 s.
    server.listen({ port, host, backlog: 4096 }, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  server.closeAllConnections()
  await closed
}

/**
 * This file is also a program: `node shop.ts [port] [seed]` opens a shop and writes the shop's origin to stdout. A forked program also sends the
 * origin to the parent process, and ends when the parent process ends.
 */
async function open(): Promise<void> {
  const [port, seed] = process.argv.slice(2)
  const shop = await startShop({ port: Number(port ?? 0), ...(seed !== undefined && { seed }) })
  if (process.send) {
    // Ignores Ctrl-C, which the terminal sends to every process of the group: the shop must still answer the last requests.
    process.on('SIGINT', () => undefined)
    process.once('disconnect', () => void shop.close())
  }
  process.stdout.write(`${JSON.stringify({ origin: shop.origin })}\n`)
  process.send?.({ origin: shop.origin })
}

if (import.meta.main) await open()
