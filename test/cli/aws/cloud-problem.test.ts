import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, expect, test } from 'vitest'
import { cloudProblem } from '../../../cli/aws/cloud-problem.ts'
import { BurstError } from '../../../core/errors.ts'

/** Refuses every request as AWS does. The path of the request determines the error. */
const aws = createServer((request, response) => {
  const [, status = '400', code = '', message = ''] = (request.url ?? '').split('/').map(decodeURIComponent)
  response.writeHead(Number(status), { 'content-type': 'text/xml' })
  response.end(`<ErrorResponse><Error><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`)
})
await new Promise<void>((resolve) => aws.listen(0, '127.0.0.1', resolve))
const port = (aws.address() as AddressInfo).port
afterAll(() => aws.close())

async function refusal(endpoint: string, credentials = { accessKeyId: 'a', secretAccessKey: 'b' }): Promise<unknown> {
  const client = new STSClient({ endpoint, region: 'eu-west-1', credentials, maxAttempts: 1 })
  return client.send(new GetCallerIdentityCommand({})).catch((error: unknown) => error)
}

async function told(status: number, code: string, message = 'no'): Promise<BurstError> {
  const path = [String(status), code, message].map(encodeURIComponent).join('/')
  const error = await refusal(`http://127.0.0.1:${port}/${path}`)
  const problem = cloudProblem(error, { region: 'eu-west-1', profile: 'work' })
  expect(problem).toBeInstanceOf(BurstError)
  return problem as BurstError
}

test.each([
  [403, 'ExpiredToken', "the AWS credentials of profile 'work' have expired", 104],
  [401, 'UnauthorizedException', "the AWS credentials of profile 'work' have expired", 104],
  [403, 'InvalidClientTokenId', "AWS does not accept these credentials of profile 'work'", 104],
  [404, 'NoSuchBucket', 'the bucket of this stack is gone', 97],
  [400, 'AWS.SimpleQueueService.NonExistentQueue', 'the queue of this stack is gone', 97],
  [429, 'TooManyRequestsException', 'AWS refuses the request because a quota is reached: no', 97],
  [301, 'PermanentRedirect', 'this is the wrong region: no', 104],
  [500, 'InternalFailure', 'AWS says: no', 97],
])('the AWS error %i %s is reported in one line: %s', async (status, code, message, exitCode) => {
  const problem = await told(status, code)
  expect(problem).toMatchObject({ message, exitCode })
  expect(problem.hint).toBeTruthy()
})

test('an error about missing permissions names the action that was denied', async () => {
  const problem = await told(403, 'AccessDenied', 'User: x is not authorized to perform: s3:PutObject on resource: y')
  expect(problem).toMatchObject({ message: 'AWS denies you s3:PutObject', exitCode: 97 })
})

test("the error for an emulator that cannot be reached names the emulator's address", async () => {
  const endpoint = 'http://127.0.0.1:9'
  const problem = cloudProblem(await refusal(endpoint), { endpoint })
  expect(problem).toMatchObject({ message: `${endpoint} cannot be reached`, exitCode: 97 })
})

test('if credentials cannot be renewed because of the network, the error names the network and not the credentials', () => {
  const error = Object.assign(new Error('Error: getaddrinfo ENOTFOUND portal.sso.eu-west-1.amazonaws.com'), {
    name: 'CredentialsProviderError',
  })
  expect(cloudProblem(error, { region: 'eu-west-1' })).toMatchObject({
    message: "AWS cannot be reached in region 'eu-west-1': DNS cannot resolve the host name of AWS",
    exitCode: 104,
  })
})

test('an error that does not come from AWS is returned unchanged', () => {
  const fault = new TypeError('x is not a function')
  expect(cloudProblem(fault, {})).toBe(fault)
  const ours = new BurstError('runFailed', 'no')
  expect(cloudProblem(ours, {})).toBe(ours)
})
