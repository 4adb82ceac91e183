import { digest, pageOf } from './shelves.ts'
import { Refusal, type Answer, type Route, type Shop, type Visit, readJson, readBytes } from './shop-routes.ts'

/** The shop's routes for uploads, GraphQL, event streams and forms. */
export const services: readonly Route[] = [
  { method: 'POST', path: '/photos', takesMs: [60, 150], answer: addPhoto },
  { method: 'POST', path: '/graphql', takesMs: [30, 120], answer: graphql },
  { method: 'GET', path: '/sign-in', takesMs: [30, 120], answer: signInPage },
  { method: 'POST', path: '/sign-in', takesMs: [60, 150], answer: signIn },
  { method: 'GET', path: '/prices', takesMs: [30, 120], answer: prices },
  { method: 'GET', path: '/account', takesMs: [30, 120], answer: account },
  { method: 'GET', path: '/account.css', takesMs: [1, 5], answer: () => ({ status: 200, json: {} }) },
]

async function addPhoto(_shop: Shop, { request }: Visit): Promise<Answer> {
  const form = await formOf(request.headers['content-type'] ?? '', await readBytes(request))
  const photo = form.get('photo')
  if (!(photo instanceof File) || photo.size === 0) throw new Refusal(422, 'a photo is a file')
  return { status: 201, json: { name: photo.name, type: photo.type, bytes: photo.size, title: form.get('title') } }
}

/**
 * Answers a GraphQL request. The only query is `product(id)`. If the body of the request is a JSON object, the status is 200 even if the query fails:
 * the body of the response contains the errors.
 */
async function graphql(shop: Shop, { request }: Visit): Promise<Answer> {
  const { query, variables } = await readJson(request)
  if (typeof query !== 'string' || !/\bproduct\b/.test(query)) {
    return { status: 200, json: { errors: [{ message: 'the shop knows the query product(id)' }] } }
  }
  const id = Number((variables as { id?: unknown } | undefined)?.id)
  const product = shop.shelves.product(id)
  if (!product) return { status: 200, json: { data: { product: null }, errors: [{ message: 'no such product' }] } }
  return { status: 200, json: { data: { product: { id: product.id, name: product.name, price: product.price } } } }
}

/** Returns ten prices as an event stream. */
function prices({ shelves }: Shop): Answer {
  const ids = Array.from({ length: 10 }, (_, index) => index + 1)
  return { status: 200, events: ids.map((id) => JSON.stringify({ id, price: shelves.product(id)?.price ?? 0 })) }
}

function signInPage({ seed }: Shop): Answer {
  const page = pageOf(`<!doctype html>
<html lang="en"><head><title>Sign in</title></head><body>
<form id="sign-in" method="post">
<input type="hidden" name="csrf" value="${digest(`${seed} sign-in`)}">
<label>E-mail <input name="email"></label> <label>Password <input type="password" name="password"></label>
<button>Sign in</button>
</form></body></html>
`)
  return { status: 200, page }
}

async function signIn({ seed }: Shop, { request }: Visit): Promise<Answer> {
  const form = new URLSearchParams((await readBytes(request)).toString())
  const email = form.get('email') ?? ''
  if (form.get('csrf') !== digest(`${seed} sign-in`)) throw new Refusal(403, 'the form lacks the token of the page')
  if (!/^[\w.@-]{1,100}$/.test(email) || form.get('password') === '')
    throw new Refusal(401, 'email or password is wrong')
  return {
    status: 303,
    json: {},
    headers: { location: '/account', 'set-cookie': `account=${email}; Path=/; HttpOnly` },
  }
}

function account(_shop: Shop, { request }: Visit): Answer {
  const email = /(?:^|; )account=([\w.@-]{1,100})/.exec(request.headers.cookie ?? '')?.[1]
  if (email === undefined) throw new Refusal(401, 'sign in first')
  const page = pageOf(`<!doctype html>
<html lang="en"><head><title>Account</title><link rel="stylesheet" href="/account.css"></head>
<body><h1>Welcome, ${email}</h1></body></html>
`)
  return { status: 200, page }
}

async function formOf(type: string, bytes: Buffer): Promise<FormData> {
  try {
    return await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData()
  } catch {
    throw new Refusal(415, 'the body is not a form')
  }
}
