import { expect, test } from 'vitest'
import { page } from './code-blocks.ts'
import { sourceTexts } from './source-messages.ts'

const texts = sourceTexts()
const rows = page('docs/troubleshooting.md')
  .split('\n')
  .flatMap((line) => /^\| `([^`]+)` \|/.exec(line)?.[1] ?? [])

/** Matches the code directly before the text of a finding. */
const finding = /(?:finding\(|\bsentence(?::| =)|failed, )\s*$/

test('every message in docs/troubleshooting.md is a message of burst', () => {
  expect(rows.length).toBeGreaterThan(130)
  const known = new Set(texts.map(({ text }) => text.replaceAll(/…+/g, '…')))
  expect(rows.filter((row) => !known.has(row))).toEqual([])
})

test('docs/troubleshooting.md lists every error message except messages about invalid input', () => {
  const failures = texts.filter(({ before }) => /new BurstError\(\s*'(?!invalidInput)\w+',\s*$/.test(before))
  expect(failures.length).toBeGreaterThan(60)
  expect(missing(failures.map(({ text }) => text))).toEqual([])
})

test.each([
  ['core/verdict/work.ts', finding],
  ['core/verdict/verdict.ts', finding],
  ['core/verdict/completeness/delivery.ts', /return \[?\s*$/],
])('docs/troubleshooting.md lists every finding in the source file %s', (source, before) => {
  const found = texts.filter((one) => one.file === source && before.test(one.before))
  expect(found.length).toBeGreaterThan(3)
  expect(missing(found.map(({ text }) => text).filter((text) => text !== '……'))).toEqual([])
})

function missing(messages: readonly string[]): string[] {
  return messages.map((text) => text.replaceAll(/…+/g, '…')).filter((text) => !rows.includes(text))
}
