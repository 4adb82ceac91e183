import { expect, test } from 'vitest'
import { scenarioAndTags } from '../../cli/scenario-file.ts'

test('a scenario after a list of tags is the scenario', () => {
  expect(scenarioAndTags(undefined, { tags: ['a', 'b', 'shop.burst.ts'], excludeTags: ['c'] })).toEqual({
    file: 'shop.burst.ts',
    tags: ['a', 'b'],
    excludeTags: ['c'],
  })
  expect(scenarioAndTags(undefined, { tags: ['a'], excludeTags: ['load/x.mts'] })).toEqual({
    file: 'load/x.mts',
    tags: ['a'],
    excludeTags: [],
  })
})

test('the argument and -f may name the same file, but not two', () => {
  expect(scenarioAndTags('a.ts', { file: 'a.ts', tags: ['b.ts'] })).toEqual({
    file: 'a.ts',
    tags: ['b.ts'],
    excludeTags: [],
  })
  expect(() => scenarioAndTags('a.ts', { file: 'b.ts' })).toThrow('two scenarios are named, a.ts and b.ts')
})
