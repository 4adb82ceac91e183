import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import { transform } from 'esbuild'
import { expect, test } from 'vitest'
import type { BurstError } from '../../core/errors.ts'
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

test('every text stays the same when it is written as a literal and read again', () => {
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

/** The message and the place of the error when this text is imported, or the code of the scenario if the import succeeds. */
async function refusal(name: string, text: string): Promise<string> {
  const file = join(folder, name)
  writeFileSync(file, text)
  return importFile(file).then(
    ({ code }) => code,
    (error: BurstError) => `${error.message}${error.at === undefined ? '' : ` at ${error.at}`}`,
  )
}

test('curl commands that cannot be read are refused with a sentence and the line', async () => {
  expect(await refusal('a.sh', '# empty\n')).toBe(`burst does not know what ${join(folder, 'a.sh')} is`)
  expect(await refusal('b.sh', "echo\ncurl 'http://x\n")).toMatch(
    /^this is not a shell command that burst can read: .* at b\.sh:\d$/,
  )
  expect(await refusal('c.sh', 'curl -s\n')).toBe('c.sh has no curl command with a URL at c.sh:1')
  expect(await refusal('d.sh', '\ncurl ftp://x.example/a\n')).toBe(
    'the URL of this command begins with ftp:// at d.sh:2',
  )
  expect(await refusal('e.bat', 'curl ^"https://x.example^" ^\n  -H ^"a: b^"\n')).toBe(
    'e.bat is written for cmd.exe at e.bat:1',
  )
  expect(await refusal('f.sh', `curl http://x ${'$('.repeat(20_000)}`)).toMatch(
    /^this is not a shell command that burst can read/,
  )
  expect(await refusal('g.sh', `curl http://x/${'a'.repeat(3 * 1024 * 1024)}`)).toBe('g.sh is larger than 2 MiB')
  expect(await refusal('h.sh', 'curl http://x\n'.repeat(1001))).toBe('h.sh has more than 1000 curl commands')
  const deep = await refusal('i.sh', `curl http://x --json '${'['.repeat(300)}${']'.repeat(300)}'\n`)
  expect(deep).toContain("'[[[[")
})

test('recordings that cannot be read are refused with a sentence', async () => {
  const har = (entries: unknown): string => JSON.stringify({ log: { entries } })
  expect(await refusal('a.har', '{"log": ')).toMatch(/^a\.har is not JSON: .* at a\.har:1$/)
  expect(await refusal('b.har', '[]')).toBe('b.har is not a HAR file: it has no list log.entries at b.har:1')
  expect(await refusal('c.har', har([null, 7, { request: { url: 'wss://x' } }]))).toBe(
    'c.har cannot be imported: it has no request over http or https at c.har:1',
  )
  expect(await refusal('d.har', har(Array.from({ length: 10_001 }, () => 0)))).toBe(
    'd.har has more than 10000 requests',
  )
  expect(await refusal('e.har', `{"log":{"entries":[],"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`)).toBe(
    'e.har is nested more than 200 levels deep at e.har:1',
  )
})

test('Postman collections that cannot be read are refused with a sentence', async () => {
  const schema = '"schema.getpostman.com"'
  expect(await refusal('p.json', `{"info":${schema},"item":{}}`)).toBe(
    'p.json is not a Postman collection: it has no list item at p.json:1',
  )
  expect(await refusal('q.json', `{"info":${schema},"item":[null,7,{"item":[]}]}`)).toBe(
    'q.json has no request at q.json:1',
  )
  expect(await refusal('r.json', `{"info":${schema},"item":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)).toBe(
    'r.json is nested more than 200 levels deep at r.json:1',
  )
})

test('the scenario contains no secret from a recording or a command', async () => {
  for (const sample of [
    'har/chrome_shop.har',
    'har/redirect.har',
    'har/no_pages.har',
    'curl/login.sh',
    'curl/chrome.sh',
  ]) {
    const { code } = await importFile(fileURLToPath(new URL(sample, import.meta.url)))
    expect(code).not.toMatch(/hunter2|t0k|k-77|s3cret|k-123|abc123|8f3e2a|eyJhbGci/)
  }
})

test.each(['curl/hostile.sh', 'har/hostile.har', 'postman/hostile.json'])('code in %s stays text', async (sample) => {
  const { code } = await importFile(fileURLToPath(new URL(sample, import.meta.url)))
  const { code: plain } = await transform(code, { loader: 'ts', charset: 'utf8' })
  expect(plain).toContain('process.exit')
  expect(plain.replaceAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, "''")).not.toContain('process.exit')
})
