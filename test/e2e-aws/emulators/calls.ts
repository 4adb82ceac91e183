import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import type { Cloud } from './cloud.ts'

/** An API call that MiniStack executed. */
export interface Call {
  /** The application id of the client (`AWS_SDK_UA_APP_ID`), or empty if the client has none. */
  caller: string
  /** The action in IAM's spelling, e.g. `s3:GetObject`. */
  action: string
  /** The ARN of the resource that was called. */
  resource: string
}

interface TrailEvent {
  EventId: string
  /** The time of the call, in epoch seconds. */
  EventTime: number
  EventName: string
  EventSource: string
  Resources: { ResourceName: string }[]
  /** The details of the call as JSON. */
  CloudTrailEvent: string
}

/** Starts the recording of calls in MiniStack's CloudTrail. Denied calls are not recorded. */
export async function recordCalls(cloud: Cloud): Promise<void> {
  await post(cloud, '/_ministack/config', { body: { 'cloudtrail._recording_enabled': 'true' } })
}

/** Returns all recorded calls. CloudTrail returns at most 50 calls at a time, the newest call first. */
export async function recordedCalls(cloud: Cloud): Promise<Call[]> {
  const found = new Map<string, TrailEvent>()
  for (let EndTime: number | undefined; ;) {
    const { Events } = (await post(cloud, '/', { headers: lookUp, body: { EndTime } })) as { Events: TrailEvent[] }
    const before = found.size
    for (const event of Events) found.set(event.EventId, event)
    if (found.size === before) return [...found.values()].map(callOf)
    EndTime = Events.at(-1)?.EventTime
  }
}

/** The signature is not real: MiniStack does not check the signature of the root key. */
const lookUp = {
  'x-amz-target': 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents',
  'content-type': 'application/x-amz-json-1.1',
  authorization:
    'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cloudtrail/aws4_request, SignedHeaders=host, Signature=none',
}

function callOf({ EventName, EventSource, Resources, CloudTrailEvent }: TrailEvent): Call {
  const { userAgent, requestParameters } = JSON.parse(CloudTrailEvent) as Details
  const [service = ''] = EventSource.split('.')
  const caller = /\bapp\/(\S+)/.exec(userAgent)?.[1] ?? ''
  const names = Resources.map(({ ResourceName }) => ResourceName)
  return { caller, ...(readers[service]?.(EventName, names, requestParameters) ?? { action: EventName, resource: '' }) }
}

interface Details {
  userAgent: string
  requestParameters: Record<string, string>
}

type Reader = (name: string, resources: string[], parameters: Record<string, string>) => Omit<Call, 'caller'>

const readers: Record<string, Reader> = {
  s3: (name, resources) => ({
    action: `s3:${name === 'ListObjects' ? 'ListBucket' : name}`,
    resource: `arn:aws:s3:::${decodeURIComponent(resources.join('/'))}`,
  }),
  lambda: (name, [resource = '']) => ({
    action: `lambda:${name === 'Invoke' ? 'InvokeFunction' : name}`,
    resource: `arn:aws:lambda:us-east-1:000000000000:function:${resource}`,
  }),
  // A batch call needs the same permission as the call for one message.
  sqs: (name, _, { QueueUrl = '' }) => ({
    action: `sqs:${name.replace(/Batch$/, '')}`,
    resource: `arn:aws:sqs:us-east-1:000000000000:${QueueUrl.split('/').at(-1)}`,
  }),
  sts: (_, __, { Action = '', RoleArn = '' }) => ({ action: `sts:${Action}`, resource: RoleArn }),
}

function post(
  { endpoint, certificate }: Cloud,
  path: string,
  { headers = {}, body }: { headers?: Record<string, string>; body: unknown },
): Promise<unknown> {
  const ca = certificate && readFileSync(certificate)
  return new Promise((resolve, reject) => {
    const asked = request(`${endpoint}${path}`, { method: 'POST', headers, ca }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        if (response.statusCode === 200) resolve(JSON.parse(text))
        else reject(new Error(`${path} answered ${response.statusCode}: ${text}`))
      })
    })
    asked.on('error', reject)
    asked.end(JSON.stringify(body))
  })
}
