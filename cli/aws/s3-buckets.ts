import type { S3Client } from '@aws-sdk/client-s3'
import { commandSettings } from '../../functions/aws/client-settings.ts'
import { BurstError } from '../../core/errors.ts'
import { shortened } from '../../core/verdict/completeness/loss.ts'

/** Calls `act` with an S3 client. The client can use only buckets of the account `account`. */
export async function withS3<T>(account: string, act: (client: S3Client) => Promise<T>): Promise<T> {
  const { ownedS3Client } = await import('../../functions/aws/s3-client.ts')
  const client = ownedS3Client(account, commandSettings)
  try {
    return await act(client)
  } finally {
    client.destroy()
  }
}

/**
 * Returns true if the bucket exists in the account.
 * @throws BurstError (97) when the bucket belongs to another account, or AWS denies access
 */
export async function bucketExists(account: string, bucket: string): Promise<boolean> {
  const { HeadBucketCommand } = await import('@aws-sdk/client-s3')
  return withS3(account, async (client) => {
    try {
      await client.send(new HeadBucketCommand({ Bucket: bucket }))
      return true
    } catch (error) {
      const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
      if (status === 404) return false
      if (status !== 403) throw error
      throw new BurstError(
        'runFailed',
        `the bucket ${bucket} does not belong to account ${account}, or AWS denies you access to it`,
        {
          hint: 'name another bucket with --asset-bucket, or ask for the permission s3:ListBucket on this bucket',
          cause: error,
        },
      )
    }
  })
}

/** Deletes a bucket and its content. Does not throw if the bucket does not exist. */
export async function deleteBucket(account: string, bucket: string): Promise<void> {
  const { DeleteBucketCommand } = await import('@aws-sdk/client-s3')
  if (!(await bucketExists(account, bucket))) return
  await withS3(account, async (client) => {
    await emptyBucket(client, bucket)
    await client.send(new DeleteBucketCommand({ Bucket: bucket }))
  })
}

async function emptyBucket(client: S3Client, bucket: string): Promise<void> {
  const { DeleteObjectsCommand, paginateListObjectsV2 } = await import('@aws-sdk/client-s3')
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket })) {
    if (Contents.length === 0) continue
    const Objects = Contents.map(({ Key }) => ({ Key }))
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } }),
    )
    const [first] = Errors
    if (first)
      throw new BurstError(
        'runFailed',
        `${bucket} could not be emptied: ${first.Key}: ${shortened(first.Message ?? '')}`,
      )
  }
}
