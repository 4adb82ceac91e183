import { expect, test } from 'vitest'
import { progressBar } from '../../../cli/terminal/progress-bar.ts'
import { clean, cleanAll, styleFor } from '../../../cli/terminal/style.ts'
import { fit, renderTable } from '../../../cli/terminal/table.ts'

test('numbers are right-aligned under the titles of their columns, with and without colours', () => {
  const red = (text: string): string => `\u001b[31m${text}\u001b[39m`
  const table = renderTable(
    [
      { title: 'name', flexible: true },
      { title: 'count', align: 'right' },
    ],
    [
      ['a', red('1')],
      ['b', '1,000'],
    ],
    { width: 40 },
  )
  expect(table.replaceAll(red('1'), '1')).toBe('name  count\na         1\nb     1,000')
})

test('the flexible column is cut so that the table fits', () => {
  const table = renderTable(
    [
      { title: 'name', flexible: true },
      { title: 'n', align: 'right' },
    ],
    [['x'.repeat(50), '12345']],
    { width: 20 },
  )
  expect(table).toBe('name               n\nxxxxxxxxxxxx…  12345')
})

test('a table with wrapped lines shows all of its content', () => {
  const table = renderTable(
    [{ title: '' }, { title: '', flexible: true }],
    [['1', 'one two three four http://x/0123456789']],
    { width: 12, wrap: true },
  )
  expect(table.replaceAll(/\s+/g, '')).toBe('1onetwothreefourhttp://x/0123456789')
  expect(table).toContain('three')
  expect(table.split('\n').every((line) => line.length <= 12)).toBe(true)
})

test('a string that fits is unchanged, and a wide character counts as two columns', () => {
  expect(fit('short', 10)).toBe('short')
  expect(fit('日本語', 4)).toBe('日…')
})

test('the width of a column takes accents, wide characters and colours into account', () => {
  const columns = [{ title: '' }, { title: '' }]
  const rows = ['Größe', '日本語', '\u001b[31mred\u001b[39m', 'e\u0301'].map((text) => [text, '|'])
  expect(renderTable(columns, rows, { width: 40 }).split('\n')).toEqual([
    'Größe   |',
    '日本語  |',
    '\u001b[31mred\u001b[39m     |',
    'e\u0301       |',
  ])
})

test('when lines are wrapped, a long word with an accent is continued on the next line and not cut', () => {
  const table = renderTable([{ title: '', most: 6 }], [['Größenordnung']], { width: 6, wrap: true })
  expect(table.replaceAll(/\s+/g, '')).toBe('Größenordnung')
})

test('control sequences are removed from a string', () => {
  expect(clean('a\u001b]8;;http://x\u0007link\u001b]8;;\u0007\r\nb\u2028c\u202Ed\u0000')).toBe('alink b cd')
  expect(cleanAll({ 'k\u001b[1m': ['\u001b[2J', 1, null, true] })).toEqual({ k: ['', 1, null, true] })
})

test('a progress bar stays within its width', () => {
  expect(progressBar(0.5, 10)).toEqual({ done: '━━━━━', left: '─────' })
  expect(progressBar(7, 4)).toEqual({ done: '━━━━', left: '' })
  expect(progressBar(-1, -4)).toEqual({ done: '', left: '' })
})

test('NO_COLOR switches colours off, and FORCE_COLOR switches colours on', () => {
  const style = styleFor(process.stdout)
  const before = { no: process.env['NO_COLOR'], force: process.env['FORCE_COLOR'] }
  try {
    delete process.env['NO_COLOR']
    process.env['FORCE_COLOR'] = '1'
    expect(style.red('x')).toBe('\u001b[31mx\u001b[39m')
    delete process.env['FORCE_COLOR']
    process.env['NO_COLOR'] = '1'
    expect(style.red('x')).toBe('x')
  } finally {
    for (const [key, value] of [
      ['NO_COLOR', before.no],
      ['FORCE_COLOR', before.force],
    ] as const) {
      if (value === undefined) delete process.env[key]
      else process.env[key] = value
    }
  }
})
