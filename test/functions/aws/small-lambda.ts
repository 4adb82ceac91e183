import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { ended, listening } from '../../targets/server.ts'

/** A server that accepts invocations like Lambda. */
export interface SmallLambda {
  origin: string
  invocations: { name: string; type: string; event: unknown }[]
  /** The status codes of the next answers, one for each request. */
  mishaps: number[]
  /** The greatest number of requests that were pending at the same time. */
  most: number
  connections: number
  close(): Promise<void>
}

/** @param together the number of requests that must be pending before the first requests are answered */
export async function startSmallLambda(together = 1): Promise<SmallLambda> {
  let now = 0
  const enough = Promise.withResolvers<void>()
  const server = createServer()
  const origin = await listening(server)
  const lambda: SmallLambda = {
    origin,
    invocations: [],
    mishaps: [],
    most: 0,
    connections: 0,
    close: async () => ended(server),
  }
  server.on('connection', () => lambda.connections++)
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    lambda.most = Math.max(lambda.most, ++now)
    if (now === together) enough.resolve()
    const [event] = await Promise.all([json(request), enough.promise])
    now--
    const status = lambda.mishaps.shift() ?? 202
    const name = decodeURIComponent(request.url?.split('/')[3] ?? '')
    if (status === 202) {
      lambda.invocations.push({ name, type: String(request.headers['x-amz-invocation-type']), event })
    }
    response.writeHead(status, status === 429 ? { 'x-amzn-errortype': 'TooManyRequestsException' } : {}).end('')
  }
  server.on('request', (request, response) => void answer(request, response))
  return lambda
}
