import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { isEmulated } from './client-settings.ts'

/**
 * Returns a client that reads and writes only buckets of one account. Every call names the account that must own the bucket. S3 returns status 403 if
 * a different account owns the bucket (S3 User Guide, "Verifying bucket ownership with bucket owner condition").
 * @param owner id of the account
 */
export function ownedS3Client(owner: string, config: S3ClientConfig = {}): S3Client {
  const client = new S3Client({ forcePathStyle: isEmulated('S3'), ...config })
  expectOwner(client.middlewareStack, owner)
  return client
}

/**
 * Adds the id of the expected owner to the calls of a client or of one command. S3 refuses a call if a different account owns the bucket.
 * @param calls the middleware of the client or of the command
 */
export function expectOwner(calls: S3Client['middlewareStack'], owner: string): void {
  calls.add(
    (next, { commandName }) =>
      async (args) => {
        const { input } = args
        // The command that creates a bucket has no expected owner, because the bucket does not exist yet.
        if (commandName === 'CreateBucketCommand' || !('Bucket' in input)) return next(args)
        return next({ ...args, input: { ...input, ExpectedBucketOwner: owner } })
      },
    { step: 'initialize', name: 'expectBucketOwner' },
  )
}
