import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { dataBlock, escapeHtml, html } from '../../../../core/report/html/markup.ts'
import { hostile } from '../../../fixtures/reports/hostile-report.ts'

test('values of a template are escaped, in text and in quoted attributes', () => {
  const name = `<b title="x">'&`
  expect(html`<p title="${name}">${name}</p>`.markup).toBe(
    '<p title="&lt;b title=&quot;x&quot;&gt;&#39;&amp;">&lt;b title=&quot;x&quot;&gt;&#39;&amp;</p>',
  )
})

test('a template inside a template is escaped only once, and the value undefined becomes an empty string', () => {
  const pieces = ['a<', html`<i>b</i>`, null, undefined, false as const, 0]
  expect(html`<p>${pieces}</p>`.markup).toBe('<p>a&lt;<i>b</i>0</p>')
})

test('characters that reverse or hide text are shown as codes, and letters of every script are unchanged', () => {
  expect(escapeHtml('\u202Etxt.exe\u2028\u0000\u007F\u200B')).toBe('\\u{202e}txt.exe\\u{2028}\\u{0}\\u{7f}\\u{200b}')
  expect(escapeHtml('שלום 日本 naïve 🙂\n\t')).toBe('שלום 日本 naïve 🙂\n\t')
  expect(escapeHtml('half \uD83D of a pair')).toBe('half \\u{d83d} of a pair')
})

test('no string can end the element or attribute that contains it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(escapeHtml(text)).not.toMatch(/[<>"'\u202e\u2028]/)
    }),
  )
})

test('a data block can be read back unchanged, and contains no tags or line separators', () => {
  const block = dataBlock(hostile).markup
  expect(block).not.toMatch(/[<>&\u2028\u2029]/)
  expect(JSON.parse(block)).toEqual(hostile)
})
