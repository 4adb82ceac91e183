import type { Stack as CloudFormationStack } from '@aws-sdk/client-cloudformation'
import { BurstError } from '../../core/errors.ts'
import { localInstead } from './cloud-problem.ts'
import { checkedSettings } from './config-file.ts'
import type { Place } from './place.ts'
import type { StackSettings } from './settings-schema.ts'
import { commandSettings } from '../../functions/aws/client-settings.ts'

/** The data of a deployed stack, from CloudFormation and the outputs of the stack. */
export interface Stack {
  name: string
  /** The ARN of the stack. It is needed because a deleted stack cannot be found by its name. */
  id: string
  /** The account that contains the stack. */
  account: string
  bucket: string
  queueUrl: string
  deadLetterQueueUrl: string
  failuresQueueUrl: string
  coordinator: string
  worker: string
  merge: string
  finalise: string
  /** The build of the deployed code. */
  build: string
  /** The hosts that the stack may load-test. */
  allow: string[]
  version: string
  /** The settings of the deployment, including hosts and tags; undefined if the stack was not deployed by `burst deploy`. */
  settings: StackSettings | undefined
  /** The bucket with the functions' code; undefined if the stack does not name it. */
  assetBucket: string | undefined
  /** The state of the stack when burst read this data, for example `UPDATE_COMPLETE`. */
  state: string
  /** `true` if the stack has termination protection. */
  terminationProtection: boolean
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
const optionalOutputs = { settings: 'Settings', assetBucket: 'AssetBucket' } as const

/**
 * Returns the deployed stack; undefined if the stack does not exist or its first deployment did not complete.
 * @throws BurstError (104) when burst did not deploy the stack, or when the output `Settings` of the stack contains an invalid setting; BurstError
 * (97) when this output is not JSON
 */
export async function findStack(place: Place): Promise<Stack | undefined> {
  const found = await describe(place.stackName)
  if (!found) return undefined
  const values = stackOutputs(found)
  const missing = Object.values(outputs).filter((key) => !values.has(key))
  if (missing.length === Object.keys(outputs).length) return notOurs(place, found.StackStatus ?? '')
  const read = (name: keyof typeof outputs): string => values.get(outputs[name]) ?? ''
  const allow = read('allow').split(',').filter(Boolean)
  const id = found.StackId ?? ''
  return {
    name: place.stackName,
    id,
    account: id.split(':')[4] ?? '',
    bucket: read('bucket'),
    queueUrl: read('queueUrl'),
    deadLetterQueueUrl: read('deadLetterQueueUrl'),
    failuresQueueUrl: read('failuresQueueUrl'),
    coordinator: read('coordinator'),
    worker: read('worker'),
    merge: read('merge'),
    finalise: read('finalise'),
    build: read('build'),
    allow,
    version: read('version'),
    settings: settingsOf(found, allow),
    assetBucket: values.get(optionalOutputs.assetBucket),
    state: found.StackStatus ?? '',
    terminationProtection: found.EnableTerminationProtection ?? false,
  }
}

/**
 * Returns the settings from the output `Settings` of the stack; undefined if the stack does not have this output. Adds the hosts and the tags,
 * because they are stored separately.
 */
function settingsOf(stack: CloudFormationStack, allow: readonly string[]): StackSettings | undefined {
  const noted = stackOutputs(stack).get(optionalOutputs.settings)
  if (noted === undefined) return undefined
  const settings = checkedSettings(jsonOf(noted), `the output ${optionalOutputs.settings} of the stack`)
  // burst ignores the tags that AWS itself sets, because burst may not set such tags.
  const own = (stack.Tags ?? []).filter(({ Key = '' }) => !Key.startsWith('aws:'))
  const tags = Object.fromEntries(own.map(({ Key = '', Value = '' }) => [Key, Value]))
  return { ...settings, allow, ...(Object.keys(tags).length > 0 && { tags }) }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new BurstError('runFailed', `the output ${optionalOutputs.settings} of the stack is not JSON`, { cause })
  }
}

/**
 * Returns the deployed stack.
 * @throws BurstError (104) when the stack does not exist, its first deployment did not complete, or the stack was not deployed by burst
 */
export async function deployedStack(place: Place): Promise<Stack> {
  const stack = await findStack(place)
  if (stack) return stack
  throw new BurstError('invalidInput', `there is no stack '${place.stackName}' in ${place.endpoint ?? place.region}`, {
    hint: `run burst deploy first, or name another --region or --profile; ${localInstead}`,
  })
}

/** Another burst stack in the region. */
export interface OtherStack {
  name: string
  assetBucket: string | undefined
}

/** Returns the other burst stacks in the region. */
export async function otherStacks({ stackName }: Place): Promise<OtherStack[]> {
  const { CloudFormationClient, paginateDescribeStacks } = await import('@aws-sdk/client-cloudformation')
  const client = new CloudFormationClient(commandSettings)
  const found: OtherStack[] = []
  try {
    for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) {
      for (const stack of Stacks.filter(isBursts)) {
        found.push({ name: stack.StackName ?? '', assetBucket: stackOutputs(stack).get(optionalOutputs.assetBucket) })
      }
    }
    return found.filter(({ name }) => name !== stackName)
  } finally {
    client.destroy()
  }
}

function isBursts({ Outputs = [], StackStatus }: CloudFormationStack): boolean {
  const keys = new Set(Outputs.map(({ OutputKey }) => OutputKey))
  return [outputs.worker, outputs.coordinator, outputs.build].every((key) => keys.has(key)) && isLive(StackStatus)
}

/** Returns true if the stack exists. A stack in the state `REVIEW_IN_PROGRESS` does not exist yet, because its change set was never executed. */
function isLive(status: string | undefined): boolean {
  return status !== 'DELETE_COMPLETE' && status !== 'REVIEW_IN_PROGRESS'
}

async function describe(name: string): Promise<CloudFormationStack | undefined> {
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation')
  const client = new CloudFormationClient(commandSettings)
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }))
    return Stacks.find(({ StackStatus }) => isLive(StackStatus))
  } catch (error) {
    if (/does not exist/.test((error as Error).message)) return undefined
    throw error
  } finally {
    client.destroy()
  }
}

function stackOutputs({ Outputs = [] }: CloudFormationStack): Map<string, string> {
  return new Map(Outputs.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]))
}

/**
 * Handles a stack that has none of burst's outputs. If a deployment of the stack is in progress or has failed, the stack may be a burst stack that is
 * not complete yet, so this function returns undefined.
 * @throws BurstError (104) for all other stacks
 */
function notOurs({ stackName }: Place, status: string): undefined {
  if (/ROLLBACK|FAILED|IN_PROGRESS/.test(status)) return undefined
  throw new BurstError('invalidInput', `the stack '${stackName}' was not deployed by burst`, {
    hint: 'name a stack of burst with --stack-name',
  })
}
