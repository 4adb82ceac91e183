import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib'
import { Key } from 'aws-cdk-lib/aws-kms'
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import type { BurstSettings } from './stack-options.ts'

/**
 * The bucket for all data of runs: bundles, plans, control files, merged counts, reports. The bucket remains when the stack is deleted or replaced,
 * so that no report is lost. `burst destroy` deletes the bucket after the stack, unless `--keep-data` is set.
 */
export class RunsBucket extends Construct {
  readonly bucket: Bucket

  constructor(scope: Construct, id: string, { retentionDays = 30, kmsKey, plainHttp = false }: BurstSettings = {}) {
    super(scope, id)
    const expiration = Duration.days(retentionDays)
    const bucket = new Bucket(this, 'Bucket', {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: !plainHttp,
      ...(kmsKey === undefined
        ? { encryption: BucketEncryption.S3_MANAGED }
        : {
            encryption: BucketEncryption.KMS,
            encryptionKey: Key.fromKeyArn(this, 'Key', kmsKey),
            bucketKeyEnabled: true,
          }),
      lifecycleRules: [
        { id: 'runs', prefix: 'runs/', expiration },
        { id: 'bundles', prefix: 'bundles/', expiration },
        { id: 'uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    })
    // Keeps the policy of the bucket when the stack is deleted, because the bucket remains.
    bucket.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
    Validations.of(bucket).acknowledge({
      id: 'AwsSolutions::AwsSolutions-S1',
      reason:
        'Access logs would need a second bucket that outlives the runs; an account that needs access logs can use CloudTrail data events.',
    })
    this.bucket = bucket
  }
}
