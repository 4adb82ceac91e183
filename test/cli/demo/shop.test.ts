import { fork } from 'node:child_process'
import { once } from 'node:events'
import { request as rawRequest } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RunningShop, startShop } from '../../../cli/demo/shop.ts'

let shop: RunningShop

beforeAll(async () => {
  shop = await startShop({ seed: 'test' })
})

afterAll(async () => {
  await shop.close()
})

function send(path: string, init: { method?: string; body?: unknown; token?: string } = {}): Promise<Response> {
  return fetch(shop.origin + path, {
    method: init.method ?? (init.body === undefined ? 'GET' : 'POST'),
    ...(init.body !== undefined && { body: typeof init.body === 'string' ? init.body : JSON.stringify(init.body) }),
    headers: init.token === undefined ? {} : { authorization: `Bearer ${init.token}` },
  })
}

async function logIn(email: string): Promise<string> {
  const answer = await send('/login', { body: { email, password: 'x' } })
  const { token }: { token: string } = JSON.parse(await answer.text())
  return token
}

describe('the demo shop', () => {
  test('the pages of the demo shop link to each other', async () => {
    const home = await send('/')
    expect(home.status).toBe(200)
    expect(home.headers.get('content-type')).toContain('text/html')
    const [link] = (await home.text()).match(/\/category\/\w+/) ?? []
    const category = await send(link ?? '')
    expect(category.status).toBe(200)
    expect(await category.text()).toMatch(/\/product\/\d+/)
  })

  test('the demo shop compresses pages only for clients that accept compressed pages', async () => {
    const [zipped, plain] = await Promise.all([read('gzip, br'), read('identity')])
    expect(zipped.encoding).toBe('gzip')
    expect(plain.encoding).toBeUndefined()
    expect(zipped.bytes).toBeLessThan(plain.bytes)
  })

  test('a client can buy a product through login, product page, cart and checkout', async () => {
    const login = await send('/login', { body: { email: 'a@example.com', password: 'x' } })
    expect(login.headers.get('set-cookie')).toMatch(/^session=\w+; Path=\//)
    const { token }: { token: string } = JSON.parse(await login.text())
    const shown = await send('/product/17')
    const product: { id: string; csrf: string; price: number } = JSON.parse(await shown.text())
    expect(product).toMatchObject({ id: '17', name: expect.any(String), price: expect.any(Number) })
    const added = await send('/cart', { body: { id: product.id, csrf: product.csrf }, token })
    expect(added.status).toBe(201)
    expect(await (await send('/cart', { token })).json()).toMatchObject({ total: product.price, items: [{ id: '17' }] })
    expect((await send('/checkout', { method: 'POST', token })).status).toBe(201)
    expect(await (await send('/cart', { token })).json()).toEqual({ items: [], total: 0 })
  })

  test('the search of the demo shop returns only products that match the search words', async () => {
    const found = await send('/search?q=red%20hats')
    const { results }: { results: { name: string }[] } = JSON.parse(await found.text())
    expect(results.length).toBeGreaterThan(0)
    expect(results.every((one) => one.name.startsWith('red hats'))).toBe(true)
  })

  test('the slow page of the demo shop takes longer to answer than the other pages', async () => {
    const before = performance.now()
    expect((await send('/reports/slow')).status).toBe(200)
    expect(performance.now() - before).toBeGreaterThanOrEqual(299)
  })

  test('the demo shop answers a HEAD request without a body', async () => {
    const answer = await send('/', { method: 'HEAD' })
    expect(answer.status).toBe(200)
    expect(await answer.text()).toBe('')
  })
})

describe('the demo shop refuses bad requests', () => {
  test.each([
    ['an unknown page', '/nowhere', {}, 404],
    ['an unknown category', '/category/fish', {}, 404],
    ['an unknown product', '/product/999999', {}, 404],
    ['a product id that is not a number', '/product/%ff', {}, 400],
    ['an invalid path', '//', {}, 400],
    ['an empty search', '/search', {}, 400],
    ['the wrong method', '/checkout', {}, 405],
    ['a cart without login', '/cart', {}, 401],
    ['a forged token', '/cart', { token: 'forged' }, 401],
    ['a body that is not JSON', '/login', { body: '{"email":' }, 400],
    ['a body that is not an object', '/login', { body: '7' }, 422],
    ['a body that is null', '/login', { body: 'null' }, 422],
    ['a body that is an array', '/graphql', { body: '[{"query":"{ product }"}]' }, 422],
    ['a login without password', '/login', { body: { email: 'a' } }, 422],
    ['a login with an empty password', '/login', { body: { email: 'a', password: '' } }, 401],
    ['a body that is too long', '/login', { body: 'x'.repeat(100_000) }, 413],
  ])('the demo shop refuses %s', async (_, path, init, status) => {
    expect((await send(path, init)).status).toBe(status)
  })

  test('the cart refuses a product if the request does not contain the token of the product page', async () => {
    const token = await logIn('b@example.com')
    expect((await send('/cart', { body: { id: '17', csrf: 'guessed' }, token })).status).toBe(403)
    expect((await send('/cart', { body: { id: 'x' }, token })).status).toBe(422)
    expect((await send('/checkout', { method: 'POST', token })).status).toBe(409)
  })

  test('the demo shop keeps running after a client cuts off its connection or sends data that is not HTTP', async () => {
    const { port } = new URL(shop.origin)
    for (const words of [
      'POST /login HTTP/1.1\r\nHost: shop\r\nContent-Length: 50\r\n\r\n{"em',
      '\u0000\u0001 no http\r\n\r\n',
    ]) {
      const socket = connect(Number(port), '127.0.0.1')
      await once(socket, 'connect')
      socket.write(words)
      socket.resume().on('error', () => undefined)
      setTimeout(() => socket.destroy(), 20)
      await once(socket, 'close')
    }
    expect((await send('/')).status).toBe(200)
  })
})

describe('the demo shop can be used as a test server', () => {
  test('the demo shop counts its requests by route and status', async () => {
    const fresh = await startShop()
    try {
      for (const path of ['/product/1', '/product/2', '/product/x', '/nowhere']) await fetch(fresh.origin + path)
      expect(fresh.counts()).toEqual({
        received: 4,
        byRoute: { 'GET /product/:id': 3, other: 1 },
        byStatus: { 200: 2, 400: 1, 404: 1 },
      })
    } finally {
      await fresh.close()
    }
  })

  test('about one in twenty requests for recommendations fails, and with the same seed the same requests fail', async () => {
    const [first, second, other] = await Promise.all(['s', 's', 'other'].map(recommendations))
    expect(first).toEqual(second)
    expect(first).not.toEqual(other)
    const failed = first?.filter((status) => status === 500).length
    expect(failed).toBeGreaterThan(2)
    expect(failed).toBeLessThan(25)
  })

  test('a demo shop in a child process sends its origin to the parent process, and exits when the parent process exits', async () => {
    const child = fork(new URL('../../../cli/demo/shop.ts', import.meta.url), {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    })
    const printed = text(child.stdout ?? process.stdin)
    const [told]: unknown[] = await once(child, 'message')
    const { origin } = JSON.parse(JSON.stringify(told))
    child.kill('SIGINT')
    expect((await fetch(origin)).status).toBe(200)
    child.disconnect()
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(JSON.parse(await printed)).toEqual({ origin })
  })
})

async function recommendations(seed: string): Promise<number[]> {
  const fresh = await startShop({ seed })
  const statuses: number[] = []
  try {
    for (let k = 0; k < 200; k++) statuses.push((await fetch(`${fresh.origin}/recommendations`)).status)
  } finally {
    await fresh.close()
  }
  return statuses
}

function read(encoding: string): Promise<{ encoding: string | undefined; bytes: number }> {
  return new Promise((resolve, reject) => {
    const sent = rawRequest(`${shop.origin}/`, { headers: { 'accept-encoding': encoding } }, (response) => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => (bytes += chunk.length))
      response.on('end', () => resolve({ encoding: response.headers['content-encoding'], bytes }))
    })
    sent.on('error', reject).end()
  })
}
