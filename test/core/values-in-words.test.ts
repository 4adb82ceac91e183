import { expect, test } from 'vitest'
import { suggestedName } from '../../core/closest-name.ts'
import { inWords, messageWithReason, refuseUnknown } from '../../core/values-in-words.ts'

test('every kind of value is described in words', () => {
  const trap = (): never => {
    throw new Error('trap')
  }
  const values = [
    'a',
    'x'.repeat(80),
    `http://ann:${'x'.repeat(80)}@h`,
    4,
    undefined,
    null,
    1n,
    Symbol('s'),
    trap,
    [],
    [1, 2],
    {},
    /a/,
    new Date(),
    new FormData(),
  ]
  const words = [
    '"a"',
    `"${'x'.repeat(60)}…"`,
    '"http://h"',
    '4',
    'undefined',
    'null',
    '1n',
    'Symbol(s)',
    'a function',
    'an empty list',
  ]
  expect(values.map(inWords)).toEqual([...words, 'a list of 2 items', 'an object', '/a/', 'a Date', 'a FormData'])
  expect(inWords(new URLSearchParams())).toBe('a URLSearchParams')
  expect(inWords(new ArrayBuffer(1))).toBe('an ArrayBuffer')
  expect(inWords(Object.create(null))).toBe('an object')
  expect(inWords(new Proxy({}, { get: trap, getPrototypeOf: trap }))).toBe('an object that cannot be read')
})

test('a misspelt name is recognised if case or separators differ, if one letter is added, missing or wrong, or if two letters are swapped', () => {
  const known = ['status', 'under', 'body', 'onStart', 'wait']
  const meant = (name: string): string | undefined => suggestedName(name, known)
  expect(
    ['statusCode', 'satus', 'STATUS', 'on_start', 'onstart', 'onSatrt', 'udner', 'wiat', 'bdy'].map(meant),
  ).toEqual([undefined, 'status', 'status', 'onStart', 'onStart', 'onStart', 'under', 'wait', undefined])
})

test('the error for an unknown option names the most similar option, or all known options', () => {
  const refused = (options: unknown): unknown => {
    try {
      return refuseUnknown(options, ['maxUsers', 'freshUser'], 'the options of arrivals()')
    } catch (error) {
      return error
    }
  }
  expect(refused({ maxUsers: 1 })).toBeUndefined()
  expect(refused({ max_users: 1 })).toMatchObject({
    exitCode: 104,
    message: "the options of arrivals() has an unknown option 'max_users'",
    hint: 'did you mean maxUsers?',
  })
  expect(refused({ pool: 1 })).toMatchObject({ hint: 'the options are maxUsers, freshUser' })
  expect(refused(3)).toMatchObject({ message: 'the options of arrivals() is 3' })
})

test('an error message includes the message of the cause if the cause has a code, or if the error is only "fetch failed"', () => {
  const coded = (message: string): Error => Object.assign(new Error(message), { code: 'ECONNREFUSED' })
  const failed = (cause: unknown): string => messageWithReason(new TypeError('fetch failed', { cause }))
  expect(failed(coded('connect ECONNREFUSED 127.0.0.1:1'))).toBe('fetch failed: connect ECONNREFUSED 127.0.0.1:1')
  expect(failed(coded(''))).toBe('fetch failed: ECONNREFUSED')
  expect(failed(new Error('bad port'))).toBe('fetch failed: bad port')
  for (const cause of [undefined, null, 'why', { code: 'ECONNREFUSED' }, coded('failed')]) {
    expect(failed(cause)).toBe('fetch failed')
  }
  expect(messageWithReason(new Error('no login', { cause: new Error('why') }))).toBe('no login')
  expect(messageWithReason(new Error('no login', { cause: coded('refused') }))).toBe('no login: refused')
})
