import { expect, test } from 'vitest'
import { page } from './code-blocks.ts'
import { sourceTexts } from './source-messages.ts'

const texts = sourceTexts()
const rows = page('docs/troubleshooting.md')
  .split('\n')
  .flatMap((line) => /^\| `([^`]+)` \|/.exec(line)?.[1] ?? [])

test('every message in docs/troubleshooting.md is a message of burst', () => {
  expect(rows.length).toBeGreaterThan(130)
  const known = new Set(texts.map(({ text }) => text.replaceAll(/…+/g, '…')))
  expect(rows.filter((row) => !known.has(row))).toEqual([])
})

test('docs/troubleshooting.md lists every error message except those about invalid input', () => {
  const failures = texts.filter(({ before }) => /new BurstError\(\s*'(?!invalidInput)\w+',\s*$/.test(before))
  expect(failures.length).toBeGreaterThan(60)
  expect(missing(failures.map(({ text }) => text))).toEqual([])
})

test('docs/troubleshooting.md lists every finding of a verdict about the run, the work and the delivered load', () => {
  const found = texts.filter(
    ({ file, before }) =>
      /^core\/verdict\/(?:work|verdict|delivery)\.ts$/.test(file) && /(?:finding\(|\bsentence(?::| =)|failed, )\s*$/.test(before),
  )
  expect(found.length).toBeGreaterThan(10)
  expect(missing(found.map(({ text }) => text).filter((text) => text !== '……'))).toEqual([])
})

function missing(messages: readonly string[]): string[] {
  return messages.map((text) => text.replaceAll(/…+/g, '…')).filter((text) => !rows.includes(text))
}
