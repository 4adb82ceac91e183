import { Refusal, type Answer, type Route, type Shop, type Visit, bodyOf, bytesOf } from './shop-routes.ts'

/** Parts of the shop that speak more than JSON and pages. */
export const services: readonly Route[] = [
  { method: 'POST', path: '/photos', takesMs: [10, 30], answer: addPhoto },
  { method: 'POST', path: '/graphql', takesMs: [5, 30], answer: graphql },
]

async function addPhoto(_shop: Shop, { request }: Visit): Promise<Answer> {
  const form = await formOf(request.headers['content-type'] ?? '', await bytesOf(request))
  const photo = form.get('photo')
  if (!(photo instanceof File) || photo.size === 0) throw new Refusal(422, 'a photo is a file')
  return { status: 201, json: { name: photo.name, type: photo.type, bytes: photo.size, title: form.get('title') } }
}

/** Knows one query, `product(id)`. Errors are in the answer, with the status 200. */
async function graphql(shop: Shop, { request }: Visit): Promise<Answer> {
  const { query, variables } = await bodyOf(request)
  if (typeof query !== 'string' || !/\bproduct\b/.test(query)) {
    return { status: 200, json: { errors: [{ message: 'the shop knows the query product(id)' }] } }
  }
  const id = Number((variables as { id?: unknown } | undefined)?.id)
  const product = shop.shelves.product(id)
  if (!product) return { status: 200, json: { data: { product: null }, errors: [{ message: 'no such product' }] } }
  return { status: 200, json: { data: { product: { id: product.id, name: product.name, price: product.price } } } }
}

async function formOf(type: string, bytes: Buffer): Promise<FormData> {
  try {
    return await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData()
  } catch {
    throw new Refusal(415, 'the body is not a form')
  }
}
