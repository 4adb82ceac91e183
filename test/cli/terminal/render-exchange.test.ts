import { expect, test } from 'vitest'
import { renderExchange, renderTrace } from '../../../cli/terminal/render-exchange.ts'
import { maskBody, maskUrl } from '../../../cli/terminal/mask.ts'
import type { TracedExchange } from '../../../functions/worker/engine/protocol.ts'

const exchange: TracedExchange = {
  user: 0,
  call: 1,
  iteration: 0,
  name: '/login',
  method: 'POST',
  url: 'http://127.0.0.1:8080/login?token=abc&page=2',
  requestHeaders: {
    authorization: 'Bearer s3cret',
    cookie: 'a=s3cret; b=s3cret',
    'x-api-key': 's3cret',
    accept: '*/*',
  },
  requestBody: '{"email":"a@example.com","password":"s3cret"}',
  status: 200,
  responseHeaders: {
    'set-cookie': ['sid=s3cret; Path=/; HttpOnly', 'b=s3cret; Path=/'],
    'content-type': 'application/json',
  },
  responseBody: '{"user":{"id":7,"accessToken":"s3cret","keys":["a"]}}',
  bytesIn: 53,
  latencyMs: 12.3,
  hopMs: 12.3,
  redirects: [],
  failure: null,
}

test('an exchange is shown completely, and its secrets are masked', () => {
  expect(renderExchange(exchange)).toMatchInlineSnapshot(`
    "/login
    > POST http://127.0.0.1:8080/login?token=***&page=2
    > authorization: ***
    > cookie: a=***; b=***
    > x-api-key: ***
    > accept: */*
    >
    > {
    >   "email": "a@example.com",
    >   "password": "***"
    > }
    < 200 OK in 12 ms
    < set-cookie: sid=***; Path=/; HttpOnly
    < set-cookie: b=***; Path=/
    < content-type: application/json
    <
    < {
    <   "user": {
    <     "id": 7,
    <     "accessToken": "***",
    <     "keys": [
    <       "a"
    <     ]
    <   }
    < }
    ✓ ok"
  `)
})

test.each([
  ['a form', 'user=a&password=s3cret&client_secret=s3cret'],
  ['a form with encoded keys', 'pass%77ord=s3cret'],
  ['nested JSON', '[{"deep":{"api-key":"s3cret","auth":{"x":"s3cret"}}}]'],
  ['broken JSON', '{"password":"s3cret","next":'],
  ['JSON that is cut off inside its secret', '{"a":1,"token":"s3cret'],
])('the output for %s does not contain the secret', (_what, requestBody) => {
  expect(renderExchange({ ...exchange, requestBody })).not.toContain('s3cret')
})

test.each([
  ['echo {"token":"s3cret","page":2}', 'echo {"token":"***","page":2}'],
  [
    '42["auth",{"user":"ann","accessToken": "s3\\"s3cret", "n":1}]',
    '42["auth",{"user":"ann","accessToken": "***", "n":1}]',
  ],
  ['send {"auth":{"x":["s3cret","}s3cret"]},"n":1}', 'send {"auth":"***","n":1}'],
  ['send {"secret":["s3cret', 'send {"secret":"***"'],
  ['data: {"body":"{\\"token\\":\\"s3cret\\",\\"n\\":1}"}', 'data: {"body":"{\\"token\\":\\"***\\",\\"n\\":1}"}'],
  ['{"log":"POST /x?token=s3cret&page=2"}', '{\n>   "log": "POST /x?token=***&page=2"\n> }'],
  ["login {token: 's3cret', pin: 1}", "login {token: '***', pin: 1}"],
  ['first line\npassword=s3cret&page=2 rest', 'first line\n> password=***&page=2 rest'],
  ['went to /x?pass%77ord=s3cret#end', 'went to /x?pass%77ord=***'],
  ['authorization=Bearer s3cret next', 'authorization=*** next'],
  [
    'GET / HTTP/1.1\r\nAuthorization: Digest username="a", response="s3cret"\r\nCookie: a=s3cret; b=s3cret\r\nAccept: */*',
    'GET / HTTP/1.1\n> Authorization: ***\n> Cookie: ***\n> Accept: */*',
  ],
  ['curl -H "X-Api-Key: s3cret" -H "cookie: a=s3cret; b=s3cret" /x', 'curl -H "X-Api-Key: ***" -H "cookie: ***" /x'],
  ['<token>', '<token>'],
  [
    '{"private":true,"session":null,"keys":["a"]} and more: a=b',
    '{"private":true,"session":null,"keys":["a"]} and more: a=b',
  ],
])('a value in the text %j is masked if its name suggests a secret', (requestBody, shown) => {
  const printed = renderExchange({ ...exchange, requestHeaders: {}, requestBody, failure: `got ${requestBody}` })
  expect(printed).toContain(`>\n> ${shown}\n`)
  expect(printed.slice(0, printed.indexOf('\n< '))).not.toContain('s3cret')
  expect(printed.slice(printed.indexOf('✗'))).not.toContain('s3cret')
})

test.each([
  ['you sent Basic am86aHVudGVyMg==', 'you sent Basic ***'],
  ['{"sent":"basic am86aHVudGVyMg=="}', '{\n<   "sent": "basic ***"\n< }'],
  ['you sent Bearer eyJhbGciOiJIUzI1NiJ9.e30.x', 'you sent Bearer ***'],
  ['Basic information for a bearer of good-news', 'Basic information for a bearer of good-news'],
])('credentials that follow the name of their scheme are masked, so %j is shown as %j', (responseBody, shown) => {
  const printed = renderExchange({
    ...exchange,
    requestHeaders: {},
    requestBody: null,
    responseHeaders: {},
    responseBody,
  })
  expect(printed).toContain(`\n<\n< ${shown}\n`)
})

test('credentials and cookies of a request are masked wherever the target repeats them', () => {
  const requestHeaders = {
    authorization: 'Basic am86aHVudGVyMg==',
    'x-api-key': 'k3y-of-jo',
    'x-auth-mode': 'none',
    'x-csrf-token': 'the k3y of jo',
    cookie: 'theme=dark; sid=s%3A0123456789abcdef; session=s3cret',
  }
  const redirects = [
    {
      ...exchange,
      requestHeaders: { 'x-api-key': 'first-k3y' },
      requestBody: null,
      responseHeaders: {},
      responseBody: null,
    },
  ]
  const printed = renderExchange({
    ...exchange,
    requestHeaders,
    redirects,
    requestBody: null,
    responseHeaders: { 'x-echo': 'am86aHVudGVyMg==', location: '/k3y-of-jo' },
    responseBody: [
      'jo:hunter2, hunter2, k3y-of-jo, first-k3y, the k3y of jo, s%3A0123456789abcdef, s:0123456789abcdef, s3cret',
      'none, dark, the book of jo',
    ].join('; '),
    failure: 'wrong password hunter2',
  })
  expect(printed).toContain(
    '< x-echo: ***\n< location: /***\n<\n< ***, ***, ***, ***, ***, ***, ***, ***; none, dark, the book of jo\n',
  )
  expect(printed).toContain('✗ wrong password ***')
})

test.each(['Bearer', 'Token', 'ApiKey', 'bearer'])(
  'if a response repeats the header "authorization: %s …", its credentials are masked, but not its scheme',
  (scheme) => {
    const printed = renderExchange({
      ...exchange,
      requestHeaders: { authorization: `${scheme} hunter2` },
      requestBody: null,
      responseHeaders: {},
      responseBody: `{"sent":"hunter2","scheme":"${scheme}"}`,
    })
    expect(printed).not.toContain('hunter2')
    expect(printed).toContain(`"scheme": "${scheme}"`)
  },
)

test('masking takes linear time', () => {
  const texts = ['a'.repeat(300_000), 'token='.repeat(50_000), '"token":"'.repeat(30_000), '"token":['.repeat(30_000)]
  for (const text of [...texts, `token:"${'\\'.repeat(300_000)}`, `x token${' '.repeat(300_000)}`]) {
    const startedAt = performance.now()
    expect(maskBody(`x ${text}`).length).toBeGreaterThan(0)
    expect(performance.now() - startedAt).toBeLessThan(5000)
  }
})

test('each redirect is shown with the time that it took, and the last line shows the total time', () => {
  const hop = { ...exchange, requestHeaders: {}, requestBody: null, responseHeaders: {}, responseBody: null }
  const redirects = [{ ...hop, url: 'http://a/old', status: 302, hopMs: 3 }]
  expect(renderExchange({ ...hop, method: 'GET', url: 'http://a/new', hopMs: 9, latencyMs: 13, redirects })).toBe(
    [
      '/login',
      '> POST http://a/old',
      '< 302 Found in 3 ms',
      '> GET http://a/new',
      '< 200 OK in 9 ms',
      '✓ ok, 1 redirect, 13 ms in total',
    ].join('\n'),
  )
})

test('a failure and a missing response are shown', () => {
  const failed = renderExchange({
    ...exchange,
    status: 0,
    responseHeaders: {},
    responseBody: null,
    failure: 'ECONNREFUSED',
  })
  expect(failed).toContain('< no response after 12 ms\n✗ ECONNREFUSED')
})

test('long bodies are cut, and their control characters do not reach the terminal', () => {
  const shown = renderExchange({ ...exchange, responseBody: `\u001b[2J\u0007${'x'.repeat(5000)}\nend` })
  expect(shown).toMatch(/< x{2000,2048}… \([\d,]+ more characters\)/)
  expect(shown.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
})

test('the output shows the names of tasks and the waits between the exchanges', () => {
  expect(renderTrace({ kind: 'task', user: 3, iteration: 0, task: 'browse' })).toBe('user 3, task browse\n')
  expect(renderTrace({ kind: 'pause', user: 3, iteration: 0, ms: 2000 })).toBe('user 3 pauses for 2 s\n')
})

test.each([
  ['/cb?access_token=SECRET&page=2', '/cb?access_token=***&page=2'],
  ['/cb#access_token=SECRET', '/cb#access_token=***'],
  ['https://a.test/cb?page=2#access_token=SECRET', 'https://a.test/cb?page=2#access_token=***'],
  ['../login', '../login'],
  ['https://a.test/docs#limits', 'https://a.test/docs#limits'],
])('secrets in the address %j are masked, even in a relative address or in a fragment', (address, shown) => {
  expect(maskUrl(address)).toBe(shown)
})
