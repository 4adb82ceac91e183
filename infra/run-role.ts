import { ArnFormat, Stack, Validations } from 'aws-cdk-lib'
import { type IRole, PolicyDocument, Role } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import type { RunsBucket } from './bucket.ts'
import type { BurstSettings } from './stack-options.ts'
import { type BucketAccess, allowOn, bucketWildcards, inRuns, keyStatements, objectStatements } from './permissions.ts'
import type { Queues } from './queue.ts'

export interface RunRoleProps {
  bucket: RunsBucket
  queues: Queues
  options: BurstSettings
  /** The only role that may assume the run role. */
  coordinator: IRole
}

/** The objects that the workers and hooks of any run read and write. The coordinator restricts this access to one run. */
const access: BucketAccess = {
  get: [
    'bundles/*',
    'active/halt',
    ...inRuns('plan.json', 'control.json', 'secret', 'variables.json', 'claims/*', 'handover/*', 'hooks/*'),
  ],
  put: inRuns('claims/*', 'handover/*', 'hooks/*'),
}

/**
 * The role of workers and hooks. The coordinator assumes this role for one run at a time, with a session policy that allows only the objects of the
 * run. The coordinator passes the short-lived credentials to the run's workers and hooks.
 */
export class RunRole extends Construct {
  constructor(scope: Construct, id: string, { bucket, queues, options, coordinator }: RunRoleProps) {
    super(scope, id)
    const { rolePath, kmsKey } = options
    const role = new Role(this, 'Role', {
      roleName: runRoleName(this),
      assumedBy: coordinator,
      inlinePolicies: {
        stage: new PolicyDocument({
          statements: [
            ...objectStatements(bucket, access),
            allowOn(queues.windows.queueArn, 'sqs:SendMessage'),
            ...keyStatements(kmsKey),
          ],
        }),
      },
      ...(rolePath === undefined ? {} : { path: rolePath }),
    })
    Validations.of(role).acknowledge(...bucketWildcards(bucket, access))
  }
}

/** Returns the name of the run role. The name contains the region, because role names are unique within an account, across all regions. */
function runRoleName(scope: Construct): string {
  const { stackName, region } = Stack.of(scope)
  return `${stackName}-run-${region}`
}

/**
 * Returns the ARN of the run role. The ARN is built from names, because references would form a cycle. The coordinator's permissions refer to the run
 * role, and the trust policy of the run role refers to the coordinator's role.
 */
export function runRoleArn(scope: Construct, { rolePath = '/' }: BurstSettings): string {
  return Stack.of(scope).formatArn({
    service: 'iam',
    region: '',
    resource: 'role',
    resourceName: `${rolePath.slice(1)}${runRoleName(scope)}`,
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  })
}
