import { afterEach, expect, test } from 'vitest'
import { deploy } from '../../../../cli/aws/deploying/deploy.ts'
import { choosePlace } from '../../../../cli/aws/place.ts'
import { emptyFolder } from '../../command-line.ts'
import { type Given, type SmallAccount, startSmallAccount } from './small-account.ts'

let aws: SmallAccount | undefined
afterEach(async () => aws?.close())

/** Runs `burst deploy` in this account. A test has no terminal, so burst cannot ask for confirmation. */
async function deployed(given: Given, { yes, allow }: { yes: boolean; allow?: string[] }): Promise<{ said: string[] }> {
  aws = await startSmallAccount(given)
  const place = await choosePlace({ endpoint: aws.endpoint, region: 'eu-west-1' }, await emptyFolder())
  const said: string[] = []
  const request = { flags: allow ? { allow } : {}, force: false, say: (line: string) => void said.push(line) }
  await expect(deploy(place, { ...request, yes })).rejects.toSatisfy(
    (error: { exitCode: number; message: string }) => said.push(`${error.exitCode}: ${error.message}`) > 0,
  )
  return { said }
}

test('burst deploy creates no resource before a person has confirmed the new stack', async () => {
  const { said } = await deployed({}, { yes: false, allow: ['shop.example.com'] })
  expect(said.at(-1)).toMatch(
    /^104: This creates functions, queues, a bucket and the IAM roles of the functions\..* stdin is not a terminal/,
  )
  expect(new Set(aws?.calls)).toEqual(new Set(['GetCallerIdentity']))
  await aws?.close()
  // With --yes, burst does not ask for confirmation. burst first tries to create the bucket for the code, but AWS denies this call.
  const forced = await deployed({ denied: /^PUT / }, { yes: true, allow: ['shop.example.com'] })
  expect(forced.said.at(-1)).toMatch(/^97: /)
  expect(aws?.calls.at(-1)).toMatch(/^PUT \/burst-assets-111122223333-eu-west-1-[0-9a-f]{12}/)
})

test('if a stack does not report its settings, burst deploy keeps the allowed hosts, and asks before it resets all other settings', async () => {
  const { said } = await deployed({ states: ['CREATE_COMPLETE'] }, { yes: false })
  expect(said).toContain('  may load-test shop.example.com')
  expect(said.join('\n')).toContain('settings that you do not specify now are reset to their defaults')
  expect(said.at(-1)).toMatch(/^104: Deploy the stack with the settings above\? .* stdin is not a terminal/)
  expect(aws?.calls.filter((call) => /^(?:PUT|POST|DELETE) |^(?:Create|Update|Execute)/.test(call))).toEqual([])
})

test('without a terminal and without --yes, burst deploy refuses each change of a setting', async () => {
  const settings = { memory: 2048, kmsKey: 'arn:aws:kms:eu-west-1:111122223333:key/1' }
  const { said } = await deployed(
    { states: ['CREATE_COMPLETE'], settings },
    { yes: false, allow: ['shop.example.com', '*.example.org'] },
  )
  expect(said.slice(-2)).toEqual([
    '  allow: + *.example.org (from now on, the stack is allowed to load-test this host)',
    expect.stringMatching(/^104: Deploy these changes\? .* stdin is not a terminal/),
  ])
  expect(aws?.calls.filter((call) => /^(?:PUT|POST|DELETE) |^(?:Create|Update|Execute)/.test(call))).toEqual([])
})
