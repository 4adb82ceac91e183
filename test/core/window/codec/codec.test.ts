import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeMessage, decodeWindow, encodeMessage, encodeWindow } from '../../../../core/window/codec/codec.ts'
import { decodeShardState, encodeShardState } from '../../../../core/shard/shard-codec.ts'
import { decodeControl, encodeControl } from '../../../../core/fleet/control.ts'
import { BurstError } from '../../../../core/errors.ts'
import { mergeMessage } from '../../../../core/shard/shard-merge.ts'
import { newShardState } from '../../../../core/shard/shard.ts'
import { emptyWindow } from '../../../../core/window/window.ts'
import { figuresOf, messageOf, windowArbitrary, windowOf } from '../../../fixtures/windows.ts'

test('a window is unchanged after encoding and decoding', () => {
  fc.assert(
    fc.property(windowArbitrary, (window) => {
      const text = encodeWindow(window)
      const back = decodeWindow(text)
      expect(encodeWindow(back)).toBe(text)
      expect(back.seconds).toEqual(window.seconds)
      for (const [key, cell] of window.requests) {
        expect(figuresOf(back.requests.get(key)?.latency)).toEqual(figuresOf(cell.latency))
        expect(back.requests.get(key)?.latency.percentileMs(99)).toBe(cell.latency.percentileMs(99))
      }
    }),
  )
})

test('a message and a shard state are unchanged after encoding and decoding', () => {
  fc.assert(
    fc.property(windowArbitrary, fc.nat(5), (content, sequence) => {
      const message = messageOf({ content, sequence, final: true, failure: 'out of memory' })
      const back = decodeMessage(encodeMessage(message))
      expect({ ...back, content: null }).toEqual({ ...message, content: null })
      const state = newShardState('r1', 0)
      mergeMessage(state, back)
      const text = encodeShardState(state)
      const again = decodeShardState(text)
      expect(encodeShardState(again)).toBe(text)
      expect(again.attempts).toEqual(state.attempts)
    }),
  )
})

test('a control file is unchanged after encoding and decoding', () => {
  for (const stop of [null, { reason: 'Ctrl-C', at: 7 }]) {
    const control = { v: 1 as const, startAt: 5, leaseUntil: 6.5, stop }
    expect(decodeControl(encodeControl(control))).toEqual(control)
  }
  expect(() => decodeControl('{"v":1,"startAt":null}')).toThrow('the control file of a run cannot be read: startAt')
})

test('a name such as __proto__ is treated like any other name', () => {
  const window = emptyWindow()
  for (const name of ['__proto__', 'constructor', 'prototype']) {
    window.notices.set(name, 1)
    window.users.startedByClass.set(name, 2)
    window.checks.set(name, { passed: 1, failed: 0 })
  }
  const back = decodeWindow(encodeWindow(window))
  expect(back).toEqual(window)
  expect({}).not.toHaveProperty('passed')
})

/** Returns a valid message as plain JSON, after `change` has modified it. */
function spoiled(change: (json: Record<string, unknown> & { content: Record<string, unknown> }) => void): string {
  const json = JSON.parse(encodeMessage(messageOf({ content: windowOf('/x', [1]) })))
  change(json)
  return JSON.stringify(json)
}

test.each([
  ['text that is not JSON', '{', 'it is not valid JSON'],
  ['a number', '7', 'cannot be read'],
  ['null', 'null', 'cannot be read'],
  ['a later version', spoiled((json) => (json['v'] = 2)), 'its version is 2, but this build reads version 1'],
  ['a run name with a slash', spoiled((json) => (json['run'] = '../x')), 'run: not the name of a run'],
  ['a negative slice', spoiled((json) => (json['slice'] = -1)), 'slice'],
  ['a fractional sequence number', spoiled((json) => (json['sequence'] = 0.5)), 'sequence'],
  ['a sequence number beyond the limit', spoiled((json) => (json['sequence'] = 2 ** 40)), 'sequence'],
  ['a time that is not a number', spoiled((json) => (json['sentAt'] = null)), 'sentAt'],
  [
    'a total above the largest safe integer',
    spoiled((json) => (json['totals'] = { requests: 2 ** 53 })),
    'totals.requests',
  ],
  ['rows that are not a list', spoiled((json) => (json.content['requests'] = { a: 1 })), 'content.requests'],
  [
    'a repeated key',
    spoiled(
      (json) =>
        (json.content['notices'] = [
          ['a', 1],
          ['a', 2],
        ]),
    ),
    'the same key twice',
  ],
  [
    'an unknown kind of failure',
    spoiled((json) => (json.content['errors'] = [['e', { method: '', name: '', kind: 'x' }]])),
    'kind',
  ],
  [
    'a name that is too long',
    spoiled((json) => (json.content['notices'] = [['a'.repeat(20_000), 1]])),
    'content.notices.0.0',
  ],
  ['a message that is too long', ' '.repeat(1_100_000), 'more than 1048576'],
])('the decoder of messages refuses %s with a BurstError that names the fault', (_what, text, words) => {
  expect(() => decodeMessage(text)).toThrow(BurstError)
  expect(() => decodeMessage(text)).toThrow(words)
})

test('a histogram with a wrong count is refused, and the error names the path of the histogram in the message', () => {
  const text = spoiled((json) => {
    const rows = json.content['requests'] as [string, { latency: { n: number; sum: number } }][]
    for (const [, cell] of rows) cell.latency = { ...cell.latency, n: 2, sum: 2000 }
  })
  expect(() => decodeMessage(text)).toThrow(
    'content.requests.0.1.latency: a histogram cannot be read: the bins should contain 2',
  )
})

function isReadOrRefused(text: string): boolean {
  try {
    const { content, totals } = decodeMessage(text)
    const means = [...content.requests.values()].map((cell) => cell.latency.meanMs ?? 0)
    return [...means, ...Object.values(totals)].every(Number.isFinite)
  } catch (error) {
    return error instanceof BurstError
  }
}

test('any string is decoded to a valid message or refused with a BurstError', () => {
  const good = encodeMessage(messageOf({ content: windowOf('/x', [1, 20, 300]) }))
  const damaged = fc.tuple(fc.nat(good.length - 1), fc.nat(12), fc.string({ maxLength: 8 })).map(([at, cut, text]) => {
    return good.slice(0, at) + text + good.slice(at + cut)
  })
  const anything = fc.oneof({ weight: 3, arbitrary: damaged }, fc.json(), fc.string())
  fc.assert(
    fc.property(anything, (text) => {
      expect(isReadOrRefused(text)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})
