import { BurstError, invalidInput } from '../../core/errors.ts'
import { whoAmI } from './account.ts'
import { agrees } from './ask.ts'
import { deleteBucket, emptyBucket, isThere, ownAssetBucket } from './asset-bucket.ts'
import { cloudOf } from './cloud.ts'
import { refuseWhileRunning } from './lease.ts'
import { type Place, onAws } from './place.ts'
import { type Stack, findStack, otherStacks } from './stack.ts'

export interface DestroyRequest {
  yes: boolean
  force: boolean
  /** The bucket stays, with all runs and reports. */
  keepData: boolean
  say: (line: string) => void
}

/**
 * Deletes the stack and what burst put beside it.
 * @throws BurstError (97 or 104)
 */
export async function destroy(place: Place, request: DestroyRequest): Promise<void> {
  const { say, keepData } = request
  const { account } = await onAws(place, whoAmI)
  const stack = await onAws(place, async () => findStack(place))
  const where = `account ${account}, ${place.endpoint ?? place.region}`
  if (!stack) throw invalidInput(`there is no stack '${place.stackName}' in ${where}`)
  await onAws(place, async () => refuseWhileRunning(await cloudOf(place, stack), request.force))
  for (const line of whatGoes(stack, keepData)) say(line)
  if (!(await agrees(`Delete the stack '${stack.name}' in ${where}?`, request.yes))) {
    throw invalidInput('nothing was deleted')
  }
  await onAws(place, async () => {
    if (keepData) await keepBucket(stack)
    else await emptyBucket(place, stack.bucket)
    await deleteStack(place, stack.name, say)
    if (!keepData) await deleteBucket(place, stack.bucket)
    await removeAssets(place, account, say)
  })
  say(keepData ? `destroyed; the runs are still in s3://${stack.bucket}` : 'destroyed: nothing of it is left')
}

function whatGoes({ bucket }: Stack, keepData: boolean): string[] {
  return [
    'this deletes:',
    '  the functions, their roles and logs, and the queues',
    keepData ? `it keeps: s3://${bucket} with all runs and reports` : `  s3://${bucket} with all runs and reports`,
  ]
}

/** CloudFormation deletes what its template does not tell it to retain. */
async function keepBucket({ name }: Stack): Promise<void> {
  const cfn = await import('@aws-sdk/client-cloudformation')
  const client = new cfn.CloudFormationClient({})
  try {
    const { TemplateBody = '{}' } = await client.send(new cfn.GetTemplateCommand({ StackName: name }))
    const template = JSON.parse(TemplateBody) as Template
    for (const resource of Object.values(template.Resources)) retainBucket(resource)
    await client.send(
      new cfn.UpdateStackCommand({
        StackName: name,
        TemplateBody: JSON.stringify(template),
        Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
      }),
    )
    await cfn.waitUntilStackUpdateComplete({ client, maxWaitTime: 600, minDelay: 1, maxDelay: 5 }, { StackName: name })
  } catch (error) {
    if (!/No updates are to be performed/.test((error as Error).message)) throw error
  } finally {
    client.destroy()
  }
}

interface Template {
  Resources: Record<string, TemplateResource>
}

interface TemplateResource {
  Type: string
  DeletionPolicy?: string
  UpdateReplacePolicy?: string
  Properties?: { Tags?: { Key: string; Value: string }[] }
}

/** A changed policy alone is no change to CloudFormation; a tag is. */
function retainBucket(resource: TemplateResource): void {
  if (resource.Type !== 'AWS::S3::Bucket' || resource.DeletionPolicy === 'Retain') return
  resource.DeletionPolicy = 'Retain'
  resource.UpdateReplacePolicy = 'Retain'
  const tags = resource.Properties?.Tags ?? []
  resource.Properties = { ...resource.Properties, Tags: [...tags, { Key: 'burst:keep-data', Value: 'yes' }] }
}

const pollMs = { aws: 3000, emulator: 300 } as const
const patienceMs = 30 * 60_000

async function deleteStack(place: Place, name: string, say: (line: string) => void): Promise<void> {
  const cfn = await import('@aws-sdk/client-cloudformation')
  const client = new cfn.CloudFormationClient({})
  try {
    const { Stacks: [stack] = [] } = await client.send(new cfn.DescribeStacksCommand({ StackName: name }))
    // By its id a stack can be asked about after it is gone.
    const StackName = stack?.StackId ?? name
    await client.send(new cfn.DeleteStackCommand({ StackName }))
    say('deleting the stack …')
    const until = Date.now() + patienceMs
    while (Date.now() < until) {
      const { status, reason } = await statusOf(async () => client.send(new cfn.DescribeStacksCommand({ StackName })))
      if (status === 'DELETE_COMPLETE') return
      if (status === 'DELETE_FAILED') throw new BurstError('runFailed', `the stack could not be deleted: ${reason}`)
      await new Promise((resolve) => setTimeout(resolve, place.endpoint === undefined ? pollMs.aws : pollMs.emulator))
    }
    throw new BurstError('runFailed', 'the stack is not deleted after 30 minutes', {
      hint: 'look at its events in the CloudFormation console',
    })
  } finally {
    client.destroy()
  }
}

async function statusOf(
  ask: () => Promise<{
    Stacks?: { StackStatus?: string | undefined; StackStatusReason?: string | undefined }[] | undefined
  }>,
): Promise<{ status: string; reason: string }> {
  try {
    const { Stacks: [stack] = [] } = await ask()
    return { status: stack?.StackStatus ?? 'DELETE_COMPLETE', reason: stack?.StackStatusReason ?? 'no reason given' }
  } catch (error) {
    if (/does not exist/.test((error as Error).message)) return { status: 'DELETE_COMPLETE', reason: '' }
    throw error
  }
}

/** The functions' code is needed for as long as another stack of burst may be rolled back to it. */
async function removeAssets(place: Place, account: string, say: (line: string) => void): Promise<void> {
  const bucket = ownAssetBucket(account, place.region)
  const others = await otherStacks(place)
  if (others.length === 0) return deleteBucket(place, bucket)
  if (await isThere(place, bucket)) say(`s3://${bucket} stays, for ${others.join(', ')}`)
}
