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

interface Entry {
  Id: string
  MessageBody?: string
  MessageGroupId?: string
  MessageDeduplicationId?: string
  ReceiptHandle?: string
}

/** The part of SQS that burst needs, over HTTP. A message that was received and not deleted is not given out again. */
export interface SmallSqs {
  origin: string
  held: Held[]
  /** Entries per batch that came. */
  batches: number[]
  /** For the next batches: what becomes of each entry. */
  refusals: ((index: number) => 'SenderFault' | 'busy' | undefined)[]
  close(): Promise<void>
}

export async function startSmallSqs(bodies: readonly string[] = []): Promise<SmallSqs> {
  const held = bodies.map((Body, k) => ({ MessageId: `m${k}`, Body, MessageGroupId: 'r1#0', taken: false }))
  const state: State = { held, batches: [], refusals: [] }
  const server = createServer((request, response) => void serve(state, request, response))
  const origin = await listening(server)
  return { ...state, origin, close: async () => ended(server) }
}

type State = Omit<SmallSqs, 'origin' | 'close'>

async function serve(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { Entries = [] } = (await json(request)) as { Entries?: Entry[] }
  const action = String(request.headers['x-amz-target']).split('.')[1] ?? ''
  const acts: Record<string, () => unknown> = {
    SendMessageBatch: () => sendBatch(state, Entries),
    ReceiveMessage: () => receive(state),
    DeleteMessageBatch: () => deleteBatch(state, Entries),
  }
  const answer = acts[action]?.()
  response.writeHead(answer ? 200 : 400, { 'content-type': 'application/x-amz-json-1.0' })
  response.end(JSON.stringify(answer ?? { __type: 'InvalidAction', message: action }))
}

function sendBatch({ held, batches, refusals }: State, entries: Entry[]): unknown {
  batches.push(entries.length)
  const refusal = refusals.shift()
  const [Successful, Failed]: [unknown[], unknown[]] = [[], []]
  entries.forEach(({ Id, MessageBody = '', ...more }, index) => {
    const fault = refusal?.(index)
    if (fault) {
      Failed.push({ Id, Code: 'Refused', Message: fault, SenderFault: fault === 'SenderFault' })
      return
    }
    const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex')
    held.push({ MessageId: `m${held.length}`, Body: MessageBody, taken: false, ...more })
    Successful.push({ Id, MessageId: `m${held.length - 1}`, MD5OfMessageBody })
  })
  return { Successful, Failed }
}

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

function deleteBatch({ held }: State, entries: Entry[]): unknown {
  const gone = new Set(entries.map(({ ReceiptHandle }) => ReceiptHandle))
  held.splice(0, held.length, ...held.filter(({ MessageId }) => !gone.has(MessageId)))
  return { Successful: entries.map(({ Id }) => ({ Id })), Failed: [] }
}
