import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Catalogue } from '../../../../cli/ui/runs/catalogue.ts'
import { OwnRuns } from '../../../../cli/ui/runs/own-runs.ts'
import { Planner } from '../../../../cli/ui/planner.ts'
import { uiPlace } from '../../../../cli/commands/ui.ts'
import { LiveRun } from '../../../../cli/ui/runs/live-run.ts'
import { apiRoutes } from '../../../../cli/ui/api.ts'
import { type UiServer, serveUi } from '../../../../cli/ui/serving/server.ts'
import { planOf } from '../../../fixtures/run.ts'
import { MemoryStore } from '../../../stores/memory-store.ts'

let folder: string
let ui: UiServer
let token: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'burst-ui-'))
  const own = new OwnRuns({ cwd: folder }, () => undefined)
  const planner = new Planner({ cwd: folder }, undefined, undefined)
  const routes = apiRoutes({
    planner,
    catalogue: new Catalogue(folder),
    own,
    cloud: undefined,
    options: {},
    mayStart: true,
    delivered: () => undefined,
  })
  ui = await serveUi({ port: 0, mayUseNextPort: false, host: '127.0.0.1' }, routes)
  token = new URL(ui.address()).searchParams.get('token') ?? ''
})
afterAll(async () => {
  await ui.close()
  await rm(folder, { recursive: true })
})

interface Sent {
  method?: string
  path?: string
  headers?: Record<string, string>
  body?: string
}

/** Sends a request with the given headers. fetch cannot set Host and Origin. */
function send({ method = 'GET', path = '/api/setup', headers = {}, body = '' }: Sent) {
  return new Promise<{ status: number | undefined; headers: NodeJS.Dict<string | string[]>; text: string }>(
    (resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port: ui.port, method, path, headers }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (part: string) => (text += part))
        answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, text }))
      })
      sent.on('error', reject)
      sent.end(body)
    },
  )
}

const bearer = () => ({ authorization: `Bearer ${token}` })
const cookie = () => ({ cookie: `other=1; burst-ui-${ui.port}=${token}` })
const json = { 'content-type': 'application/json' }
const post = { method: 'POST', path: '/api/plan', body: '{"file":"a.burst.ts"}' }

test('the server moves the token from the URL to a cookie that scripts and other sites cannot use', async () => {
  const { status, headers } = await send({ path: `/runs/r1?token=${token}` })
  expect({ status, location: headers['location'] }).toEqual({ status: 303, location: '/runs/r1' })
  expect(headers['set-cookie']).toEqual([`burst-ui-${ui.port}=${token}; HttpOnly; SameSite=Strict; Path=/`])
})

test("the content security policy allows only the page's own script and calls to the page's own server", async () => {
  const { status, headers, text } = await send({ path: '/', headers: cookie() })
  expect(status).toBe(200)
  const policy = String(headers['content-security-policy'])
  expect(policy).toMatch(
    /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'; connect-src 'self'; /,
  )
  expect(policy).toContain("frame-ancestors 'none'")
  expect(text).toContain('<div id="app">')
})

test('the server returns the setup only if a cookie or a header contains the token', async () => {
  for (const headers of [cookie(), bearer()]) {
    expect(await send({ headers })).toMatchObject({ status: 200, text: expect.stringContaining('this machine') })
  }
})

test.each<[string, () => Sent, number]>([
  ['a request without a token', () => ({}), 403],
  ['a wrong token', () => ({ headers: { authorization: 'Bearer nonsense' } }), 403],
  [
    'a wrong token of the right length',
    () => ({ headers: { authorization: `Bearer ${'x'.repeat(token.length)}` } }),
    403,
  ],
  ['the page without a token', () => ({ path: '/' }), 403],
  ['the page with a wrong token', () => ({ path: '/?token=nonsense' }), 403],
  [
    'a host name that DNS rebinding points to this server',
    () => ({ headers: { ...cookie(), host: `evil.example:${ui.port}` } }),
    421,
  ],
  [
    'such a host name with the token in the address',
    () => ({ path: `/?token=${token}`, headers: { host: 'evil.example' } }),
    421,
  ],
  ['a host with another port', () => ({ headers: { ...cookie(), host: '127.0.0.1:1' } }), 421],
  [
    'a POST from another site',
    () => ({ ...post, headers: { ...cookie(), ...json, origin: 'https://evil.example' } }),
    403,
  ],
  [
    'a POST from another port',
    () => ({ ...post, headers: { ...cookie(), ...json, origin: 'http://127.0.0.1:1' } }),
    403,
  ],
  ['a POST from an opaque origin', () => ({ ...post, headers: { ...cookie(), ...json, origin: 'null' } }), 403],
  ['a POST with a cookie and without an origin', () => ({ ...post, headers: { ...cookie(), ...json } }), 403],
  ['a GET from another site', () => ({ headers: { ...cookie(), 'sec-fetch-site': 'cross-site' } }), 403],
  [
    'a POST with another content type',
    () => ({ ...post, headers: { ...bearer(), 'content-type': 'text/plain' } }),
    415,
  ],
  ['a body that is not JSON', () => ({ ...post, headers: { ...bearer(), ...json }, body: '{' }), 400],
  ['a body that does not match the schema', () => ({ ...post, headers: { ...bearer(), ...json }, body: '[]' }), 400],
  [
    'a body whose declared length is above the limit',
    () => ({ ...post, headers: { ...bearer(), ...json, 'content-length': '70000' }, body: 'x'.repeat(70_000) }),
    413,
  ],
  [
    'a chunked body whose length is above the limit',
    () => ({ ...post, headers: { ...bearer(), ...json, 'transfer-encoding': 'chunked' }, body: 'x'.repeat(70_000) }),
    413,
  ],
  [
    'a path that leaves the folder',
    () => ({ path: '/api/runs/..%2F..%2Fetc/files/report.json', headers: bearer() }),
    404,
  ],
  ['a path with dots', () => ({ path: '/api/runs/../files/report.json', headers: bearer() }), 404],
  ['a file that is not a result file', () => ({ path: '/api/runs/r1/files/passwd', headers: bearer() }), 404],
  ['an unknown run', () => ({ path: '/api/runs/r1/stream', headers: bearer() }), 404],
  [
    'a stop of a run that is not running',
    () => ({ ...post, path: '/api/runs/r1/stop', body: '{}', headers: { ...bearer(), ...json } }),
    404,
  ],
  ['an unknown API call', () => ({ path: '/api/secrets', headers: bearer() }), 404],
  ['an API call with another method', () => ({ method: 'DELETE', path: '/api/runs', headers: bearer() }), 404],
])('the server of burst ui refuses %s', async (_, sent, status) => {
  const answer = await send(sent())
  expect(answer).toMatchObject({ status })
  expect(answer.headers['set-cookie']).toBeUndefined()
  expect(answer.text).not.toContain('this machine')
})

test('a file outside the project folder is not accepted as a scenario', async () => {
  const { text } = await send({ ...post, headers: { ...bearer(), ...json }, body: '{"file":"../../etc/passwd"}' })
  expect(JSON.parse(text)).toEqual({
    errors: [{ field: 'file', message: '../../etc/passwd is not a scenario in this folder' }],
  })
})

test('a request body with an invalid field is refused, and the error names the field', async () => {
  const bodies: [path: string, body: string, field: string][] = [
    ['plan', '{"file":"a.burst.ts","users":5}', 'users'],
    ['plan', '{"file":"a.burst.ts","weights":{"Shopper":3}}', 'weights.Shopper'],
    ['runs', '{"users":"5"}', 'file'],
    ['runs/r1/scale', '{"model":"users"}', 'level'],
    ['runs/r1/stop', '{"now":"yes"}', 'now'],
  ]
  for (const [path, body, field] of bodies) {
    const { status, text } = await send({ ...post, path: `/api/${path}`, headers: { ...bearer(), ...json }, body })
    expect([body, status]).toEqual([body, 400])
    expect(text).toContain(`cannot be read: ${field}: `)
  }
  const body = '{"model":"users","level":"5"}'
  const short = await send({ ...post, path: '/api/runs/r1/scale', headers: { ...bearer(), ...json }, body })
  expect([short.status, short.text]).toEqual([404, expect.stringContaining('run r1 is not in progress')])
})

test('a request body with an unknown field is refused, because a misspelt field must not change the load', async () => {
  const bodies: [path: string, body: string, field: string, hint: string][] = [
    ['plan', '{"file":"a.burst.ts","usrs":"5"}', 'usrs', 'did you mean users?'],
    ['runs', '{"file":"a.burst.ts","run_time":"5m"}', 'run_time', 'did you mean runTime?'],
    ['scenario', '{"file":"a.burst.ts","host":"http://a"}', 'host', 'the fields are file'],
    ['runs/r1/scale', '{"model":"users","level":"5","ovr":"1m"}', 'ovr', 'the fields are model, level, over'],
    ['runs/r1/stop', '{"nwo":true}', 'nwo', 'the fields are now'],
    ['runs/r1/pause', '{"over":"10s"}', 'over', 'the request has no fields'],
  ]
  for (const [path, body, field, hint] of bodies) {
    const { status, text } = await send({ ...post, path: `/api/${path}`, headers: { ...bearer(), ...json }, body })
    expect([body, status]).toEqual([body, 400])
    expect(JSON.parse(text)).toEqual({
      errors: [
        {
          field: 'form',
          message: expect.stringMatching(
            new RegExp(`^the (form|request) has a field '${field}', which burst does not know$`),
          ),
          hint: expect.stringContaining(hint),
        },
      ],
    })
  }
})

test('an invalid port or address is refused, including an empty value from an unset shell variable', () => {
  for (const uiPort of ['', ' ', '-1', '0x50', '1e3', '80.5', '65536', 'NaN'])
    expect(() => uiPlace({ uiPort })).toThrow(`--ui-port is ${JSON.stringify(uiPort)}`)
  for (const uiHost of ['', ' ']) expect(() => uiPlace({ uiHost })).toThrow(`--ui-host is ${JSON.stringify(uiHost)}`)
  expect(uiPlace({ uiPort: '0' })).toMatchObject({ port: 0, host: '127.0.0.1' })
  expect(uiPlace({})).toMatchObject({ port: undefined, host: '127.0.0.1' })
})

test('the server does not read the run if the browser closes the connection before the server answers', async () => {
  let looks = 0
  const watched = {
    plan: planOf({ workers: 1 }),
    everyMs: 1,
    patienceMs: 1,
    nowMs: () => 0,
    isTemporary: () => false,
    inWords: (error: unknown) => error,
    store: new MemoryStore(),
    ending: async () => (looks++, 'over' as const),
  }
  const joined = Promise.withResolvers<void>()
  const server = createServer((_, response) => {
    response.once('close', () => {
      new LiveRun(watched, () => undefined).join(response)
      joined.resolve()
    })
    answering.destroy()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const answering = request({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' })
  answering.on('error', () => undefined).end()
  await joined.promise
  server.close()
  expect(looks).toBe(0)
})

test('if the default port is in use, burst ui takes the next port; if the port of --ui-port is in use, burst ui fails with an error', async () => {
  const other = await serveUi({ port: ui.port, mayUseNextPort: true, host: '127.0.0.1' }, [])
  expect(other.port).toBeGreaterThan(ui.port)
  await other.close()
  await expect(serveUi({ port: ui.port, mayUseNextPort: false, host: '127.0.0.1' }, [])).rejects.toMatchObject({
    message: `port ${ui.port} is already in use`,
    hint: expect.stringContaining('--ui-port'),
  })
})
