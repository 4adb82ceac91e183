import { expect, test } from 'vitest'
import { type Outcome, WriteQueue } from '../../../../../cli/run/metrics/remote-write/write-queue.ts'

/** Returns a message of 1 MiB that begins with its number. */
function message(number: number): Uint8Array<ArrayBuffer> {
  const body = new Uint8Array(2 ** 20)
  body[0] = number
  return body
}

test('the queue sends messages one at a time in their order, and contains at most 16 MiB of messages', async () => {
  const tries: number[] = []
  const answers = [Promise.withResolvers<Outcome>(), Promise.withResolvers<Outcome>()]
  let [inFlight, mostInFlight, dropped] = [0, 0, 0]
  const queue = new WriteQueue({
    send: async ([number = 0]) => {
      mostInFlight = Math.max(mostInFlight, ++inFlight)
      tries.push(number)
      const outcome = (await answers[tries.length - 1]?.promise) ?? ({ kind: 'accepted' } as const)
      inFlight--
      return outcome
    },
    tried: () => undefined,
    dropped: (messages) => (dropped += messages),
  })
  queue.add(message(1))
  answers[0]?.resolve({ kind: 'refused', why: 'it is wrong' })
  queue.add(message(2))
  await expect.poll(() => tries).toEqual([1, 2])
  // Message 2 has no answer yet while 40 more messages are added.
  for (let number = 3; number <= 42; number++) queue.add(message(number))
  expect({ waiting: queue.waiting, dropped }).toEqual({ waiting: 16, dropped: 25 })
  answers[1]?.resolve({ kind: 'failed', why: 'it is down' })
  await queue.empty()
  expect(tries).toEqual([1, 2, ...Array.from({ length: 16 }, (_, k) => 27 + k)])
  expect({ waiting: queue.waiting, mostInFlight }).toEqual({ waiting: 0, mostInFlight: 1 })
})

test('a failed message is sent again after the delay that the receiver requests, or immediately at the end of the run', async () => {
  let tries = 0
  const queue = new WriteQueue({
    send: async () => Promise.resolve({ kind: 'failed', why: 'it is down', waitMs: tries++ === 0 ? 0 : 3_600_000 }),
    tried: () => undefined,
    dropped: () => undefined,
  })
  queue.add(message(1))
  await expect.poll(() => tries).toBe(2)
  queue.hurry()
  await expect.poll(() => tries).toBe(3)
  await queue.close()
  expect({ tries, waiting: queue.waiting }).toEqual({ tries: 3, waiting: 1 })
})
