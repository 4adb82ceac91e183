import type { Stack as CloudFormationStack } from '@aws-sdk/client-cloudformation'
import { BurstError } from '../../core/errors.ts'
import type { Place } from './place.ts'

/** The stack as its outputs tell it. */
export interface Stack {
  name: string
  bucket: string
  queueUrl: string
  deadLetterQueueUrl: string
  failuresQueueUrl: string
  coordinator: string
  worker: string
  merge: string
  finalise: string
  /** Of the code that was deployed. */
  build: string
  /** Hosts that it may load. */
  allow: string[]
  version: string
}

const outputs = {
  bucket: 'BucketName',
  queueUrl: 'QueueUrl',
  deadLetterQueueUrl: 'DeadLetterQueueUrl',
  failuresQueueUrl: 'FailuresQueueUrl',
  coordinator: 'CoordinatorFunction',
  worker: 'WorkerFunction',
  merge: 'MergeFunction',
  finalise: 'FinaliseFunction',
  build: 'Build',
  allow: 'Allow',
  version: 'Version',
} as const

/** The deployed stack; undefined where there is none, or none that was ever whole. */
export async function findStack(place: Place): Promise<Stack | undefined> {
  const found = await describe(place.stackName)
  if (!found) return undefined
  const values = new Map(found.outputs.map(({ key, value }) => [key, value]))
  const missing = Object.values(outputs).filter((key) => !values.has(key))
  if (missing.length === Object.keys(outputs).length) return notOurs(place, found.status)
  const read = (name: keyof typeof outputs): string => values.get(outputs[name]) ?? ''
  return {
    name: place.stackName,
    bucket: read('bucket'),
    queueUrl: read('queueUrl'),
    deadLetterQueueUrl: read('deadLetterQueueUrl'),
    failuresQueueUrl: read('failuresQueueUrl'),
    coordinator: read('coordinator'),
    worker: read('worker'),
    merge: read('merge'),
    finalise: read('finalise'),
    build: read('build'),
    allow: read('allow').split(',').filter(Boolean),
    version: read('version'),
  }
}

/**
 * The deployed stack.
 * @throws BurstError (104) when there is none
 */
export async function deployedStack(place: Place): Promise<Stack> {
  const stack = await findStack(place)
  if (stack) return stack
  throw new BurstError('invalidInput', `there is no stack '${place.stackName}' in ${place.endpoint ?? place.region}`, {
    hint: 'run burst deploy first, name another --region or --profile, or add --local to run on this machine',
  })
}

/** Names of burst's other stacks in the region. */
export async function otherStacks({ stackName }: Place): Promise<string[]> {
  const { CloudFormationClient, paginateDescribeStacks } = await import('@aws-sdk/client-cloudformation')
  const client = new CloudFormationClient({})
  const found: string[] = []
  try {
    for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) {
      found.push(...Stacks.filter(isBursts).map(({ StackName = '' }) => StackName))
    }
    return found.filter((name) => name !== stackName)
  } finally {
    client.destroy()
  }
}

function isBursts({ Outputs = [], StackStatus }: CloudFormationStack): boolean {
  const keys = new Set(Outputs.map(({ OutputKey }) => OutputKey))
  return [outputs.worker, outputs.coordinator, outputs.build].every((key) => keys.has(key)) && isLive(StackStatus)
}

/** A change set that was never carried out leaves a stack under review. */
function isLive(status: string | undefined): boolean {
  return status !== 'DELETE_COMPLETE' && status !== 'REVIEW_IN_PROGRESS'
}

interface Described {
  status: string
  outputs: { key: string; value: string }[]
}

async function describe(name: string): Promise<Described | undefined> {
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation')
  const client = new CloudFormationClient({})
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }))
    const stack = Stacks.find(({ StackStatus }) => isLive(StackStatus))
    return stack && { status: stack.StackStatus ?? '', outputs: pairsOf(stack) }
  } catch (error) {
    if (/does not exist/.test((error as Error).message)) return undefined
    throw error
  } finally {
    client.destroy()
  }
}

function pairsOf({ Outputs = [] }: CloudFormationStack): Described['outputs'] {
  return Outputs.map(({ OutputKey = '', OutputValue = '' }) => ({ key: OutputKey, value: OutputValue }))
}

/** A first deployment that failed leaves a stack without outputs; anything else without them is somebody else's. */
function notOurs({ stackName }: Place, status: string): undefined {
  if (/ROLLBACK|FAILED|IN_PROGRESS/.test(status)) return undefined
  throw new BurstError('invalidInput', `the stack '${stackName}' is not one of burst's`, {
    hint: 'name burst’s own with --stack-name',
  })
}
