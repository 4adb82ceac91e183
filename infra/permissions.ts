import { type Acknowledgment, type CfnElement, Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { RunsBucket } from './bucket.ts'

/** The objects that a function reads, writes and deletes, as key patterns in the bucket; `*` matches any string. */
export interface BucketAccess {
  get?: readonly string[]
  put?: readonly string[]
  delete?: readonly string[]
}

/**
 * Returns permissions for objects, and the permission to list the bucket. Without the permission to list, S3 reports a missing object as "access
 * denied".
 */
export function bucketStatements(runs: RunsBucket, access: BucketAccess): PolicyStatement[] {
  return [
    new PolicyStatement({ actions: ['s3:ListBucket'], resources: [runs.bucket.bucketArn] }),
    ...objectStatements(runs, access),
  ]
}

/** Returns permissions for objects, without the permission to list the bucket. */
export function objectStatements({ bucket }: RunsBucket, access: BucketAccess): PolicyStatement[] {
  const at = (places: readonly string[]): string[] => places.map((place) => bucket.arnForObjects(place))
  return [
    ...(access.get ? [new PolicyStatement({ actions: ['s3:GetObject'], resources: at(access.get) })] : []),
    ...(access.put ? [new PolicyStatement({ actions: ['s3:PutObject'], resources: at(access.put) })] : []),
    ...(access.delete ? [new PolicyStatement({ actions: ['s3:DeleteObject'], resources: at(access.delete) })] : []),
  ]
}

/** Returns key patterns that match the given objects of any run. */
export function inRuns(...places: string[]): string[] {
  return places.map((place) => `runs/*/${place}`)
}

/** Returns acknowledgements for cdk-nag, which reports every wildcard. Wildcards within burst's own bucket are intended. */
export function bucketWildcards({ bucket }: RunsBucket, access: BucketAccess): Acknowledgment[] {
  const id = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnElement)
  const places = new Set([access.get, access.put, access.delete].flatMap((some) => some ?? []))
  return [...places].map((place) => ({
    id: `AwsSolutions::AwsSolutions-IAM5[Resource::<${id}.Arn>/${place}]`,
    reason:
      "The permission applies only to burst's own bucket, and the names of runs and bundles are not known when the stack is deployed.",
  }))
}

export function allowOn(resource: string, ...actions: string[]): PolicyStatement {
  return new PolicyStatement({ actions, resources: [resource] })
}

/** Returns the permission to use the user's own KMS key. A function needs this permission if the data is encrypted with this key. */
export function keyStatements(kmsKey: string | undefined): PolicyStatement[] {
  return kmsKey === undefined ? [] : [allowOn(kmsKey, 'kms:Decrypt', 'kms:GenerateDataKey')]
}

export const networkWildcards: Acknowledgment[] = [
  'AwsSolutions::AwsSolutions-IAM5[Resource::*]',
  'Serverless::Serverless-LambdaStarPermissions',
].map((id) => ({
  id,
  reason: 'Lambda needs these actions for a function in a network, and the actions cannot be limited to resources.',
}))

/**
 * Returns permission for the actions that Lambda needs to create network interfaces for functions in a network. These actions cannot be limited to
 * resources.
 */
export function networkStatement(): PolicyStatement {
  return allowOn(
    '*',
    'ec2:CreateNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:DeleteNetworkInterface',
    'ec2:AssignPrivateIpAddresses',
    'ec2:UnassignPrivateIpAddresses',
  )
}
