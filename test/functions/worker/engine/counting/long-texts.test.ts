import { expect, test } from 'vitest'
import { masker } from '../../../../../core/secrets.ts'
import { withoutUserinfo } from '../../../../../core/hosts/userinfo.ts'
import { othersLike } from '../../../../../core/window/fold.ts'
import { userStack, wordsIn, wordsOf } from '../../../../../functions/worker/engine/counting/thrown.ts'
import { decodeText } from '../../../../../functions/worker/engine/http/judging/charset.ts'
import { failureOf } from '../../../../../functions/worker/engine/http/failure.ts'

const length = 1_000_000
/** If one of these strings is repeated many times, the result makes a regular expression with nested quantifiers slow. */
const pieces = [
  'x',
  'a-',
  '1',
  'at /',
  '://',
  'a://b',
  "'",
  '(',
  '[a',
  ' ',
  '\n',
  '\n at /x:1:1',
  '#',
  '# ',
  '.1',
  '/b/',
  ':1',
]
const masked = masker({ vars: { password: 'xxxx-secret' }, env: { API_URL: 'https://ann:pw@shop.example' } })
const answered = { status: 0, firstByteMs: 0 }

const readers: [string, (text: string) => unknown][] = [
  ['withoutUserinfo', withoutUserinfo],
  ['masker', masked],
  ['othersLike', othersLike],
  ['wordsOf', (text) => wordsOf(new Error(text))],
  ['wordsOf of a string', wordsOf],
  ['wordsIn', (text) => wordsIn(new Error(`ENOENT: no such file '/b/${text}`), '/b')],
  ['userStack', (text) => userStack(new Error(text), '/b')],
  ['failureOf', (text) => failureOf(new TypeError(text), answered)],
  ['failureOf of the parser', (text) => failureOf(Object.assign(new Error(text), { code: 'HPE_INVALID' }), answered)],
  ['decodeText', (text) => decodeText(Buffer.from('body'), `text/plain; charset=${text}`)],
]

test.each(readers)('%s takes linear time: a million characters of any kind take under 2 s of CPU time', (_, read) => {
  for (const piece of pieces) {
    const text = piece.repeat(length / piece.length)
    const before = process.cpuUsage()
    read(text)
    const { user, system } = process.cpuUsage(before)
    expect([piece, (user + system) / 1_000_000 < 2]).toEqual([piece, true])
  }
})

test('a long message is counted without the user name and the password that it contains', () => {
  expect(wordsOf(new Error(`http://ann:pw@shop.example/ ${'x'.repeat(length)}`))).toMatch(
    /^Error: http:\/\/shop\.example\/ x{9900}/,
  )
})
