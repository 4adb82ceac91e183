import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkThresholds } from '../../../cli/bundle/threshold-names.ts'
import { described } from '../../fixtures/planning.ts'
import { scenarioFolder } from '../../fixtures/scenario-folder.ts'

/** Checks the names in `threshold` for a scenario whose source is `code`. */
function check(threshold: string, code: string, packages: string[] = []): void {
  const text = `${code}\nexport default scenario({ thresholds: ['${threshold}'] })`
  checkThresholds({
    description: described({ thresholds: [threshold] }),
    sources: [{ path: '/a.ts', shown: 'a.ts', text }],
    packages,
  })
}

const browse = "tasks = { buy: 1 }; async buy() { await this.http.post('/buy', { json: { id: 1 } }) }"

test.each([
  ['buy: p95 < 1s', browse],
  ['POST buy: p95 < 1s', browse],
  ['buy: p95 < 1s', browse.replace('buy: 1', "'buy': 1")],
  ['buy: p95 < 1s', browse.replace('id: 1', "action: 'buy'")],
  ['buy: p95 < 1s', browse.replace('tasks', 'tasks: Tasks<U>').replace('buy: 1', '"buy": 1')],
  ['product/:id: p95 < 1s', "this.http.get('/product/:id', { params: { id } })"],
  ['/card: p95 < 1s', "this.http.get('/cart'); this.step('checkout', f)"],
  ['check:price: errors < 1%', "this.http.get('/x').check('has price', f)"],
  ['SSE /prizes: first event: p95 < 1s', "for await (const event of this.http.sse('/prices')) {}"],
  ['SSE /prices: last event: p95 < 1s', "for await (const event of this.http.sse('/prices')) {}"],
  ['WS /rooms/:room sent: p95 < 1s', "this.ws('/chats/:room', { params: { room: 7 } })"],
  ['POST /graphql Card: p95 < 1s', "this.http.graphql('query Cart { cart { total } }')"],
])('the threshold %s is refused, because it matches no request, sample or step of %s', (threshold, code) => {
  expect(() => check(threshold, code)).toThrow(`threshold '${threshold}' does not name a`)
})

test.each([
  ['/buy: p95 < 1s', browse],
  ['POST /buy: p95 < 1s', browse],
  ['buy: p95 < 1s', "this.http.get('/x', { name: 'buy' })"],
  ['GET /x: p95 < 1s', 'this.http.get(`/x?page=1`)'],
  ['/base/x: p95 < 1s', "this.http.get('https://shop.example.com/base/x')"],
  ['https://cdn.example.com/x: p95 < 1s', 'this.http.get("https://cdn.example.com/x")'],
  ['PROPFIND /dav: p95 < 1s', "this.http.request('PROPFIND', '/dav')"],
  ["it's: p95 < 1s", String.raw`this.http.get('/x', { name: 'it\'s' })`],
  ['checkout: p95 < 1s', "this.step('checkout', f)"],
  ['checkout : p95 < 1s', "this.step(' checkout ', f)"],
  ['check: price: errors < 1%', "this.http.get('/x').check(' price', f)"],
  ['message: p95 < 1s', "this.record({ method: 'WS', name: 'message', ms })"],
  ['buy: p95 < 1s', "const { step } = this; tasks = { go: 1 }; step('buy', f)"],
  ['buy: p95 < 1s', 'this.http.get(path)'],
  ['buy: p95 < 1s', 'this.http.get<Params>(path)'],
  ['buy: p95 < 1s', "this.http.get('/' + path)"],
  ['buy: p95 < 1s', 'this.http.post(`/${path}`)'],
  ['buy: p95 < 1s', "this.http.get('/x', { name })"],
  ['buy: p95 < 1s', "this.http[method]('/x')"],
  ['buy: p95 < 1s', "this.http.request('PROPFIND', path)"],
  ['buy: p95 < 1s', 'this.step(label, f)'],
  ['check:price: errors < 1%', "this.http.get('/x').check('price', f)"],
  ['check:price: errors < 1%', "this.http.get('/x').check(label, f)"],
  ['SSE /prices: first event: p95 < 1s', "for await (const event of this.http.sse('/prices')) {}"],
  ['/prices: between events: p99 < 1s', "for await (const event of this.http.sse('/prices')) {}"],
  ['SSE /prices: reconnect: errors < 1%', "for await (const event of this.http.sse('/prices?currency=EUR')) {}"],
  ['SSE quotes: first event: p95 < 1s', "this.http.sse('/prices', { name: 'quotes' })"],
  ['SSE /prices: first event: p95 < 1s', 'this.http.sse(path)'],
  ['GET /prices: p95 < 1s', 'this.http.stream(path)'],
  ['WS /rooms/:room sent: p95 < 1s', "this.ws('/rooms/:room', { params: { room: 7 } })"],
  ['WS /rooms/:room received: p95 < 1s', "this.ws('/rooms/:room', { params: { room: 7 } })"],
  ['WS /rooms/:room message: p95 < 1s', "this.ws('/rooms/:room', { params: { room: 7 } })"],
  ['WS /rooms/:room lost: errors < 1%', "this.ws('/rooms/:room', { params: { room: 7 } })"],
  ['WS /rooms/:room closed 1000: p50 > 10s', "this.ws('/rooms/:room', { params: { room: 7 } })"],
  ['WS /rooms/:room closed 3xxx: p50 > 10s', "this.ws('/rooms/:room', { params: { room: 7 } })"],
  ['WS /rooms/7: p95 < 1s', 'this.ws(address)'],
  ['POST /graphql Cart: p95 < 1s', "this.http.graphql('query Cart($id: ID!) { cart(id: $id) { total } }', { id: 7 })"],
  ['/graphql Pay: p95 < 1s', 'this.http.graphql(`mutation Pay { pay { id } }`)'],
  ['POST /graphql { cart }: p95 < 1s', "this.http.graphql('{ cart { total } }')"],
  ['POST /graphql Cart: p95 < 1s', 'this.http.graphql(cartDocument, { id: 7 })'],
  ['POST /sign-in: p95 < 1s', "page.form('#sign-in').submit({ user: 'ann' })"],
  ['GET /logo.svg: p95 < 1s', 'page.resources()'],
])('the threshold %s is accepted, because it may match a request, sample or step of %s', (threshold, code) => {
  expect(() => check(threshold, code)).not.toThrow()
})

test.each([
  ['GET /card: p95 < 1s', "this.http.post('/pay'); this.http.get('/cart?full=1')", 'the scenario has /cart, /pay'],
  [
    'chekout: p95 < 1s',
    "this.step('checkout', f); this.ws('/chat', { name: 'chat' })",
    'the scenario has checkout, chat, /chat',
  ],
  ['check:prize: errors < 1%', "this.http.get('/x').check('price', f)", 'the scenario has price'],
  ['GET /x: p95 < 1s', 'this.sleep(1)', undefined],
])('the error for the threshold %s lists the names in %s, the most similar name first', (threshold, code, hint) => {
  expect(() => check(threshold, code)).toThrow(expect.objectContaining({ hint }))
})

test.each([
  ['POST /cart: intent: p95 < 1s', "this.http.post('/cart')", 'intent: POST /cart: p95 < 1s'],
  ['Intent: p95 < 1s', "this.http.post('/cart')", 'intent: p95 < 1s'],
  ['Check:price: errors < 1%', "this.http.get('/x').check('price', f)", 'check:price: errors < 1%'],
])(
  'if a part of the threshold is misspelt or in the wrong place (%s), the error shows the correct threshold',
  (threshold, code, right) => {
    const hint = `write '${right}'; the order is intent, name, rule`
    expect(() => check(threshold, code)).toThrow(expect.objectContaining({ hint }))
    expect(() => check(right, code)).not.toThrow()
  },
)

test('a threshold may name a request that is sent by a package that the scenario imports', async () => {
  const file = join(await scenarioFolder({}), 'index.js')
  writeFileSync(file, "export const login = (user) => user.http.post('/login')")
  expect(() => check('POST /login: p95 < 1s', 'login(this)', [file])).not.toThrow()
  expect(() => check('POST /logout: p95 < 1s', 'login(this)', [file])).toThrow('does not name a request')
})
