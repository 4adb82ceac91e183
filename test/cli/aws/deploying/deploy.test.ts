import { type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { deploy } from '../../../../cli/aws/deploying/deploy.ts'
import { choosePlace } from '../../../../cli/aws/place.ts'
import { emptyFolder } from '../../command-line.ts'

/** An AWS account without stacks and buckets. It records the requests that it receives. */
const asked: string[] = []
const aws = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8').on('data', (part: string) => (body += part))
  request.once('end', () => answer(request, response, body))
})

function answer(request: IncomingMessage, response: ServerResponse, body: string): void {
  const action = /Action=(\w+)/.exec(body)?.[1] ?? `${request.method} ${request.url}`
  asked.push(action)
  const answers: Record<string, string> = {
    GetCallerIdentity: '<Account>111122223333</Account><Arn>arn:aws:iam::111122223333:user/me</Arn>',
    DescribeStacks: '<Stacks></Stacks>',
  }
  const known = answers[action]
  response.writeHead(known === undefined ? 403 : 200, { 'content-type': 'text/xml' })
  response.end(
    known === undefined
      ? '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>'
      : `<${action}Response><${action}Result>${known}</${action}Result></${action}Response>`,
  )
}
await new Promise<void>((resolve) => aws.listen(0, '127.0.0.1', resolve))
afterAll(() => aws.close())

test('burst deploy creates no resource before a person has confirmed the new stack', async () => {
  const endpoint = `http://127.0.0.1:${(aws.address() as AddressInfo).port}`
  const place = await choosePlace({ endpoint, region: 'eu-west-1' }, await emptyFolder())
  const request = { flags: { allow: ['shop.example.com'] }, force: false, say: () => undefined }
  // A test has no terminal, so burst deploy cannot ask for confirmation.
  await expect(deploy(place, { ...request, yes: false })).rejects.toMatchObject({
    exitCode: 104,
    message: expect.stringMatching(
      /^This creates functions, queues, a bucket and the roles \(IAM\).* stdin is not a terminal/,
    ),
  })
  expect(new Set(asked)).toEqual(new Set(['GetCallerIdentity', 'DescribeStacks']))
  // With --yes, burst creates the bucket for the code first.
  await expect(deploy(place, { ...request, yes: true })).rejects.toMatchObject({ exitCode: 97 })
  expect(asked.at(-1)).toMatch(/^PUT \/burst-assets-111122223333-eu-west-1-[0-9a-f]{12}/)
})
