import { expect, test } from 'vitest'
import { refusal } from '../import-text.ts'

/** Imports a Postman collection with one request. */
function collection(name: string, request: object, variable: readonly object[] = []): Promise<string> {
  const info = { name: 'Shop', schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json' }
  return refusal(`${name}.json`, JSON.stringify({ info, variable, item: [{ name: 'one', request }] }))
}

test('the URL of a Postman request is built from its parts if the collection does not contain the whole URL', async () => {
  const url = {
    protocol: 'https',
    host: ['shop', 'example', 'com'],
    port: '8443',
    path: ['items', { type: 'string', value: 'all' }, ':id'],
    query: [
      { key: 'q', value: 'a&b' },
      { key: 'off', value: '1', disabled: true },
    ],
    variable: [{ key: 'id', value: '7' }],
  }
  const code = await collection('parts', { method: 'GET', url })
  expect(code).toContain("host: 'https://shop.example.com:8443'")
  expect(code).toContain("get('/items/all/7', { query: { q: 'a&b' } })")
  expect(await collection('without-url', { method: 'GET', url: {} })).toContain(
    '// TODO without-url.json: one: url: this request has no URL',
  )
})

test('a path variable of a Postman request replaces a whole segment of the path, not text in the query', async () => {
  const url = (raw: string, ...variable: readonly object[]): object => ({ method: 'GET', url: { raw, variable } })
  const host = 'https://shop.example.com'
  expect(await collection('dashed', url(`${host}/users/:user-id`, { key: 'user-id', value: '7' }))).toContain(
    "get('/users/7')",
  )
  expect(await collection('query', url(`${host}/find?path=/:id`, { key: 'id', value: '7' }))).toContain(
    "query: { path: '/:id' }",
  )
  expect(await collection('special', url(`${host}/names/:name`, { key: 'name', value: 'a?b#c' }))).toContain(
    "get('/names/a%3Fb%23c')",
  )
  expect(await collection('no-value', url(`${host}/users/:user-id`))).toContain("this.vars['user-id'] ?? ''")
})

test('disabled parts of a Postman request are left out', async () => {
  const url = {
    raw: 'https://shop.example.com/items?a=1&b=2&flag',
    query: [
      { key: 'a', value: '1' },
      { key: 'b', value: '2', disabled: true },
      { key: 'flag', value: null },
    ],
  }
  const code = await collection('disabled', { method: 'GET', url })
  expect(code).toContain("query: { a: '1', flag: '' }")
  const event = [{ listen: 'test', disabled: true, script: { exec: ["pm.environment.set('seen', 'yes')"] } }]
  const info = { name: 'Shop', schema: 'schema.getpostman.com' }
  const off = { info, event, item: [{ name: 'one', request: { method: 'GET', url } }] }
  expect(await refusal('disabled-script.json', JSON.stringify(off))).not.toContain('seen')
})

test('if a curl command has several headers with the same name, the scenario sends all of them, but only the last Content-Type', async () => {
  const command = (name: string, options: string): Promise<string> =>
    refusal(`${name}.sh`, `curl ${options} https://a.example/x\n`)
  expect(await command('repeated', "-H 'X-Tag: a' -H 'x-tag: b'")).toContain("'X-Tag': ['a', 'b']")
  const cookies = await command('cookies', "-H 'Cookie: a=1' -H 'Cookie: b=2'")
  expect(cookies).toContain("Cookie: [this.vars.cookie ?? '', this.vars.cookie_2 ?? '']")
  expect(await command('type', "-d x=1 -H 'Content-Type: text/a' -H 'Content-Type: text/b'")).toMatch(
    /\/\/ TODO type\.sh:1: header Content-Type: burst sends only the last[^]*'Content-Type': 'text\/b'/,
  )
})

test('the option -H of a curl command replaces the header that another option sets, in whatever order the options stand', async () => {
  const command = (name: string, options: string): Promise<string> =>
    refusal(`${name}.sh`, `curl ${options} https://a.example/x\n`)
  for (const [index, options] of ["-A other -H 'User-Agent: own'", "-H 'User-Agent: own' -A other"].entries()) {
    const code = await command(`agent${index}`, options)
    expect(code).toContain("'User-Agent': 'own'")
    expect(code).not.toContain('other')
  }
  expect(await command('several', '-b "a=$A" -b "b=$B"')).toContain(
    "cookie: `a=${this.vars.A ?? ''}; b=${this.vars.B ?? ''}`",
  )
  expect(await command('removed', "--json '{}' -H 'Accept:'")).not.toContain('accept')
})

test('a WebSocket connection in a recording becomes a TODO and not a request', async () => {
  const entry = (url: string, more: object = {}): object => ({
    startedDateTime: '2026-01-01T00:00:00.000Z',
    request: { method: 'GET', url, headers: [] },
    response: { status: 200, headers: [], content: {} },
    ...more,
  })
  const entries = [
    entry('https://a.example/'),
    entry('https://a.example/chat?token=s3cret', { _webSocketMessages: [{ type: 'send', data: 'hello' }] }),
    entry('https://a.example/feed', { _resourceType: 'websocket' }),
    entry('wss://a.example/live'),
  ]
  const code = await refusal('sockets.har', JSON.stringify({ log: { entries } }))
  expect(code.match(/this\.http\./g)).toHaveLength(1)
  const left = 'this connection and its messages are left out; open it with this.ws'
  expect(code).toContain(`// TODO sockets.har: entry 2: WebSocket https://a.example/chat: ${left}`)
  expect(code).toContain(`// TODO sockets.har: entry 3: WebSocket https://a.example/feed: ${left}`)
  expect(code).toContain(`// TODO sockets.har: entry 4: WebSocket wss://a.example/live: ${left}`)
  expect(code).not.toContain('s3cret')
})

test('if an OpenAPI document gives a pattern and a length for a string, the string in the scenario satisfies both, or gets a TODO', async () => {
  const sent = (name: string, schema: object): Promise<string> => {
    const content = { 'application/json': { schema: { type: 'object', properties: { code: schema } } } }
    const paths = { '/a': { post: { requestBody: { content } } } }
    return refusal(`${name}.json`, JSON.stringify({ openapi: '3.0.0', servers: [{ url: 'https://a.example' }], paths }))
  }
  const type = 'string'
  expect(await sent('long', { type, pattern: '^[A-Z]+$', minLength: 5 })).toContain("code: 'AAAAA'")
  expect(await sent('group', { type, pattern: '^(?:ab)*-\\d{1,3}$', minLength: 8 })).toContain("code: 'ababab-1'")
  expect(await sent('short', { type, pattern: '^a?b*$', maxLength: 0 })).toContain("code: ''")
  expect(await sent('open', { type, pattern: '^[a-z]\\d', minLength: 4 })).toContain("code: 'a1xx'")
  expect(await sent('one', { type, pattern: '^(?:a|b+)$', maxLength: 1 })).toContain("code: 'a'")
  const why = 'write a text that matches the pattern in the document'
  for (const [index, schema] of [
    { type, pattern: '^[A-Z]{3}$', minLength: 5 },
    { type, pattern: '^[A-Z]{3}$', maxLength: 2 },
    { type, pattern: '^(?=.*\\d)\\w+$' },
  ].entries())
    expect(await sent(`none${index}`, schema)).toContain(`code: ${why}`)
})
