import { expect, test } from 'vitest'
import { membersOfUser } from '../../import/scenario/names.ts'
import { refusal } from './import-text.ts'

const collection = (name: string, item: object): string =>
  JSON.stringify({
    info: { name, schema: 'https://schema.getpostman.com/json/collection/v2.1.0/collection.json' },
    item: [{ name: 'a', ...item }],
  })
const request = { method: 'GET', url: 'http://shop.example/x' }

test.each(['HTTP', 'http', 'HttpUser', 'HTTP user', 'Random', 'Response'])(
  'the class for a collection or a tag called %s hides neither HttpUser nor any other type of burst',
  async (name) => {
    const paths = { '/x': { get: { tags: [name], responses: {} } } }
    const document = JSON.stringify({ openapi: '3.0.0', info: { title: 'a', version: '1' }, paths })
    for (const code of [await refusal('a.json', collection(name, { request })), await refusal('b.json', document)]) {
      expect(code).toMatch(/^class \w+ extends HttpUser/m)
      expect(code).not.toMatch(/^class (?:HttpUser|Http|Random|Response) /m)
    }
  },
)

test('the field for a variable of a Postman script never replaces a member of HttpUser', async () => {
  const sets = [...membersOfUser].map((name) => `pm.environment.set('${name}', pm.response.json().a)`)
  const event = [{ listen: 'test', script: { exec: sets } }]
  const code = await refusal('c.json', collection('a', { request, event }))
  const fields = [...code.matchAll(/^ {2}(\w+)(?:: any)? = /gm)].map(([, name = '']) => name)
  expect(fields.length).toBeGreaterThanOrEqual(membersOfUser.size)
  expect(fields.filter((name) => name !== 'wait' && membersOfUser.has(name))).toEqual([])
})

test('a scenario from a recording omits headers that burst refuses, and has no line breaks in file names and types', async () => {
  const params = [{ name: 'f', fileName: 'a\r\nb.txt', contentType: 'text/plain\nx: 1', value: 'text' }]
  const har = JSON.stringify({
    log: {
      entries: [
        {
          startedDateTime: '2026-01-01T00:00:00Z',
          request: {
            method: 'POST',
            url: 'http://shop.example/x',
            headers: [{ name: '__proto__', value: 'v' }],
            postData: { mimeType: 'multipart/form-data; boundary=x', params },
          },
          response: { status: 200, headers: [], content: { mimeType: 'text/html' } },
        },
      ],
    },
  })
  const code = await refusal('d.har', har)
  expect(code).toContain("{ content: 'text', filename: 'a b.txt', type: 'text/plain x: 1' }")
  expect(code).not.toContain('__proto__')
})
