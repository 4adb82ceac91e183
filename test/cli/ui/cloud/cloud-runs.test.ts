import { type Server, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { FieldError, RunList, UiSetup } from '../../../../core/report/live/ui-protocol.ts'
import type { Report } from '../../../../core/report/report.ts'
import { type RunningBurst, burst, startBurst } from '../../command-line.ts'
import { heard, project } from '../../journey.ts'

/** A substitute for CloudFormation. It answers each request with `answer`. `asked` is the number of requests that it received. */
let endpoint: Server
let asked = 0
let answer: { status: number; body: string }
let folder: string
let ui: RunningBurst | undefined

beforeAll(async () => {
  endpoint = createServer((_, response) => {
    asked++
    response.writeHead(answer.status, { 'content-type': 'text/xml' }).end(answer.body)
  })
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve))
  folder = await project({
    'shop.burst.ts': `import { HttpUser, scenario } from 'burst'
class Visitor extends HttpUser { tasks = { home: 1 }; async home() { await this.http.get('/') } }
export default scenario({ host: 'http://shop.example.com', users: [Visitor] })
`,
    'environment.burst.ts': `import { HttpUser, constant, scenario } from 'burst'
const seen = () => 'endpoint ' + (process.env.AWS_ENDPOINT_URL ?? 'none') + ', key ' + (process.env.AWS_ACCESS_KEY_ID ?? 'none')
class Visitor extends HttpUser {
  wait = constant('100ms')
  tasks = { home: 1 }
  async home() { await this.http.get('/', { name: seen() }) }
}
export default scenario({ name: seen(), users: [Visitor] })
`,
  })
})
afterEach(async () => {
  ui?.child.kill('SIGINT')
  await ui?.ended
})
afterAll(() => void endpoint.close())

const noStack = {
  status: 400,
  body: `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type>
<Code>ValidationError</Code><Message>Stack with id burst does not exist</Message></Error></ErrorResponse>`,
}
const outputs =
  'BucketName QueueUrl DeadLetterQueueUrl FailuresQueueUrl CoordinatorFunction WorkerFunction MergeFunction FinaliseFunction Build Allow Version'
const otherVersion = {
  status: 200,
  body: `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>
<StackName>burst</StackName><StackStatus>CREATE_COMPLETE</StackStatus><StackId>arn:aws:cloudformation:us-east-1:000000000000:stack/burst/1</StackId>
<Outputs>${outputs
    .split(' ')
    .map((key) => `<member><OutputKey>${key}</OutputKey><OutputValue>0.0.1-other</OutputValue></member>`)
    .join('')}</Outputs>
</member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
}
/** Environment variables that hide the AWS settings of this machine. */
const noAws: NodeJS.ProcessEnv = {
  ...Object.fromEntries(
    Object.keys(process.env).flatMap((name) => (name.startsWith('AWS_') ? [[name, undefined]] : [])),
  ),
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_CONFIG_FILE: '/nowhere/config',
  AWS_SHARED_CREDENTIALS_FILE: '/nowhere/credentials',
}

function here(): string {
  return `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`
}

/**
 * Starts burst ui.
 * @returns the port, the token, and a function that sends requests with the token to the API
 */
async function opened(flags: string[]) {
  ui = startBurst(['ui', '--ui-port', '0', '--no-open', ...flags], folder, noAws)
  const { port, searchParams } = new URL(await heard(ui, /page +(\S+)/))
  const token = searchParams.get('token') ?? ''
  const call = async <T>(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer<T>> =>
    send<T>(Number(port), path, { body, headers: headers ?? { authorization: `Bearer ${token}` } })
  return { port, token, call }
}

interface Answer<T> {
  status: number | undefined
  body: T
}

/** Calls the API with the given headers. fetch cannot set Host and Origin. */
function send<T>(
  port: number,
  path: string,
  { body, headers }: { body: unknown; headers: Record<string, string> },
): Promise<Answer<T>> {
  const method = body === undefined ? 'GET' : 'POST'
  const type = { 'content-type': 'application/json' }
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path, headers: { ...type, ...headers } }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (part: string) => (text += part))
      response.on('end', () => resolve({ status: response.statusCode, body: JSON.parse(text) as T }))
    })
    sent.on('error', reject)
    sent.end(body === undefined ? '' : JSON.stringify(body))
  })
}

const form = { file: 'shop.burst.ts', where: 'aws', runTime: '1m' }

test.each<[string, () => string[], { status: number; body: string }, RegExp]>([
  ['there is no stack', () => ['--endpoint', here()], noStack, /^there is no stack 'burst' in http/],
  ['the stack has another version', () => ['--endpoint', here()], otherVersion, /has build 0\.0\.1-other/],
  ['AWS cannot be reached', () => ['--endpoint', 'http://127.0.0.1:9'], noStack, /^http:\/\/127\.0\.0\.1:9 cannot be/],
  ['there are no credentials', () => ['--region', 'eu-central-1'], noStack, /no AWS credentials/],
])(
  'when %s, the page and the terminal show the same error message, and the page shows it beside the field',
  async (_, flags, told, sentence) => {
    answer = told
    const { call } = await opened(flags())
    const plan = await call<{ errors: FieldError[] }>('/api/plan', form)
    expect(plan.body.errors).toEqual([
      { field: 'where', message: expect.stringMatching(sentence), hint: expect.any(String) },
    ])
    const [problem] = plan.body.errors
    expect(await call('/api/runs', form)).toEqual({ status: 422, body: { errors: [problem] } })
    const { stderr } = await burst(['run', 'shop.burst.ts', '-t', '1m', ...flags()], folder, noAws)
    expect(stderr).toContain(problem?.message)
    expect(stderr).toContain(problem?.hint)
    const setup = await call<UiSetup>('/api/setup')
    expect(setup.body.places).toEqual([
      { key: 'local', name: 'this machine' },
      { key: 'aws', name: expect.stringMatching(/^AWS stack, (?:emulated at http|eu-central-1)/) },
    ])
  },
)

test('if an API call about AWS has no token or comes from another site, burst sends no request to AWS', async () => {
  answer = noStack
  const { call, port, token } = await opened(['--endpoint', here()])
  asked = 0
  const cookie = `burst-ui-${port}=${token}`
  const authorization = `Bearer ${token}`
  const calls: [path: string, body: unknown][] = [
    ['/api/plan', form],
    ['/api/runs', form],
    ['/api/runs/20261126-051821-home-a09a/stop', {}],
    ['/api/runs/20261126-051821-home-a09a/stop', { now: true }],
  ]
  for (const [path, body] of calls) {
    const statuses = [
      await call(path, body, {}),
      await call(path, body, { cookie }),
      await call(path, body, { cookie, origin: 'https://evil.example' }),
      await call(path, body, { authorization, origin: 'https://evil.example' }),
      await call(path, body, { authorization, host: `evil.example:${port}` }),
    ].map(({ status }) => status)
    expect([path, statuses]).toEqual([path, [403, 403, 403, 403, 421]])
  }
  for (const path of ['/api/runs', '/api/runs/20261126-051821-home-a09a/stream']) {
    expect((await call(path, undefined, {})).status).toBe(403)
  }
  expect(asked).toBe(0)
  // A call with the token does send a request to AWS, and the list of runs says why it contains no runs on AWS.
  await expect
    .poll(async () => (await call<RunList>('/api/runs')).body.problem?.message)
    .toMatch(/^there is no stack 'burst' in http/)
  expect(asked).toBeGreaterThan(0)
})

test('a run on this machine can be started, read and stopped while AWS cannot be reached', async () => {
  const { call } = await opened(['--endpoint', 'http://127.0.0.1:9'])
  const local = { ...form, where: 'local', host: here(), users: '1', runTime: '10m' }
  const { body, status } = await call<{ run: string }>('/api/runs', local)
  expect(status).toBe(201)
  const file = `/api/runs/${body.run}/files/report.json`
  await expect.poll(async () => (await call(file)).status).toBe(200)
  expect((await call<RunList>('/api/runs')).body.runs).toEqual(
    expect.arrayContaining([expect.objectContaining({ run: body.run, state: 'running', where: 'local' })]),
  )
  expect((await call(`/api/runs/${body.run}/stop`, {})).status).toBe(202)
  await expect.poll(async () => (await call<Report>(file)).body.verdict?.exitCode).toBeGreaterThan(0)
})

test('a scenario on this machine gets the environment of burst ui, without the variables that burst ui sets for AWS', async () => {
  const { call } = await opened(['--endpoint', 'http://127.0.0.1:9'])
  await expect.poll(async () => (await call<RunList>('/api/runs')).body.problem?.message).toMatch(/cannot be/)
  const local = { file: 'environment.burst.ts', where: 'local', host: here(), users: '1', runTime: '2s' }
  const { body } = await call<{ run: string }>('/api/runs', local)
  const file = `/api/runs/${body.run}/files/report.json`
  await expect.poll(async () => (await call<Report>(file)).body.completeness?.complete, { timeout: 60_000 }).toBe(true)
  const { run, requests } = (await call<Report>(file)).body
  expect([run.name, requests.map(({ name }) => name)]).toEqual(['endpoint none, key none', ['endpoint none, key none']])
})

test('the error for an invalid secret variable does not contain the value of the variable', async () => {
  const { call } = await opened(['--endpoint', here()])
  const { body } = await call<{ errors: FieldError[] }>('/api/plan', { ...form, vars: 'api_token:hunter2' })
  expect(body.errors).toEqual([{ field: 'vars', message: '--var is ***', hint: 'write it like --var region=eu' }])
})
