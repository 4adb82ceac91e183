import { expect, test } from 'vitest'
import { asText } from '../../../../functions/worker/engine/trace.ts'

test('the first 64 KiB of a text are shown as text, even if the limit cuts a character', () => {
  const text = 'a'.repeat(65_535)
  expect(asText(Buffer.from(`${text}é and more`))).toBe(text)
  expect(asText(Buffer.from('a \uFFFD b'))).toBe('a \uFFFD b')
})

test.each([
  ['bytes that are not UTF-8', Buffer.from([0x61, 0xff])],
  ['a cut character at the end', Buffer.from([0x61, 0xc3])],
  ['a NUL', Buffer.from('a\0')],
])('%s are shown as a number of bytes', (_, bytes) => {
  expect(asText(bytes)).toBe('(2 bytes, not text)')
})
