import { Refusal, type Answer, type Route, type Shop, type Visit, bytesOf } from './shop-routes.ts'

/** Parts of the shop that speak more than JSON and pages. */
export const services: readonly Route[] = [{ method: 'POST', path: '/photos', takesMs: [10, 30], answer: addPhoto }]

async function addPhoto(_shop: Shop, { request }: Visit): Promise<Answer> {
  const form = await formOf(request.headers['content-type'] ?? '', await bytesOf(request))
  const photo = form.get('photo')
  if (!(photo instanceof File) || photo.size === 0) throw new Refusal(422, 'a photo is a file')
  return { status: 201, json: { name: photo.name, type: photo.type, bytes: photo.size, title: form.get('title') } }
}

async function formOf(type: string, bytes: Buffer): Promise<FormData> {
  try {
    return await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData()
  } catch {
    throw new Refusal(415, 'the body is not a form')
  }
}
