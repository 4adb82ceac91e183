import { expect, test } from 'vitest'
import { Inbox, Message } from '../../../../../functions/worker/engine/websocket/inbox.ts'
import { SharedMemory } from '../../../../../functions/worker/engine/http/shared-memory.ts'

function message(text: string): Message {
  return new Message(Buffer.from(text), false, { atMs: 0, unreadMs: 0 })
}

test('a connection keeps at most 1,000 unread messages and 1 MiB of unread messages, but always keeps the last message', () => {
  const many = new Inbox(new SharedMemory())
  let dropped = 0
  for (let n = 0; n < 2_500; n++) dropped += many.add(message(String(n))).dropped
  expect([dropped, many.length, many.take()?.text()]).toEqual([1_500, 1_000, '1500'])
  const large = new Inbox(new SharedMemory())
  const half = 'x'.repeat(512 * 1024)
  expect([half, half, 'y', half].map((text) => large.add(message(text)).dropped)).toEqual([0, 0, 1, 1])
  expect([large.take()?.text(), large.length]).toEqual(['y', 1])
  const huge = new Inbox(new SharedMemory())
  expect([huge.add(message('a')).dropped, huge.add(message(half + half + half)).dropped, huge.length]).toEqual([
    0, 1, 1,
  ])
  huge.clear()
  expect([huge.length, huge.take()]).toEqual([0, undefined])
})

test('the unread messages of all connections take at most 128 MiB together, and the memory of a closed connection is free again', () => {
  const shared = new SharedMemory()
  const bytes = Buffer.alloc(4 * 1024 * 1024)
  const large = (): Message => new Message(bytes, true, { atMs: 0, unreadMs: 0 })
  const inboxes = Array.from({ length: 38 }, () => new Inbox(shared))
  const added = inboxes.map((inbox) => inbox.add(large()))
  // 32 messages of 4 MiB are 128 MiB in total. Each message needs some memory in addition to its bytes, so only 31 messages fit.
  expect(added.map(({ dropped, full }) => (full ? dropped : 0))).toEqual([...Array(31).fill(0), ...Array(7).fill(1)])
  expect(inboxes.map(({ length }) => length)).toEqual([...Array(31).fill(1), ...Array(7).fill(0)])
  const [first, second] = inboxes as [Inbox, Inbox]
  expect([first.add(large()), first.length]).toEqual([{ dropped: 1, full: true }, 1])
  first.release()
  expect(second.add(large())).toEqual({ dropped: 1, full: false })
  // The user can still read the message, although the memory of the message has already been released.
  expect(first.take()?.bytes).toBe(bytes)
  for (const inbox of inboxes) inbox.clear()
  expect(Array.from({ length: 32 }, () => new Inbox(shared).add(large()).dropped)).toEqual([...Array(31).fill(0), 1])
})

test('unread messages of all connections are dropped to make room for a message that arrives in parts', () => {
  const shared = new SharedMemory()
  const large = (): Message => new Message(Buffer.alloc(4 * 1024 * 1024), true, { atMs: 0, unreadMs: 0 })
  const told: number[] = []
  const inboxes = Array.from({ length: 31 }, (_, n) => new Inbox(shared, () => told.push(n)))
  for (const inbox of inboxes) inbox.add(large())
  const parts = Array.from({ length: 31 }, () => new Inbox(shared))
  expect(parts[0]?.keepPart(1024 * 1024)).toBe(true)
  expect(told).toEqual([])
  expect(parts[0]?.keepPart(4 * 1024 * 1024)).toBe(true)
  expect(told).toEqual([0])
  for (const part of parts) expect(part.keepPart(4 * 1024 * 1024)).toBe(true)
  // Each unread message needs some memory in addition to its bytes, so 31 parts leave no room for even a single unread message.
  expect(told).toEqual(Array.from({ length: 31 }, (_, n) => n))
  const last = new Inbox(shared)
  expect([last.keepPart(4 * 1024 * 1024), last.keepPart(8 * 1024 * 1024)]).toEqual([true, false])
  expect(told).toHaveLength(31)
  // The memory of parts is released when their message is complete or when the connection is closed.
  parts[0]?.keepPart(0)
  expect(last.keepPart(8 * 1024 * 1024)).toBe(true)
  for (const part of [...parts, last]) part.release()
  expect(Array.from({ length: 32 }, () => new Inbox(shared).add(large()).dropped)).toEqual([...Array(31).fill(0), 1])
})
