import { type Server, createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operationOf } from '../../../../../../functions/worker/engine/http/graphql/operation.ts'
import { ended, listening } from '../../../../../targets/server.ts'
import { type SliceRunResult, runSlice } from '../../../slice-run.ts'

const scenario = (host: string): string => `
import { HttpUser, scenario } from 'burst'
import * as z from 'zod/mini'
const told = []
const ends = async (name, call) => told.push(name + ': ' + await Promise.resolve().then(call).then((value) => JSON.stringify(value), (error) => error.name + ' ' + error.message))
const doc = (text) => ({ kind: 'Document', loc: { source: { body: text } } })
class U extends HttpUser {
  tasks = { all: 1 }
  async all() {
    const { http } = this
    http.headers.set('authorization', 'Bearer t')
    await ends('data', () => http.graphql('query Cart($id: ID!, $o: In = { a: 1 }) @live { cart(id: $id) { total } }', { id: 7 }).data())
    await ends('schema', () => http.graphql('query Cart { cart { total } }').data(z.object({ cart: z.string() })))
    await ends('anonymous', () => http.graphql('# comment {\\n{ mine: cart(text: "} {") { total } }').data())
    await ends('mutation', () => http.graphql(doc('fragment F on Cart { total }\\nmutation Add { add { ...F } }')).data())
    await ends('two', () => http.graphql('query A { a } query B { b }', {}, { operationName: 'B', url: '/api/gql?x=1', timeout: '5s' }).data())
    await ends('own host', () => http.graphql('query A { a }', null, { url: '${host}/graphql' }).data())
    await ends('named', () => http.graphql('query A { a }', {}, { name: 'my name' }).data())
    await ends('own accept', () => http.graphql('query A { a }', null, { url: '/own', headers: { Accept: 'application/json', 'x-a': 'b' } }).data())
    await ends('no accept', () => http.graphql('query A { a }', null, { url: '/none', headers: [['ACCEPT', null]] }).data())
    await ends('bare error', () => http.graphql('query Fails { fails }').then((r) => r.status))
    await ends('error', () => http.graphql('query Fails { fails }').data())
    await ends('allowed error', () => http.graphql('query Allowed { fails }', {}, { allowErrors: true }).data())
    await ends('expected', () => http.graphql('query Fails { fails }').expect(200))
    await ends('status', () => http.graphql('query Status { status }').data())
    await ends('html', () => http.graphql('query Html { html }').data())
    await ends('neither', () => http.graphql('query Neither { neither }').data())
    await ends('checked', () => http.graphql('query Fails { fails }').check('has errors', (r) => r.json().errors.length === 2).then(() => 1))
    for (const call of [() => http.graphql(7), () => http.graphql('fragment F on A { b }'), () => http.graphql('query A { a } query B { b }'), () => http.graphql('query A { a }', {}, { operationName: 'C' }),
      () => http.graphql('{ a }', []), () => http.graphql('{ a }', {}, { json: {} }), () => http.graphql('{ a }', {}, { retries: 1 })]) await ends('wrong', call)
    const last = http.get('/told')
    for (const [at, text] of told.entries()) last.check(at + ' ' + text, () => true)
    await last
  }
}
export default scenario({ host: '${host}', users: [U] })
`

/** The target's answer for each field of a query. */
const answers: Record<string, [status: number, body: string]> = {
  fails: [200, '{"data":null,"errors":[{"message":"no such cart"},{"message":"second"}]}'],
  status: [503, '{"errors":[{"message":"down"}]}'],
  html: [200, '<html>'],
  neither: [200, '{"ok":true}'],
}

let server: Server
let result: SliceRunResult
const seen: { url: string; body: unknown; accept: string | undefined }[] = []

beforeAll(async () => {
  server = createServer((request, response) => {
    let text = ''
    request.on('data', (chunk: Buffer) => (text += chunk.toString()))
    request.on('end', () => {
      const { url = '', headers } = request
      if (url !== '/told') seen.push({ url, body: JSON.parse(text), accept: headers.accept })
      const field = Object.keys(answers).find((one) => text.includes(`{ ${one} }`)) ?? ''
      const [status, body] = answers[field] ?? [200, '{"data":{"cart":{"total":3}}}']
      response.writeHead(status, { 'content-type': 'application/json' }).end(body)
    })
  })
  const host = await listening(server)
  result = await runSlice({ scenario: scenario(host), host, options: { users: 1, iterations: 1, runTimeMs: 60_000 } })
}, 60_000)
afterAll(() => ended(server))

test('an operation without a name is named after its first fragment', () => {
  expect(operationOf('{ ...Cart } fragment Cart on Query { cart { total } }', undefined)).toBe('{ ...Cart }')
  expect(operationOf('query { ...Cart @include(if: true) }', undefined)).toBe('{ ...Cart }')
  expect(operationOf('{ ... on Query { a } }', undefined)).toBe('{ ... }')
  expect(operationOf('{ ... @skip(if: false) { a } }', undefined)).toBe('{ ... }')
})

describe('a GraphQL operation', () => {
  test('an operation is a POST request with its document, variables and operation name', () => {
    const accept = 'application/graphql-response+json, application/json;q=0.9'
    const query = 'query Cart($id: ID!, $o: In = { a: 1 }) @live { cart(id: $id) { total } }'
    expect(seen[0]).toEqual({ url: '/graphql', body: { query, variables: { id: 7 } }, accept })
    expect(seen[4]).toMatchObject({ url: '/api/gql?x=1', body: { operationName: 'B', variables: {} } })
  })

  test('an `accept` header of the scenario replaces the default of burst, whatever the case of the header name', () => {
    const acceptOf = (path: string) => seen.filter(({ url }) => url === path).map(({ accept }) => accept)
    expect([acceptOf('/own'), acceptOf('/none')]).toEqual([['application/json'], [undefined]])
  })

  test('an operation is counted under its name or, if it does not have a name, under its first field', () => {
    const rows = [...result.window.requests.values()].map(
      ({ method, name, requests }) => `${method} ${name} ${requests}`,
    )
    expect(rows.toSorted()).toEqual([
      'GET /told 1',
      'POST /api/gql B 1',
      'POST /graphql A 1',
      'POST /graphql Add 1',
      'POST /graphql Allowed 1',
      'POST /graphql Cart 2',
      'POST /graphql Fails 4',
      'POST /graphql Html 1',
      'POST /graphql Neither 1',
      'POST /graphql Status 1',
      'POST /graphql { cart } 1',
      'POST /none A 1',
      'POST /own A 1',
      'POST my name 1',
    ])
  })

  test('if errors are not allowed, an operation fails with the first error of the answer, even with status 200', () => {
    const failures = [...result.window.errors.values()].map(
      ({ name, kind, message, count }) => `${name} ${kind} ${count} ${message}`,
    )
    expect(failures.toSorted()).toEqual([
      expect.stringMatching(/^\/graphql Cart extract 1 the data differs from the schema: cart/),
      '/graphql Fails expect 4 GraphQL: no such cart',
      '/graphql Html extract 1 the body is not JSON',
      '/graphql Neither extract 1 the body is not a GraphQL response: it has neither data nor errors',
      '/graphql Status status 1 HTTP 503',
    ])
  })

  test('an operation returns its data, and a failure of an operation ends the task', () => {
    const told = [...result.window.checks.keys()]
      .filter((name) => /^\d/.test(name))
      .toSorted((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
      .map((name) => name.replace(/^\d+ /, ''))
    const data = '{"cart":{"total":3}}'
    expect(told).toEqual([
      `data: ${data}`,
      expect.stringMatching(/^schema: TaskEnd the data differs from the schema: cart/),
      `anonymous: ${data}`,
      `mutation: ${data}`,
      `two: ${data}`,
      `own host: ${data}`,
      `named: ${data}`,
      `own accept: ${data}`,
      `no accept: ${data}`,
      'bare error: 200',
      'error: TaskEnd GraphQL: no such cart',
      'allowed error: null',
      'expected: TaskEnd GraphQL: no such cart',
      'status: TaskEnd HTTP 503',
      'html: TaskEnd the body is not JSON',
      'neither: TaskEnd the body is not a GraphQL response: it has neither data nor errors',
      'checked: 1',
      "wrong: TypeError the query of http.graphql() is 7; it must be a string such as '{ cart { total } }'",
      expect.stringMatching(/^wrong: TypeError the GraphQL document has no operation: it must be a string such as/),
      'wrong: TypeError the GraphQL document has several operations: name one with operationName',
      "wrong: TypeError the GraphQL document has no operation 'C'",
      expect.stringMatching(/^wrong: TypeError the variables of http\.graphql\(\) are an empty list/),
      "wrong: TypeError http.graphql() has no option 'json': put values into the variables",
      expect.stringMatching(/^wrong: TypeError a request has no option 'retries'/),
    ])
    expect(result.window.checks.get('has errors')).toMatchObject({ passed: 1 })
  })
})
