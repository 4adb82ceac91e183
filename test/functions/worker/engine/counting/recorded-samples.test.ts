import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RecordedSample } from '../../../../../core/authoring/runtime.ts'
import { decodeMessage, decodeWindow, encodeMessage, encodeWindow } from '../../../../../core/window/codec/codec.ts'
import { mergeWindow } from '../../../../../core/window/merge-windows.ts'
import { type Window, emptyWindow } from '../../../../../core/window/window.ts'
import { recordSample } from '../../../../../functions/worker/engine/counting/recorded-samples.ts'
import { Recorder } from '../../../../../functions/worker/engine/counting/recorder.ts'
import { messageOf } from '../../../../fixtures/windows.ts'

const most = 2 ** 45
const edge = fc.constantFrom(0, -0, 0.5, 1e14, most - 1, most, most + 1, 2 ** 53, 3_599_999.999, 3_600_000, 1e308, -1)
const given = fc.oneof(edge, fc.double(), fc.anything())
const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a', '__proto__', '\uD800', 'x'.repeat(20_000)))
const sample = fc.record(
  { method: fc.oneof(text, fc.anything()), name: text, ms: given, bytes: given, error: fc.anything() },
  { requiredKeys: ['method', 'name', 'ms'] },
)

function recorded(samples: readonly unknown[]): Window {
  const recorder = new Recorder({ slice: 0, attempt: 0, windowMs: 5_000 })
  for (const one of samples) {
    try {
      recordSample(recorder, one as RecordedSample)
    } catch (error) {
      if (!(error instanceof TypeError)) throw error
    }
  }
  const all = emptyWindow()
  for (const { window } of recorder.cuts.take(false)) mergeWindow(all, window)
  return all
}

test('each message and the sum of many messages can be decoded, whatever values user code records', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(sample, fc.anything()), { maxLength: 12 }), (samples) => {
      const content = recorded(samples)
      const back = decodeMessage(encodeMessage(messageOf({ content }))).content
      const sum = emptyWindow()
      for (let k = 0; k < 3; k++) mergeWindow(sum, back)
      expect(encodeWindow(decodeWindow(encodeWindow(sum)))).toBe(encodeWindow(sum))
    }),
  )
})

test('a byte count above 2^45 is refused, and a sum of byte counts is at most 2^45', () => {
  const one = { method: 'WS', name: 'frame', ms: 1, bytes: most }
  const sums = [1, 2].map(
    (times) => recorded(Array.from({ length: times }, () => ({ ...one }))).metrics.get('WS frame')?.bytes,
  )
  expect(sums).toEqual([most, most])
  let reads = 0
  const turning = { method: 'WS', name: 'frame', ms: 1, get bytes() { return reads++ === 0 ? 7 : Number.NaN } } // prettier-ignore
  expect(recorded([turning]).metrics.get('WS frame')?.bytes).toBe(7)
  const recorder = new Recorder({ slice: 0, attempt: 0, windowMs: 5_000 })
  expect(() => recordSample(recorder, { ...one, bytes: most + 1 })).toThrow('bytes of record()')
  expect(() => recordSample(recorder, { ...one, ms: most + 1 })).toThrow('it must be a number from 0 to 2^45')
})

test('durations can be decoded even if their sum is rounded', () => {
  const window = recorded([{ method: 'WS', name: 'frame', ms: 3_599_999.999 }])
  for (let k = 0; k < 24; k++) mergeWindow(window, structuredWindow(window))
  const cell = window.metrics.get('WS frame')
  expect(cell?.duration.sumUs).toBeGreaterThan(Number.MAX_SAFE_INTEGER)
  for (let k = 0; k < 5_000; k++) cell?.duration.recordMs(3_599_999.999)
  expect(decodeWindow(encodeWindow(window)).metrics.get('WS frame')?.duration.count).toBe(cell?.duration.count)
})

function structuredWindow(window: Window): Window {
  return decodeWindow(encodeWindow(window))
}
