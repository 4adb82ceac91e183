import { ArnFormat, Duration, Stack } from 'aws-cdk-lib'
import { type Function as LambdaFunction, RecursiveLoop } from 'aws-cdk-lib/aws-lambda'
import type { Role } from 'aws-cdk-lib/aws-iam'
import { Construct } from 'constructs'
import type { RunsBucket } from '../bucket.ts'
import type { LambdaName } from '../../build/lambda-code.ts'
import type { Network } from '../network.ts'
import { allowOn, inRuns } from '../permissions.ts'
import type { Queues } from '../queue.ts'
import { runRoleArn } from '../run-role.ts'
import { type StageContext, StageFunction, functionNameOf } from './stage-function.ts'

export interface CoordinatorProps extends StageContext {
  bucket: RunsBucket
  queues: Queues
  network: Network | undefined
}

/**
 * The time limit for Lambda's retries of a crashed coordinator. If the lease expires before a retry, the workers stop, and the new coordinator only
 * collects their counts and requests the report.
 */
const maxEventAge = Duration.hours(1)

/** Launches the workers, renews the lease, and requests the report. */
export class Coordinator extends Construct {
  readonly function: LambdaFunction
  readonly role: Role

  constructor(scope: Construct, id: string, props: CoordinatorProps) {
    super(scope, id)
    const { queues } = props
    const runRole = runRoleArn(this, props.options)
    const invoked = (['hooks', 'worker', 'coordinator', 'finalise'] as const).map((name) => functionArn(this, name))
    const stage = new StageFunction(this, 'Stage', {
      ...props,
      name: 'coordinator',
      // The coordinator sends up to a thousand invocations within seconds, so it needs CPU time.
      memorySize: 1024,
      timeout: Duration.minutes(15),
      environment: environmentOf(this, props),
      access: {
        get: [
          'active/halt',
          // The coordinator uses `secret` to recognise the failed invocations of the run.
          ...inRuns('plan.json', 'secret', 'control.json', 'coordinator.json'),
          // If a worker is late, the coordinator may claim the slice in place of the worker. The next coordinator finds such slices by their claims.
          ...inRuns('shards/*', 'hooks/*', 'failures/*', 'claims/*'),
          // The permission to read sealed windows. A window may be sealed before all workers have sent their counts for this window. `abortOn`,
          // `burst find` and `onEvent` then read the sealed window.
          ...inRuns('windows/*'),
        ],
        // If the plan is deleted during the run, the coordinator restores the plan. If the invocation of a hook is late, the coordinator claims the
        // hook in place of the invocation.
        put: inRuns('plan.json', 'control.json', 'coordinator.json', 'claims/*', 'failures/*', 'hooks/*'),
        delete: ['active/*', ...inRuns('variables.json')],
      },
      statements: [
        allowOn(runRole, 'sts:AssumeRole'),
        ...invoked.map((arn) => allowOn(arn, 'lambda:InvokeFunction')),
        allowOn(queues.failures.queueArn, 'sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteMessage'),
        // The permission to count, at the end of a run, the messages that are not merged yet.
        allowOn(queues.windows.queueArn, 'sqs:GetQueueAttributes'),
      ],
      // A run that is longer than an invocation continues in the next invocation. burst itself limits the number of these invocations and their total
      // time. Lambda's loop detection would end the chain after about 16 invocations.
      settings: { recursiveLoop: RecursiveLoop.ALLOW },
    })
    // The maximum age is longer than all attempts of an invocation together, because Lambda measures the age from the first attempt.
    stage.invokedWithoutWaiting({ retryAttempts: 2, maxEventAge, failures: queues.failures })
    this.function = stage.function
    this.role = stage.role
  }
}

/** Returns environment variables with the names of the resources that the coordinator uses. */
function environmentOf(scope: Construct, props: CoordinatorProps): Record<string, string> {
  return {
    BURST_FAILURES_QUEUE_URL: props.queues.failures.queueUrl,
    BURST_HOOKS_FUNCTION: functionNameOf(scope, 'hooks'),
    BURST_WORKER_FUNCTION: functionNameOf(scope, 'worker'),
    BURST_COORDINATOR_FUNCTION: functionNameOf(scope, 'coordinator'),
    BURST_FINALISE_FUNCTION: functionNameOf(scope, 'finalise'),
    BURST_RUN_ROLE: runRoleArn(scope, props.options),
    BURST_BUCKET_ARN: props.bucket.bucket.bucketArn,
    BURST_QUEUE_ARN: props.queues.windows.queueArn,
    BURST_QUEUE_URL: props.queues.windows.queueUrl,
    ...(props.options.kmsKey !== undefined && { BURST_KEY_ARN: props.options.kmsKey }),
  }
}

/** Returns the ARN of a function. The ARN is built from the name, because the permissions of a function cannot refer to the function itself. */
function functionArn(scope: Construct, name: LambdaName): string {
  return Stack.of(scope).formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: functionNameOf(scope, name),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  })
}
