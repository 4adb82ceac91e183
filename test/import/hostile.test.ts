import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import { transform } from 'esbuild'
import { expect, test } from 'vitest'
import { importFile } from '../../import/import.ts'
import { quoted } from '../../import/scenario/print/literals.ts'

const folder = mkdtempSync(join(tmpdir(), 'burst-hostile-'))

test('code in names, texts, comments and docstrings stays text', async () => {
  const { code } = await importFile(fileURLToPath(new URL('locust/hostile.py', import.meta.url)))
  const { code: plain } = await transform(code, { loader: 'ts', minifySyntax: false, charset: 'utf8' })
  const withoutTexts = plain.replaceAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, "''")
  expect(plain).toContain('process.exit(1)')
  expect(withoutTexts).not.toContain('process.exit')
})

test('the key __proto__ is an ordinary key', async () => {
  const { code } = await importFile(fileURLToPath(new URL('locust/hostile.py', import.meta.url)))
  expect(code).toContain("['__proto__']: { a: 1 }")
})

test('every text is unchanged after it was written as a literal and read', () => {
  const texts = [
    "'",
    '"',
    '`${1}`',
    '\\',
    '\u2028\u2029',
    '\0\u001b',
    '\ud800',
    '😀',
    '</script>',
    '\r\n\t',
    '*/',
    '\u202e',
  ]
  for (const text of texts) expect(runInNewContext(quoted(text))).toBe(text)
})

test('a file that is too large or too deeply nested is refused quickly, with a sentence', async () => {
  const file = join(folder, 'deep.py')
  const refused = async (text: string): Promise<string> => {
    writeFileSync(file, text)
    return importFile(file).then(
      () => 'imported',
      (error: Error) => error.message,
    )
  }
  expect(await refused(`x = ${'('.repeat(20_000)}`)).toMatch(/^this is (?:nested more than 400 levels deep|not Python)/)
  expect(await refused(`x = ${'1 + '.repeat(2_000)}1\n`)).toMatch(/^this is nested more than 400 levels deep$/)
  expect(await refused(`x = ${'not '.repeat(2_000)}1\n`)).toMatch(/^this is nested more than 400 levels deep$/)
  expect(await refused(' '.repeat(3 * 1024 * 1024))).toBe('deep.py is larger than 2 MiB')
  expect(readFileSync(file, 'utf8').length).toBeGreaterThan(0)
})
