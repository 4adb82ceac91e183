import { expect, test } from 'vitest'
import { Inbox, Message } from '../../../../../functions/worker/engine/websocket/inbox.ts'

function message(text: string): Message {
  return new Message(Buffer.from(text), false, { atMs: 0, unreadMs: 0 })
}

test('a connection keeps at most 1,000 unread messages and 1 MiB, drops the oldest first, and always keeps the last', () => {
  const many = new Inbox()
  let dropped = 0
  for (let n = 0; n < 2_500; n++) dropped += many.add(message(String(n)))
  expect([dropped, many.length, many.take()?.text()]).toEqual([1_500, 1_000, '1500'])
  const large = new Inbox()
  const half = 'x'.repeat(512 * 1024)
  expect([half, half, 'y', half].map((text) => large.add(message(text)))).toEqual([0, 0, 1, 1])
  expect([large.take()?.text(), large.length]).toEqual(['y', 1])
  const huge = new Inbox()
  expect([huge.add(message('a')), huge.add(message(half + half + half)), huge.length]).toEqual([0, 1, 1])
  huge.clear()
  expect([huge.length, huge.take()]).toEqual([0, undefined])
})
