import { BurstError } from '../../core/errors.ts'
import type { Place } from './place.ts'

/** Burst's own bucket for the functions' code. */
export function ownAssetBucket(account: string, region: string): string {
  return `burst-assets-${account}-${region}`
}

/**
 * Makes burst's own bucket for the functions' code, where it is missing: nobody from outside reads it.
 * @throws BurstError (97) when somebody else has a bucket of this name
 */
export async function ensureAssetBucket(place: Place, account: string): Promise<void> {
  const s3 = await import('@aws-sdk/client-s3')
  const client = new s3.S3Client({ forcePathStyle: place.endpoint !== undefined })
  const Bucket = ownAssetBucket(account, place.region)
  try {
    if (await isThere(place, Bucket)) return
    const elsewhere = place.region === 'us-east-1' ? {} : { LocationConstraint: place.region as never }
    await client.send(
      new s3.CreateBucketCommand({
        Bucket,
        ...('LocationConstraint' in elsewhere && { CreateBucketConfiguration: elsewhere }),
      }),
    )
    const closed = {
      BlockPublicAcls: true,
      IgnorePublicAcls: true,
      BlockPublicPolicy: true,
      RestrictPublicBuckets: true,
    }
    await client.send(new s3.PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: closed }))
    const rule = {
      ID: 'uploads',
      Status: 'Enabled',
      Filter: {},
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
    } as const
    await client.send(
      new s3.PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [rule] } }),
    )
  } finally {
    client.destroy()
  }
}

/**
 * Whether there is such a bucket.
 * @throws BurstError (97) when there is, but not ours
 */
export async function isThere(place: Place, bucket: string): Promise<boolean> {
  const { HeadBucketCommand, S3Client } = await import('@aws-sdk/client-s3')
  const client = new S3Client({ forcePathStyle: place.endpoint !== undefined })
  try {
    await client.send(new HeadBucketCommand({ Bucket: bucket }))
    return true
  } catch (error) {
    const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
    if (status === 404) return false
    if (status !== 403) throw error
    throw new BurstError('runFailed', `AWS denies you the bucket ${bucket}, or it belongs to another account`, {
      hint: 'name another with --asset-bucket, or ask for s3:ListBucket on it',
      cause: error,
    })
  } finally {
    client.destroy()
  }
}

/** Deletes a bucket and all that is in it; one that is gone is no fault. */
export async function deleteBucket(place: Place, bucket: string): Promise<void> {
  const { DeleteBucketCommand, S3Client } = await import('@aws-sdk/client-s3')
  if (!(await isThere(place, bucket))) return
  await emptyBucket(place, bucket)
  const client = new S3Client({ forcePathStyle: place.endpoint !== undefined })
  try {
    await client.send(new DeleteBucketCommand({ Bucket: bucket }))
  } finally {
    client.destroy()
  }
}

/**
 * Deletes everything in a bucket.
 * @returns how many objects
 */
export async function emptyBucket(place: Place, bucket: string): Promise<number> {
  const { DeleteObjectsCommand, S3Client, paginateListObjectsV2 } = await import('@aws-sdk/client-s3')
  const client = new S3Client({ forcePathStyle: place.endpoint !== undefined })
  let count = 0
  try {
    for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket })) {
      if (Contents.length === 0) continue
      const Objects = Contents.map(({ Key }) => ({ Key }))
      const { Errors = [] } = await client.send(
        new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
      )
      const [first] = Errors
      if (first) throw new BurstError('runFailed', `${bucket} could not be emptied: ${first.Key}: ${first.Message}`)
      count += Objects.length
    }
    return count
  } finally {
    client.destroy()
  }
}
