import { Duration } from 'aws-cdk-lib'
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import type { RunsBucket } from '../bucket.ts'
import type { Network } from '../network.ts'
import { allowedHosts, reservedConcurrency } from '../stack-options.ts'
import { allowOn } from '../permissions.ts'
import type { Queues } from '../queue.ts'
import { type StageContext, StageFunction } from './stage-function.ts'

export interface WorkerProps extends StageContext {
  allow: readonly string[]
  bucket: RunsBucket
  queues: Queues
  network: Network | undefined
}

/** The memory, in megabytes, with which a Lambda function has exactly one vCPU. */
export const oneCpuMb = 1769

/** Runs the users of one slice. */
export class Worker extends Construct {
  readonly function: LambdaFunction

  constructor(scope: Construct, id: string, props: WorkerProps) {
    super(scope, id)
    const { queues, options } = props
    const reserved = reservedConcurrency(options)
    const stage = new StageFunction(this, 'Stage', {
      ...props,
      name: 'worker',
      memorySize: options.memory ?? oneCpuMb,
      timeout: Duration.minutes(15),
      environment: {
        BURST_QUEUE_URL: queues.windows.queueUrl,
        BURST_ALLOW: allowedHosts(props.allow),
      },
      // The function has no permissions for the data of runs, because the scenario is user code and could use such permissions. Each invocation
      // contains credentials for its own run.
      access: undefined,
      // To report a failed invocation, Lambda uses the permissions of the function.
      statements: [allowOn(queues.failures.queueArn, 'sqs:SendMessage')],
      ...(reserved === undefined ? {} : { settings: { reservedConcurrentExecutions: reserved } }),
    })
    // Lambda does not retry a failed invocation, because late load is worse than missing load. The coordinator reads the failure and decides whether
    // to replace the worker.
    stage.invokedWithoutWaiting({ retryAttempts: 0, maxEventAge: Duration.minutes(1), failures: queues.failures })
    this.function = stage.function
  }
}
