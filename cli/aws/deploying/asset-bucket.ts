import { randomBytes } from 'node:crypto'
import type { S3Client } from '@aws-sdk/client-s3'
import { BurstError, invalidInput } from '../../../core/errors.ts'
import { deleteBucket, bucketExists, withS3 } from '../s3-buckets.ts'
import type { Place } from '../place.ts'
import { type Stack, otherStacks } from '../find-stack.ts'

/** The bucket from which Lambda reads the functions' code. */
export interface AssetBucket {
  name: string
  /** `true` if the bucket does not exist yet. burst then creates the bucket before the deployment, and deletes it again if the deployment fails. */
  isNew: boolean
}

/** Returns a random name for a bucket. If the name were predictable, another account could create the bucket first. */
function newName(account: string, region: string): string {
  return `burst-assets-${account}-${region}-${randomBytes(6).toString('hex')}`
}

/** Returns true if burst created the bucket. burst recognises such a bucket by the beginning of its name (`newName`). */
function isCreatedByBurst(name: string, account: string): boolean {
  return name.startsWith(`burst-assets-${account}-`)
}

/**
 * Returns the bucket for the functions' code. If the settings name a bucket, returns this bucket. Otherwise, returns the bucket that burst created
 * for this stack or for another burst stack in the region. If no such bucket exists, returns the name of a new bucket, which `makeBucket` creates.
 * @throws BurstError (104) when the named bucket is missing, (97) when a bucket belongs to another account or AWS denies access to it
 */
export async function assetBucketFor(
  place: Place,
  { named, account, stack }: { named: string | undefined; account: string; stack: Stack | undefined },
): Promise<AssetBucket> {
  if (named !== undefined) {
    if (await bucketExists(account, named)) return { name: named, isNew: false }
    throw invalidInput(`there is no bucket '${named}' for the functions' code`, {
      hint: 'create this bucket, or remove --asset-bucket so that burst creates a bucket',
    })
  }
  const known = [stack, ...(await otherStacks(place))].map((one) => one?.assetBucket)
  for (const name of known) {
    if (name !== undefined && isCreatedByBurst(name, account) && (await bucketExists(account, name)))
      return { name, isNew: false }
  }
  return { name: newName(account, place.region), isNew: true }
}

/**
 * Creates a bucket without public access. S3 deletes incomplete uploads to this bucket after a day. If burst cannot change the settings of the new
 * bucket, burst deletes the bucket.
 */
export async function makeBucket({ region }: Place, account: string, name: string): Promise<void> {
  const { CreateBucketCommand } = await import('@aws-sdk/client-s3')
  await withS3(account, async (client) => {
    const LocationConstraint = region as never
    await client.send(
      new CreateBucketCommand({
        Bucket: name,
        ...(region !== 'us-east-1' && { CreateBucketConfiguration: { LocationConstraint } }),
      }),
    )
    try {
      await closeBucket(client, name)
    } catch (error) {
      await deleteBucket(account, name)
      throw error
    }
  })
}

async function closeBucket(client: S3Client, Bucket: string): Promise<void> {
  const { PutBucketLifecycleConfigurationCommand, PutPublicAccessBlockCommand } = await import('@aws-sdk/client-s3')
  const closed = {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  }
  await client.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: closed }))
  const rule = {
    ID: 'uploads',
    Status: 'Enabled',
    Filter: {},
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
  } as const
  await client.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [rule] } }))
}

/**
 * Deletes the bucket of the functions' code if burst created it. Keeps the bucket if another burst stack may need the code in the bucket for a
 * rollback.
 * @throws BurstError (97) when the bucket cannot be deleted
 */
export async function removeAssets(
  place: Place,
  { account, assetBucket }: Stack,
  say: (line: string) => void,
): Promise<void> {
  if (assetBucket === undefined || !isCreatedByBurst(assetBucket, account)) return
  const others = (await otherStacks(place)).filter((one) => one.assetBucket === assetBucket)
  if (others.length > 0)
    return say(`s3://${assetBucket} is kept, because these stacks use it: ${others.map(({ name }) => name).join(', ')}`)
  try {
    await deleteBucket(account, assetBucket)
  } catch (cause) {
    throw new BurstError(
      'runFailed',
      `the stack is deleted, but burst could not delete s3://${assetBucket}, the bucket of the functions' code`,
      {
        hint: `delete it with: aws s3 rb --force s3://${assetBucket}`,
        cause,
      },
    )
  }
}
