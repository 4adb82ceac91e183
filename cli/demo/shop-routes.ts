import type { IncomingMessage } from 'node:http'
import { type Page, type Product, type Shelves, digest } from './shelves.ts'

/** The response of a route. At most one of `json` and `page` is set. */
export interface Answer {
  status: number
  json?: unknown
  page?: Page
  headers?: Record<string, string>
  /** Server-sent events, which are sent instead of a body. */
  events?: readonly string[]
}

/** A request in the form that routes receive. */
export interface Visit {
  request: IncomingMessage
  url: URL
  /** The value of the path's `:parameter`; '' if the path has no parameter. */
  parameter: string
}

/** The state of the shop. */
export interface Shop {
  seed: number
  shelves: Shelves
  /** Carts by token. */
  carts: Map<string, Product[]>
  /** Returns true for about one call in twenty. */
  recommendationFails(): boolean
}

export interface Route {
  method: 'GET' | 'POST'
  /** The path, with its parameter written as `:name`. Requests are counted under this path. */
  path: string
  /** The minimum and the maximum response time of the route, in milliseconds. */
  takesMs: readonly [number, number]
  answer(shop: Shop, visit: Visit): Answer | Promise<Answer>
}

/** The response time of a page that queries a database, as in a typical shop. */
const usual = [30, 120] as const
const cartLimit = 100
const sessionLimit = 100_000
const bodyLimit = 64 * 1024

/** An error that a request causes. */
export class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export const routes: readonly Route[] = [
  { method: 'GET', path: '/', takesMs: usual, answer: (shop) => ({ status: 200, page: shop.shelves.home }) },
  { method: 'GET', path: '/category/:name', takesMs: usual, answer: category },
  { method: 'GET', path: '/product/:id', takesMs: usual, answer: product },
  { method: 'GET', path: '/search', takesMs: usual, answer: search },
  { method: 'POST', path: '/login', takesMs: [60, 150], answer: login },
  { method: 'GET', path: '/cart', takesMs: usual, answer: showCart },
  { method: 'POST', path: '/cart', takesMs: usual, answer: addToCart },
  { method: 'POST', path: '/checkout', takesMs: [80, 200], answer: checkout },
  { method: 'GET', path: '/admin/report', takesMs: [80, 200], answer: report },
  { method: 'GET', path: '/reports/slow', takesMs: [300, 800], answer: report },
  { method: 'GET', path: '/recommendations', takesMs: usual, answer: recommend },
]

function category(shop: Shop, { parameter }: Visit): Answer {
  const page = shop.shelves.category(parameter)
  if (!page) throw new Refusal(404, 'no such category')
  return { status: 200, page }
}

function product(shop: Shop, { parameter }: Visit): Answer {
  if (!/^\d{1,9}$/.test(parameter)) throw new Refusal(400, 'a product is a number')
  const found = shop.shelves.product(Number(parameter))
  if (!found) throw new Refusal(404, 'no such product')
  return { status: 200, json: found }
}

function search(shop: Shop, { url }: Visit): Answer {
  const text = url.searchParams.get('q')
  if (!text) throw new Refusal(400, 'search for something: /search?q=hats')
  return { status: 200, json: { q: text, results: shop.shelves.search(text) } }
}

async function login(shop: Shop, { request }: Visit): Promise<Answer> {
  const { email, password } = await readJson(request)
  if (typeof email !== 'string' || typeof password !== 'string')
    throw new Refusal(422, 'email and password must be strings')
  if (email === '' || password === '') throw new Refusal(401, 'email or password is wrong')
  const token = digest(`${shop.seed} token ${email}`)
  if (!shop.carts.has(token)) openCart(shop, token)
  return { status: 200, json: { token }, headers: { 'set-cookie': `session=${token}; Path=/; HttpOnly; SameSite=Lax` } }
}

function openCart(shop: Shop, token: string): void {
  const [oldest] = shop.carts.keys()
  if (oldest !== undefined && shop.carts.size >= sessionLimit) shop.carts.delete(oldest)
  shop.carts.set(token, [])
}

function showCart(shop: Shop, visit: Visit): Answer {
  return { status: 200, json: inWords(cartOf(shop, visit)) }
}

async function addToCart(shop: Shop, visit: Visit): Promise<Answer> {
  const cart = cartOf(shop, visit)
  const { id, csrf } = await readJson(visit.request)
  const wanted = shop.shelves.product(Number(id))
  if (!wanted) throw new Refusal(422, 'no such product')
  if (csrf !== wanted.csrf) throw new Refusal(403, 'the csrf token does not match the token of the product page')
  // The cart is limited, because a growing cart would make the shop slower during a long test.
  if (cart.length >= cartLimit) cart.shift()
  cart.push(wanted)
  return { status: 201, json: inWords(cart) }
}

async function checkout(shop: Shop, visit: Visit): Promise<Answer> {
  const cart = cartOf(shop, visit)
  if (cart.length === 0) throw new Refusal(409, 'the cart is empty')
  const { total } = inWords(cart)
  cart.length = 0
  return { status: 201, json: { order: digest(`${visit.request.headers.authorization} ${total}`), total } }
}

function report(shop: Shop): Answer {
  return { status: 200, json: { sessions: shop.carts.size } }
}

function recommend(shop: Shop): Answer {
  if (shop.recommendationFails()) return { status: 500, json: { error: 'the recommender is overloaded' } }
  return { status: 200, json: { ids: ['17', '42', '4711'] } }
}

function cartOf(shop: Shop, { request }: Visit): Product[] {
  const [scheme, token] = (request.headers.authorization ?? '').split(' ')
  const cart = scheme?.toLowerCase() === 'bearer' && token ? shop.carts.get(token) : undefined
  if (!cart) throw new Refusal(401, 'log in first and send the token: authorization: Bearer …')
  return cart
}

function inWords(cart: readonly Product[]): { items: { id: string; name: string }[]; total: number } {
  const items = cart.map(({ id, name }) => ({ id, name }))
  return { items, total: cart.reduce((sum, one) => sum + one.price, 0) }
}

/** @throws Refusal when the body is too long */
export async function readBytes(request: IncomingMessage): Promise<Buffer> {
  let size = 0
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > bodyLimit) throw new Refusal(413, 'the body is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** @throws Refusal when the body is too long, is not valid JSON, or is not an object */
export async function readJson(request: IncomingMessage): Promise<Record<string, unknown>> {
  const value = parsed((await readBytes(request)).toString())
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal(422, 'the body is not a JSON object')
  return { ...value }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    if (cause instanceof SyntaxError) throw new Refusal(400, 'the body is not valid JSON')
    throw cause
  }
}
