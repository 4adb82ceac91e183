import { createHash } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { ended, listening } from '../../targets/server.ts'

/**
 * A fault that a test requests. If the fault has a status and a code, the server answers with this error and does not execute the request. If the
 * fault is `answer lost`, the server executes the request, and closes the connection without a response. If the fault is `answer stalls`, the server
 * sends half of the body, and then sends nothing more. If the fault is `answer cut`, the server sends half of the body, and then closes the
 * connection.
 */
type Mishap = { status: number; code: string } | 'answer lost' | 'answer stalls' | 'answer cut'

/**
 * An HTTP server with the part of S3 that a store needs: path-style URLs, conditional writes and listings in pages. The server also produces the
 * faults that a test requests.
 */
export interface SmallS3 {
  origin: string
  objects: Map<string, { body: string; etag: string; type: string }>
  /** The account that owns the bucket. */
  owner: string
  /** The method and the key of every received request. */
  requests: string[]
  /** The faults of the next requests, in order. */
  mishaps: Mishap[]
  close(): Promise<void>
}

const pageSize = 3

export async function startSmallS3(): Promise<SmallS3> {
  const state: Omit<SmallS3, 'origin' | 'close'> = {
    objects: new Map(),
    owner: '111122223333',
    requests: [],
    mishaps: [],
  }
  const server = createServer((request, response) => void serve(state, request, response))
  const origin = await listening(server)
  return Object.assign(state, { origin, close: async () => ended(server) })
}

type State = Omit<SmallS3, 'origin' | 'close'>
type Answer = { status: number; headers?: Record<string, string>; body?: string }

async function serve(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://s3')
  const key = decodeURIComponent(url.pathname.replace(/^\/[^/]+\/?/, ''))
  const body = await text(request)
  state.requests.push(`${request.method} ${key}`)
  const mishap = state.mishaps.shift()
  if (typeof mishap === 'object') return send(response, refusal(mishap.status, mishap.code))
  const expected = request.headers['x-amz-expected-bucket-owner']
  if (expected !== undefined && expected !== state.owner) return send(response, refusal(403, 'AccessDenied'))
  const answer = act(state, { key, body, request, url })
  if (mishap === undefined) send(response, answer)
  else if (mishap === 'answer lost') response.destroy()
  else sendHalf(response, answer, () => (mishap === 'answer cut' ? response.destroy() : undefined))
}

interface Asked {
  key: string
  body: string
  request: IncomingMessage
  url: URL
}

function act(state: State, asked: Asked): Answer {
  const { key, request, url } = asked
  const found = state.objects.get(key)
  if (request.method === 'PUT') return put(state, asked)
  if (request.method === 'DELETE') {
    state.objects.delete(key)
    return { status: 204 }
  }
  if (key === '') return list(state, url.searchParams)
  return found ? { status: 200, headers: { etag: found.etag }, body: found.body } : refusal(404, 'NoSuchKey')
}

function put(state: State, { key, body, request }: Asked): Answer {
  const found = state.objects.get(key)
  const ifMatch = request.headers['if-match']
  if (request.headers['if-none-match'] === '*' && found) return refusal(412, 'PreconditionFailed')
  if (ifMatch && found?.etag !== ifMatch) return found ? refusal(412, 'PreconditionFailed') : refusal(404, 'NoSuchKey')
  const etag = `"${createHash('md5').update(body).digest('hex')}"`
  state.objects.set(key, { body, etag, type: request.headers['content-type'] ?? '' })
  return { status: 200, headers: { etag } }
}

function list({ objects }: State, query: URLSearchParams): Answer {
  const from = query.get('continuation-token') ?? ''
  const keys = [...objects.keys()].filter((key) => key.startsWith(query.get('prefix') ?? '') && key > from).toSorted()
  const page = keys.slice(0, pageSize)
  const more = keys.length > pageSize ? `<NextContinuationToken>${page.at(-1)}</NextContinuationToken>` : ''
  const contents = page.map((key) => `<Contents><Key>${key}</Key></Contents>`).join('')
  const truncated = `<IsTruncated>${more !== ''}</IsTruncated>`
  return { status: 200, body: `<ListBucketResult>${contents}${truncated}${more}</ListBucketResult>` }
}

function refusal(status: number, code: string): Answer {
  return { status, body: `<Error><Code>${code}</Code><Message>${code}</Message></Error>` }
}

function send(response: ServerResponse, { status, headers = {}, body = '' }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/xml', ...headers }).end(body)
}

function sendHalf(response: ServerResponse, { status, headers = {}, body = '' }: Answer, then: () => void): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) })
  response.write(body.slice(0, body.length / 2), then)
}
