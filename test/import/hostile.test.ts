import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import { transform } from 'esbuild'
import { expect, test } from 'vitest'
import { HttpUser } from '../../core/authoring/http-user.ts'
import { importFile } from '../../import/import.ts'
import { membersOfUser } from '../../import/scenario/names.ts'
import { quoted } from '../../import/scenario/print/literals.ts'
import { folder, refusal } from './import-text.ts'

test('code in names, strings, comments and docstrings is not executed', async () => {
  const { code } = await importFile(fileURLToPath(new URL('locust/whole-files/hostile.py', import.meta.url)))
  const { code: plain } = await transform(code, { loader: 'ts', minifySyntax: false, charset: 'utf8' })
  const withoutTexts = plain.replaceAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, "''")
  expect(plain).toContain('process.exit(1)')
  expect(withoutTexts).not.toContain('process.exit')
})

test('the key __proto__ is treated like any other key', async () => {
  const { code } = await importFile(fileURLToPath(new URL('locust/whole-files/hostile.py', import.meta.url)))
  expect(code).toContain("['__proto__']: { a: 1 }")
})

test('the importers know every method of HttpUser, so a task of a scenario never gets the name of one of these methods', () => {
  const methods = Object.getOwnPropertyNames(HttpUser.prototype).filter((name) => name !== 'constructor')
  expect(methods.filter((name) => !membersOfUser.has(name))).toEqual([])
})

test('every string is unchanged when it is written as a literal and read again', () => {
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

test('a file that is too large or too deeply nested is refused quickly with a one-sentence error message', async () => {
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

test('curl commands that cannot be read are refused with a one-sentence error message that names the line', async () => {
  expect(await refusal('a.sh', '# empty\n')).toBe(`burst does not recognise the format of ${join(folder, 'a.sh')}`)
  expect(await refusal('b.sh', "echo\ncurl 'http://x\n")).toMatch(
    /^this is not a shell command that burst can read: .* at b\.sh:\d$/,
  )
  expect(await refusal('c.sh', 'curl -s\n')).toBe('c.sh contains no curl command with a URL at c.sh:1')
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

test('recordings that cannot be read are refused with a one-sentence error message', async () => {
  const har = (entries: unknown): string => JSON.stringify({ log: { entries } })
  expect(await refusal('a.har', '{"log": ')).toMatch(/^a\.har is not JSON: .* at a\.har:1$/)
  expect(await refusal('b.har', '[]')).toBe('b.har is not a HAR file: it has no list "log.entries" at b.har:1')
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

test('Postman collections that cannot be read are refused with a one-sentence error message', async () => {
  const schema = '"schema.getpostman.com"'
  expect(await refusal('p.json', `{"info":${schema},"item":{}}`)).toBe(
    'p.json is not a Postman collection: it has no list "item" at p.json:1',
  )
  expect(await refusal('q.json', `{"info":${schema},"item":[null,7,{"item":[]}]}`)).toBe(
    'q.json has no request at q.json:1',
  )
  expect(await refusal('r.json', `{"info":${schema},"item":${'['.repeat(50_000)}${']'.repeat(50_000)}}`)).toBe(
    'r.json is nested more than 200 levels deep at r.json:1',
  )
})

test("a response of Postman's API, in which the collection is a member of an outer object, can be imported", async () => {
  const collection = { info: { schema: 'schema.getpostman.com' }, item: [{ name: 'a', request: 'http://localhost/a' }] }
  const path = join(folder, 'wrapped.json')
  writeFileSync(path, JSON.stringify({ collection }))
  expect((await importFile(path)).code).toContain("get('/a')")
})

test('OpenAPI documents that cannot be read are refused with a one-sentence error message', async () => {
  const head = 'openapi: 3.0.0\n'
  const paths = `${head}paths: {/a: {get: {}}}\n`
  expect(await refusal('a.yaml', 'swagger: "2.0"\npaths: {}\n')).toBe(
    'a.yaml is Swagger 2.0, but burst reads only OpenAPI 3 at a.yaml:1',
  )
  expect(await refusal('b.yaml', 'openapi: 4.0.0\npaths: {}\n')).toBe(
    'b.yaml uses OpenAPI 4.0.0, but burst reads only OpenAPI 3.x at b.yaml:1',
  )
  expect(await refusal('c.yaml', `${head}webhooks: {}\n`)).toBe(
    'c.yaml has no object "paths", so it has no requests at c.yaml:1',
  )
  expect(await refusal('d.yaml', `${head}paths: {/a: 7, b: {get: {}}}\n`)).toBe(
    'd.yaml has no operation below paths at d.yaml:1',
  )
  expect(await refusal('e.yaml', `${head}paths: [\n`)).toMatch(/^e\.yaml is not YAML: .* at e\.yaml:\d$/)
  expect(await refusal('f.json', '{"openapi": "3.0.0", "paths": ')).toMatch(/^f\.json is not JSON: .* at f\.json:1$/)
  const deep = / is nested more than 200 levels deep at \w\.yaml:1$/
  expect(await refusal('g.yaml', `${paths}x: ${'['.repeat(20_000)}${']'.repeat(20_000)}\n`)).toMatch(deep)
  expect(await refusal('h.yaml', `${head}paths: &p {/a: {get: {x: *p}}}\n`)).toMatch(deep)
  const bomb = ['a: &a [x, x]', ...'b c d e f g h i j k l m n o p'.split(' ')].map((name, index, all) =>
    index === 0 ? name : `${name}: &${name} [*${all[index - 1]?.[0]}, *${all[index - 1]?.[0]}]`,
  )
  expect(await refusal('i.yaml', `${paths}${bomb.join('\n')}\n`)).toMatch(/^i\.yaml has too many aliases/)
  expect(await refusal('j.yaml', `${paths}x: [&b 1${', *b'.repeat(2001)}]\n`)).toBe(
    'j.yaml has more than 2000 aliases at j.yaml:1',
  )
})

test('if references in an OpenAPI document multiply a schema endlessly, the request body stays small or the document is refused', async () => {
  const of = (schema: string, count: number, next: (ref: object) => object): string =>
    JSON.stringify({
      openapi: '3.0.0',
      paths: Object.fromEntries(Array.from({ length: count }, (_, index) => [`/${index}`, { post: { requestBody } }])),
      components: {
        schemas: Object.fromEntries(
          Array.from({ length: 40 }, (_, index) => [`S${index}`, next({ $ref: `#/components/schemas/S${index + 1}` })]),
        ),
      },
    }).replaceAll('SCHEMA', schema)
  const requestBody = { content: { 'application/json': { schema: { $ref: '#/components/schemas/SCHEMA' } } } }
  expect(
    (
      await refusal(
        'k.json',
        of('S0', 1, (ref) => ({ allOf: [ref, ref, ref] })),
      )
    ).length,
  ).toBeLessThan(1000)
  const properties = (ref: object): object => ({ properties: { a: ref, b: ref, c: ref, d: ref } })
  expect(await refusal('l.json', of('S0', 2, properties))).toContain('json: {')
  expect(await refusal('m.json', of('S0', 600, properties))).toBe(
    'the scenario of m.json would be too large at m.json:1',
  )
})

test('an option that does not apply to the format of the file is refused', async () => {
  const file = join(folder, 'n.sh')
  writeFileSync(file, 'curl https://x.example/a\n')
  await expect(importFile(file, { only: ['users'] })).rejects.toThrow(
    '--only is for the format openapi, but the format of this file is curl',
  )
})

test('--only keeps the operations that match one of the given tags, operationIds or paths', async () => {
  const file = fileURLToPath(new URL('openapi/documents/shop.yaml', import.meta.url))
  const kept = async (...only: string[]): Promise<string[]> => {
    const { code } = await importFile(file, { only })
    return [...code.matchAll(/@task\n {2}async (\w+)\(/g)].map(([, name = '']) => name)
  }
  expect(await kept('orders')).toEqual(['createOrder'])
  expect(await kept('list-*', 'GET /health')).toEqual(['listProducts', 'getHealth'])
  expect(await kept('/products/*')).toEqual(['getProduct', 'deleteProduct'])
  expect(await kept('/products**')).toEqual(['listProducts', 'postProducts', 'getProduct', 'deleteProduct'])
  await expect(kept('Basket')).rejects.toThrow('shop.yaml has no tag, operationId or path Basket')
})

test('the scenario contains no secret from a recording or a command', async () => {
  for (const sample of [
    'har/pages/chrome_shop.har',
    'har/pages/redirect.har',
    'har/pages/no_pages.har',
    'curl/commands/login.sh',
    'curl/commands/chrome.sh',
  ]) {
    const { code } = await importFile(fileURLToPath(new URL(sample, import.meta.url)))
    expect(code).not.toMatch(/hunter2|t0k|k-77|s3cret|k-123|abc123|8f3e2a|eyJhbGci/)
  }
})

test.each([
  'curl/options/hostile.sh',
  'har/pages/hostile.har',
  'postman/collections/hostile.json',
  'openapi/documents/hostile.yaml',
  'k6/code/hostile.js',
  'jmeter/samplers/hostile.jmx',
])('code in %s is not executed', async (sample) => {
  const { code } = await importFile(fileURLToPath(new URL(sample, import.meta.url)))
  const { code: plain } = await transform(code, { loader: 'ts', charset: 'utf8' })
  expect(plain).toContain('process.exit')
  expect(plain.replaceAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, "''")).not.toContain('process.exit')
})

test('large and cyclic files are read in a few seconds, or are refused with a one-sentence error message', async () => {
  const head = 'from locust import HttpUser, TaskSet, task\n'
  const user = '\nclass Visitor(HttpUser):\n    tasks = [A]\n'
  const cyclic = 'class A(TaskSet):\n    tasks = ["B"]\nclass B(TaskSet):\n    tasks = [A]\nA.tasks = [B]\n'
  expect(await refusal('cyclic.py', head + cyclic + user)).toContain('class Visitor')
  const sets =
    'class A(TaskSet):\n    pass\nclass B(TaskSet):\n    tasks = {A: 1, C: 2}\nclass C(TaskSet):\n    tasks = [B, C]\n'
  expect(await refusal('sets.py', `${head}${sets}\nclass Visitor(HttpUser):\n    tasks = [B]\n`)).toBe(
    'the TaskSets B, C contain each other without end at sets.py:4',
  )
  const constants = Array.from({ length: 20_000 }, (_, index) => `VALUE_${index} = "${index}"`).join('\n')
  const tasks = Array.from(
    { length: 2000 },
    (_, index) => `    @task\n    def t${index}(self):\n        self.client.get("/${index}")`,
  )
  const large = `${head}${constants}\nclass Visitor(HttpUser):\n${tasks.join('\n')}\n`
  expect((await refusal('large.py', large)).split('@task').length).toBe(2001)
  const script = Array.from({ length: 2000 }, (_, index) => `  http.get('https://a.example/' + ${index});`).join('\n')
  const k6 = `import http from 'k6/http';\nexport default function () {\n${script}\n}\n`
  expect((await refusal('large.js', k6)).split('this.http.get').length).toBe(2001)
  const loop = "import http from 'k6/http'\nconst a = b, b = a, o = { ...p }, p = { ...o }\nexport const options = o\n"
  expect(await refusal('loop.js', `${loop}export default () => { const x = x; http.get(a, p) }`)).toContain(
    'export default scenario',
  )
})
