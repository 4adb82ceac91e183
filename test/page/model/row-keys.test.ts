import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { rowKeys } from '../../../page/model/row-keys.ts'

test('all rows of a table have different keys, even if names repeat, and the first row with a name keeps its key', () => {
  expect(rowKeys(['GET /', 'critical', 'GET /', 'GET /a', 'GET /'], (name) => name)).toEqual([
    'GET /',
    'critical',
    'GET /\u00001',
    'GET /a',
    'GET /\u00002',
  ])
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'a1', 'b1', '')), (names) => {
      expect(new Set(rowKeys(names, (name) => name)).size).toBe(names.length)
    }),
  )
})
