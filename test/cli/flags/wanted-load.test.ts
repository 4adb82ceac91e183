import { expect, test } from 'vitest'
import { wantedLoad } from '../../../cli/flags/wanted-load.ts'

test.each([
  [{}, 'the new load is missing'],
  [{ users: '3', rate: '4' }, '--users and --rate cannot be combined'],
  [{ users: '3', over: '1s', spawnRate: '2' }, '--over and --spawn-rate cannot be combined'],
  [{ users: '-1' }, '--users is -1'],
])('burst scale refuses the flags %o: %s', (flags, sentence) => {
  expect(() => wantedLoad(flags)).toThrow(sentence)
})

test('burst scale accepts 0 arrivals per second and 0 users', () => {
  expect(wantedLoad({ rate: '0' })).toMatchObject({ model: 'arrivals', level: 0 })
  expect(wantedLoad({ users: '0' })).toMatchObject({ model: 'users', level: 0 })
})
