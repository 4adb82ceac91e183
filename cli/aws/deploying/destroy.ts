import { BurstError, invalidInput } from '../../../core/errors.ts'
import { messageOf } from '../../../core/verdict/completeness/loss.ts'
import { counted } from '../../../core/words.ts'
import { whoAmI } from '../account.ts'
import { agrees } from '../ask.ts'
import { removeAssets } from './asset-bucket.ts'
import { deleteBucket } from '../s3-buckets.ts'
import { cloudOf } from '../cloud.ts'
import { refuseWhileRunning } from './refuse-while-running.ts'
import { type Place, onAws } from '../place.ts'
import { type Stack, findStack } from '../find-stack.ts'
import { deleteStack } from './stack-deletion.ts'
import { commandSettings } from '../../../functions/aws/client-settings.ts'

export interface DestroyRequest {
  yes: boolean
  force: boolean
  /** `true` to keep the bucket with all runs and reports. */
  keepData: boolean
  say: (line: string) => void
}

/**
 * Deletes the stack. The data is deleted only after CloudFormation has deleted the stack. A refused or failed deletion therefore does not delete any
 * runs or reports.
 * @throws BurstError (104) when the stack does not exist or is protected, or when the deletion is declined; (97) when AWS refuses, when a run is in
 * progress and `force` is false, or when the stack is deleted but a bucket could not be deleted
 */
export async function destroy(place: Place, request: DestroyRequest): Promise<void> {
  const { say, keepData } = request
  const { account } = await onAws(place, whoAmI)
  const stack = await onAws(place, async () => findStack(place))
  const where = `account ${account}, ${place.endpoint ?? place.region}`
  if (!stack) throw invalidInput(`there is no stack '${place.stackName}' in ${where}`)
  refuseProtected(stack)
  await onAws(place, async () => refuseWhileRunning(await cloudOf(place, stack), request.force))
  for (const line of whatGoes(stack, keepData)) say(line)
  if (!(await agrees(`Delete the stack '${stack.name}' in ${where}?`, request.yes))) {
    throw invalidInput('the stack was not deleted')
  }
  await onAws(place, async () => {
    await retainBucket(stack)
    await deleteStack(place, stack, say)
    try {
      if (!keepData) await deleteData(stack)
    } finally {
      // Deletes the code bucket even if the data could not be deleted. The stack is gone, so a second `burst destroy` could not find the code bucket.
      await removeAssets(place, stack, say)
    }
  })
  say(
    keepData
      ? `destroyed; the runs are still in s3://${stack.bucket}`
      : 'destroyed: the stack and its data are deleted',
  )
}

function refuseProtected({ name, terminationProtection }: Stack): void {
  if (!terminationProtection) return
  throw invalidInput(`the stack '${name}' has termination protection: CloudFormation does not delete it`, {
    hint: `turn this protection off with: aws cloudformation update-termination-protection --no-enable-termination-protection --stack-name ${name}`,
  })
}

function whatGoes({ bucket, settings }: Stack, keepData: boolean): string[] {
  const days = counted(settings?.retentionDays ?? 30, 'day')
  return [
    'this deletes:',
    '  the functions, their roles and logs, and the queues',
    ...(keepData
      ? [
          `the bucket s3://${bucket} remains, with all runs and reports`,
          `  the bucket's lifecycle rule still deletes each file of a run ${days} after burst wrote the file`,
        ]
      : [`  s3://${bucket} with all runs and reports`]),
  ]
}

async function deleteData({ account, bucket }: Stack): Promise<void> {
  try {
    await deleteBucket(account, bucket)
  } catch (cause) {
    throw new BurstError(
      'runFailed',
      `the stack is deleted, but burst could not delete s3://${bucket}, the bucket of the runs: ${messageOf(cause)}`,
      {
        hint: `delete it with: aws s3 rb --force s3://${bucket}`,
        cause,
      },
    )
  }
}

/**
 * Marks the bucket as retained in the deployed template. When CloudFormation deletes the stack, it then keeps the bucket. The template lacks this
 * mark if an earlier version of burst deployed the stack.
 */
async function retainBucket({ name }: Stack): Promise<void> {
  const cfn = await import('@aws-sdk/client-cloudformation')
  const client = new cfn.CloudFormationClient(commandSettings)
  try {
    const { TemplateBody = '{}' } = await client.send(new cfn.GetTemplateCommand({ StackName: name }))
    const template = JSON.parse(TemplateBody) as Template
    const buckets = Object.values(template.Resources).filter(
      (one) => one.Type === 'AWS::S3::Bucket' && !isRetained(one),
    )
    if (buckets.length === 0) return
    for (const bucket of buckets) retain(bucket)
    await client.send(
      new cfn.UpdateStackCommand({
        StackName: name,
        TemplateBody: JSON.stringify(template),
        Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
      }),
    )
    await cfn.waitUntilStackUpdateComplete({ client, maxWaitTime: 600, minDelay: 1, maxDelay: 5 }, { StackName: name })
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

function isRetained({ DeletionPolicy }: TemplateResource): boolean {
  return DeletionPolicy === 'Retain' || DeletionPolicy === 'RetainExceptOnCreate'
}

/** Changes a resource so that CloudFormation keeps it. Also adds a tag, because a changed deletion policy alone does not count as an update. */
function retain(resource: TemplateResource): void {
  resource.DeletionPolicy = 'Retain'
  resource.UpdateReplacePolicy = 'Retain'
  const tags = resource.Properties?.Tags ?? []
  resource.Properties = { ...resource.Properties, Tags: [...tags, { Key: 'burst:keep-data', Value: 'yes' }] }
}
