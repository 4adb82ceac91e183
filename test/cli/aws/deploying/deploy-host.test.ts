import type { IoMessage } from '@aws-cdk/toolkit-lib'
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
