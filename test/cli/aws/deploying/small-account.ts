import { type IncomingMessage, createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { ended, listening } from '../../../targets/server.ts'

const account = '111122223333'
const id = `arn:aws:cloudformation:eu-west-1:${account}:stack/burst/1`
export const runsBucket = 'burst-runs'
export const codeBucket = `burst-assets-${account}-eu-west-1-0123456789ab`

/** What the account contains and how it behaves. */
export interface Given {
  /**
   * The states of the stack. Each call that asks for the state gets the next state in this list. After the end of the list, every call gets the last
   * state. Empty: the account has no stack.
   */
  states?: string[]
  /** The reason that CloudFormation gives for the state. */
  reason?: string
  /** The settings that the stack reports. Default: the stack does not report its settings. */
  settings?: object
  /** The template of the stack. Default: a template without resources. */
  template?: object
  /** Matches the calls that AWS denies. Default: none. */
  denied?: RegExp
  /**
   * The Lambda concurrency that AWS reports. Without this field, AWS reports none. `limit`: the concurrency of the account, which is also reported as
   * unreserved. `reserved`: the concurrency that is reserved for the workers.
   */
  concurrency?: { limit: number; reserved?: number }
}

/** A simulated AWS account with at most one stack and its two buckets. A real HTTP server answers the calls. */
export interface SmallAccount {
  endpoint: string
  /**
   * The received calls in order: actions of CloudFormation and STS, and requests to S3 and Lambda. For a call of `DescribeStacks`, the list contains
   * the state of the stack in place of the action.
   */
  calls: string[]
  /** The body of the last call of each action. */
  bodies: Map<string, URLSearchParams>
  close(): Promise<void>
}

export async function startSmallAccount({
  states = [],
  reason = '',
  settings,
  template = {},
  denied,
  concurrency,
}: Given): Promise<SmallAccount> {
  const [calls, bodies] = [[] as string[], new Map<string, URLSearchParams>()]
  const left = states.slice()
  const stackNow = (): string => {
    const state = left.length > 1 ? left.shift() : left[0]
    if (state === undefined) return '<Stacks></Stacks>'
    calls.push(state)
    return `<Stacks>${stackIn(state, reason, settings)}</Stacks>`
  }
  const answers: Record<string, () => string> = {
    GetCallerIdentity: () => `<Account>${account}</Account><Arn>arn:aws:iam::${account}:user/me</Arn>`,
    DescribeStacks: stackNow,
    GetTemplate: () => `<TemplateBody>${escaped(JSON.stringify({ Resources: {}, ...template }))}</TemplateBody>`,
    UpdateStack: () => `<StackId>${id}</StackId>`,
    DeleteStack: () => '',
  }
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const parameters = new URLSearchParams(body)
      const action = parameters.get('Action') ?? s3Call(request)
      if (action !== 'DescribeStacks') calls.push(action)
      bodies.set(action, parameters)
      const isDenied = denied?.test(action)
      const answer = inEnvelope(action, answers[action]?.()) ?? restAnswer(concurrency, request.url)
      response.writeHead(isDenied ? 403 : 200, { 'content-type': 'text/xml' })
      response.end(isDenied ? refusal : answer)
    })
  })
  return { endpoint: await listening(server), calls, bodies, close: async () => ended(server) }
}

function restAnswer(concurrency: Parameters<typeof lambdaAnswer>[0], url: string | undefined): string {
  return lambdaAnswer(concurrency, url) ?? s3Answer(url)
}

function inEnvelope(action: string, answer: string | undefined): string | undefined {
  return answer === undefined
    ? undefined
    : `<${action}Response><${action}Result>${answer}</${action}Result></${action}Response>`
}

const refusal = '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>'

function stackIn(state: string, reason: string, settings: object | undefined): string {
  const outputs: Record<string, string> = {
    BucketName: runsBucket,
    QueueUrl: 'q',
    DeadLetterQueueUrl: 'd',
    FailuresQueueUrl: 'f',
    CoordinatorFunction: 'burst-coordinator',
    WorkerFunction: 'burst-worker',
    MergeFunction: 'burst-merge',
    FinaliseFunction: 'burst-finalise',
    Build: 'b1',
    Allow: 'shop.example.com',
    Version: '1',
    AssetBucket: codeBucket,
    ...(settings && { Settings: JSON.stringify(settings) }),
  }
  const rows = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${escaped(value)}</OutputValue></member>`,
  )
  return `<member><StackId>${id}</StackId><StackName>burst</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${state}</StackStatus><StackStatusReason>${escaped(reason)}</StackStatusReason><Outputs>${rows.join('')}</Outputs></member>`
}

/** Returns the method, the path, and the operation in the query: `POST /burst-runs?delete`, `GET /burst-runs?list`. */
function s3Call({ method, url = '/' }: IncomingMessage): string {
  const { pathname, searchParams } = new URL(url, 'http://s3')
  const operation = searchParams.has('delete') ? '?delete' : searchParams.has('list-type') ? '?list' : ''
  return `${method} ${pathname.replace(/\/$/, '')}${operation}`
}

/** Returns the answer to a call that reads the concurrency; undefined for all other calls. */
function lambdaAnswer(concurrency: Given['concurrency'], url = '/'): string | undefined {
  if (!concurrency) return undefined
  const { limit, reserved } = concurrency
  if (url.includes('account-settings'))
    return JSON.stringify({ AccountLimit: { ConcurrentExecutions: limit, UnreservedConcurrentExecutions: limit } })
  return url.endsWith('/concurrency') ? JSON.stringify({ ReservedConcurrentExecutions: reserved }) : undefined
}

function s3Answer(url = '/'): string {
  const { searchParams } = new URL(url, 'http://s3')
  if (searchParams.has('delete')) return '<DeleteResult></DeleteResult>'
  if (!searchParams.has('list-type')) return ''
  // The list of active runs is empty, so no run is in progress.
  const isActive = searchParams.get('prefix') === 'active/'
  return `<ListBucketResult>${isActive ? '' : '<Contents><Key>runs/r1/report.json</Key></Contents>'}</ListBucketResult>`
}

function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
