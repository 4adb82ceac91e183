import { expect, test } from 'vitest'
import { SealedReader } from '../../../../core/report/live/sealed-reader.ts'
import type { SealedWindow } from '../../../../core/shard/shard.ts'

const shard = (...sealed: SealedWindow[]) => [{ shard: 0, sealed }]
const [a, b, c] = [
  { window: 0, key: 'a' },
  { window: 1, key: 'b' },
  { window: 1, key: 'c' },
]
const ab = { window: 0, key: 'ab', windows: [0, 1], pieces: 2 }
const keysOf = (news: readonly { key: string }[] | undefined) => news?.map(({ key }) => key)

test('the reader reads each piece once, even if the piece is later compacted with other pieces', () => {
  const reader = new SealedReader(5000)
  expect(keysOf(reader.news(shard(a, b)))).toEqual(['a', 'b'])
  reader.took(shard(a, b))
  expect(keysOf(reader.news(shard(a, b)))).toEqual([])
  expect(keysOf(reader.news(shard(ab)))).toEqual([])
  expect(keysOf(reader.news(shard(ab, c)))).toEqual(['c'])
})

test('a reader that has not read any piece of a minute reads the compacted object of the minute', () => {
  expect(new SealedReader(5000).news(shard(ab, c))).toEqual([
    { shard: 0, window: 0, windows: [0, 1], key: 'ab' },
    { shard: 0, window: 1, windows: [1], key: 'c' },
  ])
})

test('a reader that has read only some pieces of a compacted minute reads everything again', () => {
  const reader = new SealedReader(5000)
  reader.took(shard(a))
  expect(reader.news(shard(ab))).toBeUndefined()
})
