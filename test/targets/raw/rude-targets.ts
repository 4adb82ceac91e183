import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import { createServer as createBareServer } from 'node:net'
import { serveParent } from '../child.ts'
import { rudeAnswers } from './rude-answers.ts'
import { ended, listening } from '../server.ts'

export interface RudeTarget {
  origin: string
  /** The origin of a second server with the same behaviour, on another port. */
  otherOrigin: string
  /**
   * Returns the number of requests for each `METHOD /path`, without the query. The requests to both origins count. A request counts when its head has
   * arrived.
   */
  counts(): Record<string, number>
  close(): Promise<void>
}

/** Starts a target that misbehaves. The first part of the path selects the behaviour from `rude-answers.ts`. */
export async function startRudeTarget(): Promise<RudeTarget> {
  const counts: Record<string, number> = {}
  let otherOrigin = ''
  const receive = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'http://rude')
    const key = `${request.method} ${url.pathname}`
    counts[key] = (counts[key] ?? 0) + 1
    const [, manner = '', ...rest] = url.pathname.split('/')
    const answer = rudeAnswers[manner]
    if (!answer) response.writeHead(404).end()
    else void answer({ request, response, rest: rest.join('/'), query: url.searchParams, otherOrigin })
  }
  const servers = [createServer(receive), createServer(receive)]
  for (const server of servers) server.keepAliveTimeout = 75_000
  const [origin = '', other = ''] = await Promise.all(servers.map((server) => listening(server)))
  otherOrigin = other
  const close = async (): Promise<void> => void (await Promise.all(servers.map(ended)))
  return { origin, otherOrigin, counts: () => ({ ...counts }), close }
}

/** Returns an origin at which a server does not listen. Connections to this origin are refused. */
export async function unusedOrigin(): Promise<string> {
  const server = createBareServer()
  const origin = await listening(server)
  await ended(server)
  return origin
}

if (import.meta.main) await serveParent(startRudeTarget)
