import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, createServer, request } from 'node:http'
import { ended, listening } from '../../targets/server.ts'
import type { Cloud } from './cloud.ts'

/** A call to S3 that the recorder forwards. */
interface S3Call {
  /** The application id of the client (`AWS_SDK_UA_APP_ID`), or empty if the client has none. */
  caller: string
  /** The method, the path and the query, e.g. `PUT /bucket/key?uploads`. */
  what: string
  /** The account that must own the bucket, or undefined if the call names no account. */
  owner: string | undefined
}

/** Forwards requests to a cloud that does not use TLS, and records the calls to S3. */
export interface Recorder {
  endpoint: string
  calls: S3Call[]
  /**
   * Buckets of other accounts. If a call to one of these buckets names an owner, the recorder denies the call, as S3 does. The emulators do not check
   * the owner in every call.
   */
  foreign: Set<string>
  close(): Promise<void>
}

export async function startRecorder({ endpoint }: Pick<Cloud, 'endpoint'>): Promise<Recorder> {
  const calls: S3Call[] = []
  const foreign = new Set<string>()
  const server = createServer((asked, answer) => {
    const call = s3Call(`${asked.method} ${asked.url}`, asked.headers)
    if (call) calls.push(call)
    if (call?.owner !== undefined && foreign.has(bucketIn(asked.url))) deny(answer)
    else pass(endpoint, asked, answer)
  })
  return { endpoint: await listening(server), calls, foreign, close: async () => ended(server) }
}

function deny(answer: ServerResponse): void {
  answer.writeHead(403, { 'content-type': 'application/xml' })
  answer.end('<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>')
}

function pass(endpoint: string, asked: IncomingMessage, answer: ServerResponse): void {
  const { method, headers, url } = asked
  const passed = request(`${endpoint}${url}`, { method, headers }, (response) => {
    answer.writeHead(response.statusCode ?? 502, response.headers)
    response.pipe(answer)
  })
  passed.once('error', () => answer.destroy())
  asked.pipe(passed)
}

/** Returns the call; undefined if its signature is for a service other than S3. */
function s3Call(what: string, headers: IncomingHttpHeaders): S3Call | undefined {
  const { searchParams } = new URL(what.split(' ')[1] ?? '/', 'http://cloud')
  // A signed link contains the values of these headers in its query.
  const said = (header: string, inQuery = header): string | undefined =>
    [headers[header]].flat()[0] ?? searchParams.get(inQuery) ?? undefined
  if (!said('authorization', 'X-Amz-Credential')?.includes('/s3/aws4_request')) return undefined
  const [, caller = ''] = /\bapp\/(\S+)/.exec(said('user-agent') ?? '') ?? []
  return { caller, what, owner: said('x-amz-expected-bucket-owner') }
}

function bucketIn(path = '/'): string {
  return new URL(path, 'http://cloud').pathname.split('/')[1] ?? ''
}
