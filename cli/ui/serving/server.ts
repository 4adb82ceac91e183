import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BurstError, invalidInput } from '../../../core/errors.ts'
import { jsonBodyOf, send, sendProblem } from './answers.ts'
import { Guard, isEverywhere } from './guard.ts'
import { type Call, type Route, callFor } from './routes.ts'
import { type Shell, readShell } from './page-shell.ts'

export interface UiOptions {
  /** The first port to try; 0 means any free port. */
  port: number
  /** `true` to try the next 20 ports if this port is in use. */
  mayUseNextPort: boolean
  host: string
}

/** The server of the page while it listens. */
export interface UiServer {
  /** Returns the URL of a page such as `/runs/<run>`, with the token. Anyone with the token may start and stop runs. */
  address(path?: string): string
  port: number
  /** Returns true if a browser waits for an answer or receives events of a run. */
  isWatched(): boolean
  close(): Promise<void>
}

/** If the first port is in use and `mayUseNextPort` is true, burst tries this many further ports. */
const portsTried = 20

/**
 * Serves the page and its API.
 * @throws BurstError (97) when burst cannot listen on a port, (104) when `host` is not an address of this machine
 */
export async function serveUi({ port, mayUseNextPort, host }: UiOptions, routes: readonly Route[]): Promise<UiServer> {
  const guard = new Guard(host)
  const shell = await readShell()
  const watching = new Set<ServerResponse>()
  const server = createServer((request, response) => {
    watching.add(response)
    response.once('close', () => watching.delete(response))
    answer({ guard, shell, routes }, request, response).catch((error: unknown) => sendProblem(response, error))
  })
  const found = await listen(server, { host, first: port, last: mayUseNextPort && port > 0 ? port + portsTried : port })
  guard.listensOn(found)
  const name = isEverywhere(host) || host === '127.0.0.1' ? 'localhost' : host.includes(':') ? `[${host}]` : host
  return {
    address: (path = '/') => `http://${name}:${found}${path}?token=${guard.token}`,
    port: found,
    isWatched: () => watching.size > 0,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

async function listen(
  server: Server,
  { host, first, last }: { host: string; first: number; last: number },
): Promise<number> {
  for (let port = first; ; port++) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen({ port, host }, () => {
          server.off('error', reject)
          resolve()
        })
      })
      return (server.address() as AddressInfo).port
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw unlistenable(error, host, port)
      if (port === last) throw portTaken(port, first)
    }
  }
}

function unlistenable(cause: unknown, host: string, port: number): BurstError {
  const { code = '', message } = cause as NodeJS.ErrnoException
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return invalidInput(`--ui-host ${host} is not an address of this machine`, { cause })
  return new BurstError('runFailed', `the page cannot be served on ${host}:${port}: ${message}`, { cause })
}

function portTaken(port: number, first: number): BurstError {
  const which = port === first ? `port ${port} is already in use` : `ports ${first} to ${port} are in use`
  return new BurstError('runFailed', which, { hint: 'use another port with --ui-port; 0 uses any free port' })
}

interface Serving {
  guard: Guard
  shell: Shell
  routes: readonly Route[]
}

async function answer(serving: Serving, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const wrongHost = serving.guard.refusalOfHost(request)
  if (wrongHost) return refuse(response, wrongHost.status, wrongHost.message)
  const url = URL.parse(request.url ?? '/', 'http://ui')
  if (!url) return refuse(response, 400, 'the address is not valid')
  const isCall = url.pathname.startsWith('/api/') || url.pathname === '/metrics'
  if (!isCall) return sendPage(serving, url, request, response)
  await answerCall(serving, url, request, response)
}

async function answerCall(
  { guard, routes }: Serving,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refusal = guard.refusal(request)
  if (refusal) return refuse(response, refusal.status, refusal.message)
  const found = callFor(routes, request.method ?? 'GET', url.pathname)
  if (!found) return refuse(response, 404, 'there is no such page')
  const call: Call = {
    ...found.call,
    request,
    response,
    body: request.method === 'POST' ? await jsonBodyOf(request) : undefined,
  }
  await found.route.answer(call)
}

function refuse(response: ServerResponse, status: number, message: string): void {
  // Closes the connection. A connection cannot be used again if the body of its request was not read.
  send(response, status, JSON.stringify({ errors: [{ field: 'form', message }] }), {
    'content-type': 'application/json; charset=utf-8',
    connection: 'close',
  })
}

/**
 * Sends the page. The HTML itself does not contain data of runs. If the address contains the token, sends a cookie with the token instead, and
 * redirects the browser to the address without the token.
 */
function sendPage({ guard, shell }: Serving, url: URL, request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return refuse(response, 405, 'pages can only be read: use GET')
  if (!/^\/(?:runs\/[\w.-]+|compare\/[\w.-]+\/[\w.-]+)?$/.test(url.pathname))
    return refuse(response, 404, 'there is no such page')
  if (guard.isToken(url.searchParams.get('token'))) {
    const cookie = `${guard.cookie}=${guard.token}; HttpOnly; SameSite=Strict; Path=/`
    return send(response, 303, '', { location: url.pathname, 'set-cookie': cookie })
  }
  if (!guard.hasToken(request)) {
    return send(
      response,
      403,
      'Open the address that burst ui printed. This address ends with a token, which this page needs.\n',
    )
  }
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': shell.policy }
  send(response, 200, request.method === 'HEAD' ? '' : shell.html, headers)
}
