import { expect, test } from 'vitest'
import { capName, isNamed } from '../../core/counted-name.ts'

test('an extremely long name in the statistics is shortened', () => {
  expect(capName(`/${'x'.repeat(10_000)}`)).toHaveLength(301)
})

test.each([
  ['with blanks around it', '  lead trail ', 'lead trail'],
  ['of more than 300 characters', 'x'.repeat(400), 'x'.repeat(400)],
  ['with a lone surrogate', 'half \uD83D end', 'half \uD83D end'],
  ['whose character at the limit is a surrogate pair', `${'x'.repeat(299)}😀 end`, `${'x'.repeat(299)}😀 end`],
])('a threshold for a name %s matches this name in the statistics', (_, name, wanted) => {
  expect(isNamed(wanted, capName(name))).toBe(true)
  expect(isNamed(`y${wanted}`, capName(name))).toBe(false)
})
