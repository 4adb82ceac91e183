import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeMessage, encodeMessage, encodeWindow } from '../../../../core/window/codec/codec.ts'
import { addTotals, totalsOf } from '../../../../core/window/totals.ts'
import { mergeWindow } from '../../../../core/window/merge-windows.ts'
import { splitMessage } from '../../../../core/window/codec/split.ts'
import { type Window, emptyWindow } from '../../../../core/window/window.ts'
import { type WindowMessage, zeroTotals } from '../../../../core/window/message.ts'
import { messageOf, windowArbitrary, windowOf } from '../../../fixtures/windows.ts'

function together(parts: readonly WindowMessage[]): Window {
  const all = emptyWindow()
  for (const { content } of parts) mergeWindow(all, content)
  return all
}

function bytes(message: WindowMessage): number {
  return Buffer.byteLength(encodeMessage(message))
}

test('a window below the limit becomes one message', () => {
  const content = windowOf('/x', [1, 2, 3])
  const message = messageOf({ content, final: true, totals: totalsOf(content) })
  expect(splitMessage(message, 7)).toEqual([{ ...message, sequence: 7 }])
})

test('a message above the limit is split into parts that are below the limit and together have the content of the message', () => {
  const limit = 12_000
  fc.assert(
    fc.property(fc.array(windowArbitrary, { minLength: 1, maxLength: 6 }), fc.nat(50), (windows, first) => {
      const content = together(windows.map((window) => messageOf({ content: window })))
      const totals = addTotals(totalsOf(content), { ...zeroTotals, requests: 100, intents: 5 })
      const parts = splitMessage(messageOf({ content, totals, final: true, failure: 'why' }), first, limit)
      expect(encodeWindow(together(parts.map((part) => decodeMessage(encodeMessage(part)))))).toBe(
        encodeWindow(content),
      )
      expect(parts.map(({ sequence }) => sequence)).toEqual(parts.map((_, index) => first + index))
      expect(parts.slice(0, -1).some(({ final, failure }) => final || failure !== null)).toBe(false)
      expect(parts.at(-1)).toMatchObject({ final: true, failure: 'why', totals })
      for (const part of parts) expect(bytes(part)).toBeLessThanOrEqual(limit)
    }),
  )
})

test('each part contains the totals of itself and of all parts before it', () => {
  const content = emptyWindow()
  for (let k = 0; k < 40; k++) mergeWindow(content, windowOf(`/page/${k}/${'x'.repeat(300)}`, [k, 2 * k]))
  const before = { ...zeroTotals, requests: 1000 }
  const parts = splitMessage(messageOf({ content, totals: addTotals(before, totalsOf(content)) }), 3, 8000)
  expect(parts.length).toBeGreaterThan(3)
  let running = before
  for (const part of parts) {
    running = addTotals(running, totalsOf(part.content))
    expect(part.totals).toEqual(running)
  }
})

test('messages with five hundred names in full detail stay below the default limit of 900,000 bytes', () => {
  const content = emptyWindow()
  for (let k = 0; k < 500; k++) {
    const window = windowOf(
      `/ü/${k}`,
      Array.from({ length: 200 }, (_, n) => ((n * 7919 * (k + 1)) % 100_003) / 10),
    )
    for (const cell of window.requests.values()) {
      for (const phase of [cell.dns, cell.connect, cell.tls, cell.firstByte, cell.body]) phase.add(cell.latency)
    }
    mergeWindow(content, window)
  }
  const parts = splitMessage(messageOf({ content }), 0)
  expect(parts.length).toBeGreaterThan(1)
  for (const part of parts) expect(bytes(part)).toBeLessThanOrEqual(900_000)
  expect(totalsOf(together(parts))).toEqual(totalsOf(content))
})
