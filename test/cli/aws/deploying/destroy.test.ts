import { afterEach, expect, test } from 'vitest'
import { destroy } from '../../../../cli/aws/deploying/destroy.ts'
import { choosePlace } from '../../../../cli/aws/place.ts'
import { emptyFolder } from '../../command-line.ts'
import { type Given, type SmallAccount, codeBucket, runsBucket, startSmallAccount } from './small-account.ts'

let aws: SmallAccount | undefined
afterEach(async () => aws?.close())

/** Runs `burst destroy --yes` in an account with one stack. Returns the messages of burst; an error message and its hint are the last items. */
async function destroyed(given: Given, keepData = false): Promise<{ said: string[]; account: SmallAccount }> {
  const account = (aws = await startSmallAccount({ settings: { retentionDays: 7 }, ...given }))
  const place = await choosePlace({ endpoint: account.endpoint, region: 'eu-west-1' }, await emptyFolder())
  const said: string[] = []
  try {
    await destroy(place, { yes: true, force: false, keepData, say: (line) => said.push(line) })
  } catch (error) {
    const { exitCode, message, hint } = error as { exitCode: number; message: string; hint?: string }
    said.push(`${exitCode}: ${message}`, hint ?? '')
  }
  return { said, account }
}

/** Returns the calls that change something, and the states of the stack except `CREATE_COMPLETE`, in order. */
const changes = ({ calls }: SmallAccount): string[] =>
  calls.filter((call) => !/^(?:Get|HEAD|GET )/.test(call) && call !== 'CREATE_COMPLETE')
const emptied = (bucket: string): string[] => [`POST /${bucket}?delete`, `DELETE /${bucket}`]

test('burst destroy deletes data only after CloudFormation has confirmed that the stack is deleted', async () => {
  const { said, account } = await destroyed({
    states: ['CREATE_COMPLETE', 'CREATE_COMPLETE', 'DELETE_IN_PROGRESS', 'DELETE_COMPLETE'],
  })
  expect(changes(account)).toEqual([
    'DeleteStack',
    'DELETE_IN_PROGRESS',
    'DELETE_COMPLETE',
    ...emptied(runsBucket),
    'DELETE_COMPLETE',
    ...emptied(codeBucket),
  ])
  expect(said.at(-1)).toBe('destroyed: the stack and its data are deleted')
})

const isUnchanged = `burst has not changed s3://${runsBucket}`

test.for([
  [
    'fails',
    { states: ['CREATE_COMPLETE', 'DELETE_IN_PROGRESS', 'DELETE_FAILED'], reason: 'no right to delete Worker' },
    ['97: the stack could not be deleted (DELETE_FAILED): no right to delete Worker', isUnchanged],
  ],
  [
    'is rolled back',
    { states: ['CREATE_COMPLETE', 'DELETE_IN_PROGRESS', 'ROLLBACK_FAILED'], reason: 'a hook failed' },
    ['97: the stack could not be deleted (ROLLBACK_FAILED): a hook failed', isUnchanged],
  ],
  ['is denied', { states: ['CREATE_COMPLETE'], denied: /^DeleteStack$/ }, ['97: AWS denies you', '']],
] as const)(
  'burst destroy does not change any bucket or object if the deletion of the stack %s',
  async ([, given, words]) => {
    const { said, account } = await destroyed({ ...given, states: [...given.states] })
    expect(account.calls).toContain('DeleteStack')
    expect(account.calls.filter((call) => /^(?:PUT|POST|DELETE) /.test(call))).toEqual([])
    expect(said.slice(-2)).toEqual(words.map((text) => expect.stringContaining(text)))
  },
)

test.for(['DELETE_FAILED', 'UPDATE_ROLLBACK_FAILED'])(
  'burst destroy deletes a stack in the state %s, even if CloudFormation still reports this state after burst has requested the deletion',
  async (state) => {
    const { said, account } = await destroyed({
      states: [state, state, state, 'DELETE_IN_PROGRESS', 'DELETE_COMPLETE'],
    })
    expect(said.at(-1)).toBe('destroyed: the stack and its data are deleted')
    expect(account.calls).toContain(`DELETE /${runsBucket}`)
  },
)

test.for([
  ['again', ['DELETE_FAILED', 'DELETE_FAILED', 'DELETE_IN_PROGRESS', 'DELETE_FAILED']],
  ['again so fast that CloudFormation never reports the deletion', ['DELETE_FAILED']],
] as const)(
  'if the deletion of a stack has failed before and fails %s, burst destroy reports the failure',
  async ([, states]) => {
    const { said, account } = await destroyed({ states: [...states], reason: 'no right to delete Worker' })
    expect(said.at(-2)).toBe('97: the stack could not be deleted (DELETE_FAILED): no right to delete Worker')
    expect(account.calls.filter((call) => /^(?:PUT|POST|DELETE) /.test(call))).toEqual([])
  },
)

test('burst destroy --keep-data deletes the stack and the bucket for code, but does not change the bucket that contains the runs', async () => {
  const { said, account } = await destroyed({ states: ['CREATE_COMPLETE', 'DELETE_COMPLETE'] }, true)
  expect(changes(account)).toEqual(['DeleteStack', 'DELETE_COMPLETE', 'DELETE_COMPLETE', ...emptied(codeBucket)])
  expect(said.join('\n')).toContain('still deletes each file of a run 7 days after')
})

test.for([true, false])(
  'if the template does not retain the bucket, burst destroy first changes the template to retain the bucket, and then deletes the stack (--keep-data: %s)',
  async (keepData) => {
    const template = { Resources: { RunsBucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'x' } } } }
    const states = ['CREATE_COMPLETE', 'UPDATE_COMPLETE', 'DELETE_COMPLETE']
    const { account } = await destroyed({ template, states }, keepData)
    const { calls } = account
    expect(calls.filter((call) => /^(?:Update|Delete)Stack$|_COMPLETE$/.test(call)).slice(0, 5)).toEqual([
      'CREATE_COMPLETE',
      'UpdateStack',
      'UPDATE_COMPLETE',
      'DeleteStack',
      'DELETE_COMPLETE',
    ])
    const { Resources } = JSON.parse(account.bodies.get('UpdateStack')?.get('TemplateBody') ?? '')
    expect(Resources.RunsBucket).toMatchObject({ DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain' })
    expect(calls.includes(`DELETE /${runsBucket}`)).toBe(!keepData)
  },
)

test('if the template cannot be changed to retain the bucket, burst destroy does not delete anything', async () => {
  const template = { Resources: { RunsBucket: { Type: 'AWS::S3::Bucket' } } }
  const { account } = await destroyed({ template, states: ['CREATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'] }, true)
  expect(account.calls.filter((call) => /^DeleteStack$|^(?:PUT|POST|DELETE) /.test(call))).toEqual([])
})
