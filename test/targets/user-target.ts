import { createServer } from 'node:http'
import { ended, listening } from './server.ts'

export interface UserRequest {
  /** The time of arrival in milliseconds, from `performance.now()` of the target. */
  atMs: number
  /** The method, the path with its query, the body and the cookies, in one line. */
  line: string
  /** The id of the process that sent the request, from the header `x-pid`. */
  pid: number
  /** The port of the connection on the client's side. */
  port: number
  /** The time at which the target began to answer, on the clock of `atMs`; infinite until the answer begins. */
  answeredMs: number
}

/**
 * Keeps the requests of each user (header `x-user`), and gives the user a cookie at `/login`. Answers `/slow` after 400 ms and `/slow/MS` after MS
 * milliseconds. Does not answer `/hang`.
 */
export interface UserTarget {
  origin: string
  /** The requests of each user, in the order of arrival. */
  byUser: Map<string, UserRequest[]>
  /** The target does not answer the requests of these users. */
  unanswered: Set<string>
  close(): Promise<void>
}

export async function startUserTarget(): Promise<UserTarget> {
  const byUser: UserTarget['byUser'] = new Map()
  const unanswered = new Set<string>()
  const server = createServer((request, response) => {
    const user = String(request.headers['x-user'] ?? '')
    const mine = byUser.get(user) ?? []
    byUser.set(user, mine)
    const [atMs, { method, url = '', headers }] = [performance.now(), request]
    const port = request.socket.remotePort ?? 0
    const entry = { atMs, line: '', pid: Number(headers['x-pid'] ?? 0), port, answeredMs: Number.POSITIVE_INFINITY }
    mine.push(entry)
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      entry.line = `${method} ${url} ${body} ${headers.cookie ?? '-'}`
      if (url === '/login') response.setHeader('set-cookie', `sid=${user}`)
      const answer = (): void => {
        if (unanswered.has(user) || url.startsWith('/hang')) return
        entry.answeredMs = performance.now()
        response.end('{}')
      }
      const [slow, ms = 400] = /^\/slow(?:\/(\d+))?/.exec(url) ?? []
      setTimeout(answer, slow === undefined ? 0 : Number(ms))
    })
  })
  const origin = await listening(server)
  return { origin, byUser, unanswered, close: () => ended(server) }
}

/** Starts targets for concurrent tests. `close` closes all targets that were started, and must be called after the last test. */
export function userTargets(): { start: () => Promise<UserTarget>; close: () => Promise<void> } {
  const started: UserTarget[] = []
  return {
    start: async () => {
      const target = await startUserTarget()
      started.push(target)
      return target
    },
    close: async () => void (await Promise.all(started.splice(0).map((target) => target.close()))),
  }
}
