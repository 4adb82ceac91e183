import { Duration } from 'aws-cdk-lib'
import { Construct } from 'constructs'
import type { RunsBucket } from '../bucket.ts'
import type { Network } from '../network.ts'
import { allowedHosts } from '../stack-options.ts'
import { allowOn } from '../permissions.ts'
import type { Queues } from '../queue.ts'
import { type StageContext, StageFunction } from './stage-function.ts'

export interface HooksProps extends StageContext {
  allow: readonly string[]
  bucket: RunsBucket
  queues: Queues
  network: Network | undefined
}

/**
 * Runs `beforeRun`, `afterRun` and `onEvent` of a scenario. This stage is separate from the coordinator, because a scenario must not have the
 * coordinator's permissions.
 */
export class Hooks extends Construct {
  constructor(scope: Construct, id: string, props: HooksProps) {
    super(scope, id)
    const { queues } = props
    const stage = new StageFunction(this, 'Stage', {
      ...props,
      name: 'hooks',
      memorySize: 1024,
      // The timeout is longer than the maximum duration of a hook, which is a minute.
      timeout: Duration.minutes(2),
      environment: { BURST_ALLOW: allowedHosts(props.allow) },
      access: undefined,
      // To report a failed invocation, Lambda uses the permissions of the function.
      statements: [allowOn(queues.failures.queueArn, 'sqs:SendMessage')],
    })
    // No retries, because a hook must run only once.
    stage.invokedWithoutWaiting({ retryAttempts: 0, maxEventAge: Duration.minutes(1), failures: queues.failures })
  }
}
