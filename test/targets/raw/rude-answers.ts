import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'

interface Scene {
  request: IncomingMessage
  response: ServerResponse
  /** The rest of the path after its first part; may be `''`. */
  rest: string
  query: URLSearchParams
  /** The origin of a second server with the same behaviour, on another port. */
  otherOrigin: string
}

export type RudeAnswer = (scene: Scene) => void | Promise<void>

/** The content of the encoded bodies after decoding. */
const encodedText = `{"word":"plain","padding":"${'burst '.repeat(200)}"}`

const encodings: Record<string, { header: string; body: () => Buffer }> = {
  gzip: { header: 'gzip', body: () => gzipSync(encodedText) },
  deflate: { header: 'deflate', body: () => deflateSync(encodedText) },
  'deflate-raw': { header: 'deflate', body: () => deflateRawSync(encodedText) },
  br: { header: 'br', body: () => brotliCompressSync(encodedText) },
  zstd: { header: 'zstd', body: () => zstdCompressSync(encodedText) },
  twice: { header: 'gzip, br', body: () => brotliCompressSync(gzipSync(encodedText)) },
  unknown: { header: 'rot13', body: () => Buffer.from(encodedText) },
  broken: { header: 'gzip', body: () => Buffer.from('this is not gzip') },
  truncated: { header: 'gzip', body: () => gzipSync(encodedText).subarray(0, 30) },
}

const chunk = Buffer.alloc(256 * 1024, 'x')
/** 100 MB. */
const hugeBytes = 100_000_000

export const rudeAnswers: Record<string, RudeAnswer> = {
  half: (scene) => begin(scene, 1000, () => scene.request.socket.end()),
  'half-reset': (scene) => begin(scene, 1000, () => scene.request.socket.resetAndDestroy()),
  'half-silent': (scene) => begin(scene, 1000, () => undefined),
  close: ({ request }) => void request.socket.end(),
  reset: ({ request }) => void request.socket.resetAndDestroy(),
  silent: () => undefined,
  garbage: ({ request }) => void request.socket.end('\u0001\u0002 no HTTP at all\r\n\r\n'),
  'wrong-length': ({ request }) => void request.socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nfar too long'),
  'no-length': ({ request }) => void request.socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end'),
  'early-hints': ({ request }) =>
    void request.socket.write('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
  'huge-headers': ({ response }) => void response.writeHead(200, { 'x-long': 'x'.repeat(200_000) }).end('ok'),
  huge,
  drip,
  closing: ({ response }) => void response.writeHead(200, { connection: 'close' }).end('ok'),
  /**
   * Closes the connection after the answer. The answer does not announce this close. A server with a short keep-alive timeout behaves in the same
   * way.
   */
  'closing-silently': ({ request }) =>
    void request.socket.end('HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok'),
  'broken-json': ({ response }) => json(response, '{"token": "abc'),
  'wrong-json': ({ response }) => json(response, '{"token": 7}'),
  'html-instead': ({ response }) =>
    void response.writeHead(200, { 'content-type': 'text/html' }).end('<script>alert(1)</script>'),
  status: ({ response, rest }) => void response.writeHead(Number(rest)).end(),
  encoded,
  redirect,
  loop: ({ response }) => go(response, 302, '/loop'),
  'no-location': ({ response }) => void response.writeHead(302).end(),
  'bad-location': ({ response }) => go(response, 302, 'http://'),
  cross: ({ response, otherOrigin, query }) => go(response, Number(query.get('status') ?? 302), `${otherOrigin}/echo`),
  to: ({ response, query }) => go(response, Number(query.get('status') ?? 302), query.get('location') ?? '/echo'),
  echo,
  cookies,
}

/** Sends the head of an answer whose body has `length` bytes, and then the first 100 bytes of the body. Calls `then` 5 ms later. */
function begin({ response }: Scene, length: number, then: () => void): void {
  response.writeHead(200, { 'content-length': length })
  response.write('x'.repeat(100), () => setTimeout(then, 5))
}

function json(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
  response.end(body)
}

function go(response: ServerResponse, status: number, location: string): void {
  response.writeHead(status, { location, 'content-length': 0 }).end()
}

async function huge({ response, rest }: Scene): Promise<void> {
  const total = rest === '' ? hugeBytes : Number(rest)
  response.writeHead(200, { 'content-length': total })
  for (let sent = 0; sent < total && !response.destroyed; sent += chunk.length) {
    const more = response.write(chunk.subarray(0, Math.min(chunk.length, total - sent)))
    if (!more) await drained(response)
  }
  response.end()
}

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const on = (): void => {
      response.off('drain', on).off('close', on)
      resolve()
    }
    response.on('drain', on).on('close', on)
  })
}

/** Sends a byte every 50 ms, as long as the client stays connected. */
async function drip({ response }: Scene): Promise<void> {
  response.writeHead(200, { 'content-length': 10_000 })
  while (!response.destroyed) {
    response.write('x')
    await sleep(50)
  }
}

function encoded({ response, rest }: Scene): void {
  const encoding = encodings[rest]
  const body = encoding?.body() ?? Buffer.from(encodedText)
  response.writeHead(200, {
    'content-type': 'application/json',
    'content-length': body.length,
    ...(encoding && { 'content-encoding': encoding.header }),
  })
  response.end(body)
}

/**
 * Answers `/redirect/3` with a redirect to `/redirect/2`, and so on until `/redirect/0`, which gets the status 200. A request for `/redirect/3`
 * therefore has four exchanges.
 */
function redirect({ response, rest, query }: Scene): void {
  const left = Number(rest)
  if (left > 0) go(response, Number(query.get('status') ?? 302), `/redirect/${left - 1}`)
  else json(response, '{"arrived":true}')
}

/** Answers with the method, URL, headers and body of the request. */
async function echo({ request, response }: Scene): Promise<void> {
  const { method, url, headers } = request
  json(response, JSON.stringify({ method, url, headers, body: await text(request) }))
}

/**
 * Sets several cookies at `/cookies/set`, returns the received cookies at `/cookies/show` and `/cookies/deep/show`, and deletes a cookie at
 * `/cookies/clear`.
 */
function cookies({ request, response, rest }: Scene): void {
  const past = 'Expires=Thu, 01 Jan 1970 00:00:00 GMT'
  if (rest === 'set') {
    response.setHeader('set-cookie', [
      'everywhere=1; Path=/',
      'deep=1; Path=/cookies/deep',
      'soon=1; Path=/; Max-Age=1',
      `past=1; Path=/; ${past}`,
      'secure=1; Path=/; Secure',
      'elsewhere=1; Path=/; Domain=example.com',
      'hidden=1; Path=/; HttpOnly; SameSite=Strict',
    ])
  }
  if (rest === 'clear') response.setHeader('set-cookie', `everywhere=; Path=/; ${past}`)
  const names = (request.headers.cookie ?? '').split(/; */).filter((pair) => pair !== '')
  json(
    response,
    JSON.stringify({ cookies: names.map((pair) => pair.replace(/=.*/, '')).toSorted((a, b) => a.localeCompare(b)) }),
  )
}
