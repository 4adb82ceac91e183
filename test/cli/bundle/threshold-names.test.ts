import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkThresholds } from '../../../cli/bundle/threshold-names.ts'
import { described } from '../../fixtures/planning.ts'
import { scenarioFolder } from '../../fixtures/scenario-folder.ts'

/** Checks that the source of the scenario contains the request that the threshold names. */
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
  ['product/:id: p95 < 1s', "this.http.get('/product/:id', { params: { id } })"],
  ['/card: p95 < 1s', "this.http.get('/cart'); this.step('checkout', f)"],
  ['check:price: errors < 1%', "this.http.get('/x').check('has price', f)"],
])('%s matches no request, sample or step of %s, and is refused', (threshold, code) => {
  expect(() => check(threshold, code)).toThrow(`threshold '${threshold}' names no`)
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
  ['message: p95 < 1s', "this.record({ method: 'WS', name: 'message', ms })"],
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
])('%s may match a request, sample or step of %s', (threshold, code) => {
  expect(() => check(threshold, code)).not.toThrow()
})

test('a threshold may name a request that a package of the scenario sends', async () => {
  const file = join(await scenarioFolder({}), 'index.js')
  writeFileSync(file, "export const login = (user) => user.http.post('/login')")
  expect(() => check('POST /login: p95 < 1s', 'login(this)', [file])).not.toThrow()
  expect(() => check('POST /logout: p95 < 1s', 'login(this)', [file])).toThrow('names no request')
})
