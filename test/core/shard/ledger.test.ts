import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { gaps, hasSequence, isWhole, noSequences, note, reorderCap } from '../../../core/shard/ledger.ts'
import { totalsOf } from '../../../core/window/totals.ts'
import { windowOf } from '../../fixtures/windows.ts'

test('each sequence number is new when it first arrives and known when it arrives again, in any order of arrival', () => {
  const anyOrder = fc.array(fc.nat(40), { maxLength: 120 })
  fc.assert(
    fc.property(anyOrder, (sequences) => {
      const set = noSequences()
      const seen = new Set<number>()
      for (const sequence of sequences) {
        expect(note(set, sequence)).toBe(seen.has(sequence) ? 'repeat' : 'new')
        seen.add(sequence)
      }
      for (let n = 0; n < 45; n++) expect(hasSequence(set, n)).toBe(seen.has(n))
      expect(set.missing).toEqual(set.missing.toSorted((a, b) => a - b))
    }),
  )
})

test('an attempt is complete when its final message and all earlier messages have arrived', () => {
  const received = noSequences()
  const whole = (finalSequence: number | null) => isWhole({ received, finalSequence })
  expect(whole(null)).toBe(false)
  for (const sequence of [0, 2, 3]) note(received, sequence)
  expect(whole(3)).toBe(false)
  note(received, 1)
  expect(whole(3)).toBe(true)
  expect(whole(4)).toBe(false)
  expect(whole(null)).toBe(false)
})

test('missing sequence numbers are listed as ranges', () => {
  const received = noSequences()
  for (const sequence of [0, 4, 5, 7]) note(received, sequence)
  expect(gaps({ received })).toEqual([
    [1, 3],
    [6, 6],
  ])
})

test('a sequence number above the limit is refused and does not change the set of known numbers', () => {
  const set = noSequences()
  note(set, 0)
  expect(() => note(set, 2 ** 40)).toThrow('but message 1 was due')
  expect(set).toEqual({ next: 1, missing: [] })
  note(set, reorderCap)
  expect(() => note(set, 2 * reorderCap)).toThrow(String(2 * reorderCap))
  expect(set.missing.length).toBeLessThanOrEqual(reorderCap)
})

test('the ledger computes its totals from its rows and from its histograms', () => {
  const window = windowOf('/x', [1, 2, 3])
  window.requests.set('GET /y', { ...windowOf('/y', [5]).requests.get('GET /y')!, failures: 1, interrupted: 2 })
  expect(totalsOf(window)).toEqual({ requests: 4, failures: 1, exchanges: 4, interrupted: 2, latencies: 4, intents: 4 })
})
