import { createHash } from 'node:crypto'
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import { ended, listening } from '../../targets/server.ts'

interface Held {
  MessageId: string
  Body: string
  MessageGroupId?: string
  MessageDeduplicationId?: string
  taken: boolean
}

interface Asked {
  MessageBody?: string
  MessageGroupId?: string
  MessageDeduplicationId?: string
  ReceiptHandle?: string
  VisibilityTimeout?: number
}

/**
 * An HTTP server with the part of SQS that burst needs. Unlike SQS, it delivers a message again only after the visibility timeout of the message was
 * set to 0.
 */
export interface SmallSqs {
  origin: string
  held: Held[]
  /** The status codes with which the server refuses the next requests, in order. */
  mishaps: number[]
  close(): Promise<void>
}

export async function startSmallSqs(bodies: readonly string[] = []): Promise<SmallSqs> {
  const held = bodies.map((Body, k) => ({ MessageId: `m${k}`, Body, MessageGroupId: 'r1#0', taken: false }))
  const state: State = { held, mishaps: [] }
  const server = createServer((request, response) => void serve(state, request, response))
  const origin = await listening(server)
  return { ...state, origin, close: async () => ended(server) }
}

type State = Omit<SmallSqs, 'origin' | 'close'>

async function serve(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const asked = (await json(request)) as Asked
  const action = String(request.headers['x-amz-target']).split('.')[1] ?? ''
  const acts: Record<string, () => unknown> = {
    SendMessage: () => take(state, asked),
    ReceiveMessage: () => receive(state),
    DeleteMessage: () => remove(state, asked),
    ChangeMessageVisibility: () => show(state, asked),
    GetQueueAttributes: () => count(state),
  }
  const mishap = state.mishaps.shift()
  const answer = mishap === undefined ? acts[action]?.() : undefined
  response.writeHead(answer ? 200 : (mishap ?? 400), { 'content-type': 'application/x-amz-json-1.0' })
  response.end(JSON.stringify(answer ?? { __type: 'Refused', message: action }))
}

function take({ held }: State, { MessageBody = '', ...more }: Asked): unknown {
  const MessageId = `m${held.length}`
  held.push({ MessageId, Body: MessageBody, taken: false, ...more })
  return { MessageId, MD5OfMessageBody: createHash('md5').update(MessageBody).digest('hex') }
}

/** Returns only messages that are visible now. Unlike SQS, this server does not wait for messages. */
function receive({ held }: State): unknown {
  const given = held.filter(({ taken }) => !taken).slice(0, 10)
  for (const one of given) one.taken = true
  return {
    Messages: given.map(({ MessageId, Body, MessageGroupId }) => ({
      MessageId,
      ReceiptHandle: MessageId,
      Body,
      MD5OfBody: createHash('md5').update(Body).digest('hex'),
      Attributes: { MessageGroupId },
    })),
  }
}

/** Makes a message visible again if its new visibility timeout is 0. */
function show({ held }: State, { ReceiptHandle, VisibilityTimeout }: Asked): unknown {
  const found = held.find(({ MessageId }) => MessageId === ReceiptHandle)
  if (found && VisibilityTimeout === 0) found.taken = false
  return {}
}

function remove({ held }: State, { ReceiptHandle }: Asked): unknown {
  const place = held.findIndex(({ MessageId }) => MessageId === ReceiptHandle)
  if (place !== -1) held.splice(place, 1)
  return {}
}

function count({ held }: State): unknown {
  const hidden = held.filter(({ taken }) => taken).length
  return {
    Attributes: {
      ApproximateNumberOfMessages: String(held.length - hidden),
      ApproximateNumberOfMessagesNotVisible: String(hidden),
    },
  }
}
