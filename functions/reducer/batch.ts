import { runName } from '../../core/input/bounds.ts'
import { decodeMessage } from '../../core/window/codec/codec.ts'
import type { WindowMessage } from '../../core/window/message.ts'
import { keys } from '../keys.ts'
import type { QueueEvent, Store } from '../ports.ts'
import { opened } from '../signature.ts'

/** A message as the queue delivered it. */
export interface Delivery {
  id: string
  group: string
  body: string
  /** The number of deliveries of the message, including this one; infinite if deliveries are not counted. */
  receives: number
}

/** A message that the reducer could read. */
export interface Readable extends Delivery {
  message: WindowMessage
  /** The signed string, and the signature if the message has one. */
  content: ReturnType<typeof opened>
}

/** A message that is set aside, and the reason why it is set aside. */
export interface Refused {
  delivery: Delivery
  /** The name of the run; `unknown` if the group of the message does not name a run and a shard. */
  run: string
  reason: string
}

/** Messages of one shard that are merged in one read-modify-write. */
export interface Group {
  run: string
  shard: number
  deliveries: Readable[]
}

/** Reads a batch. Returns the readable messages, grouped by shard, and the unreadable messages. */
export function sortOut(event: QueueEvent, build: string): { groups: Group[]; refused: Refused[] } {
  const groups = new Map<string, Group>()
  const refused: Refused[] = []
  for (const record of event.Records) {
    const { MessageGroupId, ApproximateReceiveCount } = record.attributes
    const delivery = {
      id: record.messageId,
      group: MessageGroupId,
      body: record.body,
      receives: Number(ApproximateReceiveCount ?? Number.POSITIVE_INFINITY),
    }
    const place = placeOf(delivery.group)
    if (!place) {
      refused.push({ delivery, run: 'unknown', reason: 'the message group does not name a run and a shard' })
      continue
    }
    const content = opened(delivery.body)
    const read = readFor(place.run, content.text, build)
    if (typeof read === 'string') {
      refused.push({ delivery, run: place.run, reason: read })
      continue
    }
    const group = groups.get(delivery.group) ?? { ...place, deliveries: [] }
    groups.set(delivery.group, group)
    group.deliveries.push({ ...delivery, message: read, content })
  }
  return { groups: [...groups.values()], refused }
}

function placeOf(group: string): { run: string; shard: number } | undefined {
  const [, run = '', shard = ''] = /^(.+)#(\d{1,6})$/.exec(group) ?? []
  return runName.test(run) ? { run, shard: Number(shard) } : undefined
}

function readFor(run: string, text: string, build: string): WindowMessage | string {
  try {
    const message = decodeMessage(text)
    if (message.run !== run) return `the message belongs to run ${message.run} but was sent as a message of run ${run}`
    if (message.build !== build) return `the message was sent by build ${message.build}, but this is build ${build}`
    return message
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const keptCharacters = 65_536

/** Stores a message that cannot be merged, so that the report can count it. Keeps at most 65,536 characters of the body. */
export async function putAside(store: Store, { delivery, run, reason }: Refused): Promise<void> {
  const { id, group, body } = delivery
  const kept = { reason, group, body: body.slice(0, keptCharacters) }
  await store.put(keys.unreadable(run, safeName(id)), JSON.stringify(kept))
}

/** Stores a message that arrived after its shard was closed. */
export async function putLate(store: Store, { id, body, message }: Readable): Promise<void> {
  await store.put(keys.late(message.run, safeName(id)), body)
}

function safeName(id: string): string {
  return encodeURIComponent(id).replaceAll('.', '%2E')
}
