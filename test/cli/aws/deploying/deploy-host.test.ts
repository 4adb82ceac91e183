import type { IoMessage, IoRequest } from '@aws-cdk/toolkit-lib'
import { expect, test } from 'vitest'
import { DeployHost } from '../../../../cli/aws/deploying/deploy-host.ts'

const warning = 'CDK_TOOLKIT_W0000'
const activity = 'CDK_TOOLKIT_I5502'

async function told(messages: { code: string; level: string; message?: string; data?: unknown }[]) {
  const said: string[] = []
  const host = new DeployHost({ say: (line) => said.push(line), yes: true, update: true })
  for (const one of messages)
    await host.notify({ message: '', data: undefined, ...one } as unknown as IoMessage<unknown>)
  return { said, failures: host.failures }
}

test('a warning of the CDK toolkit is shown on one line, and a repeated warning is shown once', async () => {
  const message = `first line\n${'at x (y.js:1)\n'.repeat(199)}`
  const again = { code: warning, level: 'warn', message }
  const long = { code: warning, level: 'warn', message: 'x'.repeat(5000) }
  const { said } = await told([again, long, again, again])
  expect(said).toHaveLength(2)
  for (const line of said) expect(line.length).toBeLessThanOrEqual(220)
})

test('the reason why a resource failed is shown on one short line, even if the message from AWS is long', async () => {
  const reason = `Resource handler returned message: denied\n${'detail '.repeat(500)}\n`.repeat(3)
  const event = { LogicalResourceId: 'Worker', ResourceStatus: 'CREATE_FAILED', ResourceStatusReason: reason }
  const { failures } = await told([{ code: activity, level: 'error', data: { event } }])
  expect(failures).toEqual(['Worker: Resource handler returned message: denied'])
})

interface Change {
  resourceType: string
  changeImpact: string
}

/**
 * Asks the `DeployHost` the question that the toolkit asks before a deployment, and returns the answer. If the `DeployHost` has to ask a person, it
 * throws an error that contains the question for the person, because a test has no terminal.
 */
async function confirmed(change: Change, given: { permissions?: string; yes?: boolean; update?: boolean } = {}) {
  const { permissions = 'none', yes = false, update = true } = given
  const host = new DeployHost({ say: () => undefined, yes, update })
  const templateDiffs = { burst: { resources: { changes: { Thing: change } } } }
  const data = { permissionChangeType: permissions, templateDiffs }
  const question = { code: 'CDK_TOOLKIT_I5060', level: 'info', message: '', data, defaultResponse: true }
  return host.requestResponse(question as unknown as IoRequest<unknown, boolean>)
}

test('without a terminal and without --yes, burst refuses to add permissions or to replace a resource that contains data', async () => {
  const bucket = { resourceType: 'AWS::S3::Bucket', changeImpact: 'WILL_REPLACE' }
  const queue = { resourceType: 'AWS::SQS::Queue', changeImpact: 'MAY_REPLACE' }
  const code = { resourceType: 'AWS::Lambda::Function', changeImpact: 'WILL_UPDATE' }
  await expect(confirmed(bucket)).rejects.toMatchObject({
    exitCode: 104,
    message: expect.stringContaining(
      'This replaces Thing (AWS::S3::Bucket): the old bucket remains in the account with its runs, but burst no longer finds these runs. Deploy the stack?',
    ),
  })
  await expect(confirmed(queue)).rejects.toMatchObject({
    exitCode: 104,
    message: expect.stringContaining(
      'This may replace Thing (AWS::SQS::Queue): the old queue is deleted with its messages. Deploy the stack?',
    ),
  })
  for (const changeImpact of ['WILL_DESTROY', 'WILL_ORPHAN'])
    await expect(confirmed({ ...bucket, changeImpact })).rejects.toThrow('This removes Thing (AWS::S3::Bucket)')
  await expect(confirmed(code, { permissions: 'broadening' })).rejects.toMatchObject({
    exitCode: 104,
    message: expect.stringContaining('This gives the functions more permissions in the account (IAM)'),
  })
  expect(await confirmed(bucket, { yes: true, permissions: 'broadening' })).toBe(true)
  expect(await confirmed(code)).toBe(true)
  // In a new stack, no resource has data.
  expect(await confirmed(bucket, { update: false })).toBe(true)
})
