import { Duration, Validations } from 'aws-cdk-lib'
import { EventSourceMapping, type Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import type { RunsBucket } from '../bucket.ts'
import { allowOn, inRuns } from '../permissions.ts'
import type { Queues } from '../queue.ts'
import { type StageContext, StageFunction } from './stage-function.ts'
import { oneCpuMb } from './worker.ts'

export interface ReducerProps extends StageContext {
  bucket: RunsBucket
  queues: Queues
}

/** The largest batch that Lambda reads from a FIFO queue. */
const batchSize = 10
/** The objects that merging reads and writes. Finalising has the same permissions, because it merges the remaining dead letters. */
const merging = {
  get: inRuns('plan.json', 'secret', 'control.json', 'shards/*', 'windows/*'),
  put: inRuns('shards/*', 'windows/*', 'unreadable/*', 'late/*'),
}

/** Merges the workers' messages, batch by batch. */
export class Merge extends Construct {
  readonly function: LambdaFunction

  constructor(scope: Construct, id: string, props: ReducerProps) {
    super(scope, id)
    const { queues } = props
    const stage = new StageFunction(this, 'Stage', {
      ...props,
      name: 'merge',
      memorySize: oneCpuMb,
      timeout: Duration.seconds(10),
      environment: { BURST_QUEUE_URL: queues.windows.queueUrl },
      access: merging,
      statements: [
        // The permissions with which Lambda polls the queue.
        allowOn(queues.windows.queueArn, 'sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'),
        // The permission to set the time at which a failed message becomes visible again.
        allowOn(queues.windows.queueArn, 'sqs:ChangeMessageVisibility'),
      ],
    })
    const messages = new EventSourceMapping(this, 'Messages', {
      target: stage.function,
      eventSourceArn: queues.windows.queueArn,
      batchSize,
      reportBatchItemFailures: true,
    })
    messages.node.addDependency(stage.role)
    Validations.of(messages).acknowledge({
      id: 'Serverless::Serverless-LambdaEventSourceMappingDestination',
      reason:
        'A mapping from SQS has no failure destination. A failed message stays in the queue and is later moved to the dead-letter queue.',
    })
    this.function = stage.function
  }
}

/** Closes a run's shards and writes its report. */
export class Finalise extends Construct {
  readonly function: LambdaFunction

  constructor(scope: Construct, id: string, props: ReducerProps) {
    super(scope, id)
    const { queues } = props
    const stage = new StageFunction(this, 'Stage', {
      ...props,
      name: 'finalise',
      memorySize: 3008,
      timeout: Duration.minutes(15),
      environment: {
        BURST_DEAD_LETTER_QUEUE_URL: queues.deadLetters.queueUrl,
      },
      access: {
        get: [...merging.get, ...inRuns('ending.json', 'coordinator.json')],
        put: [
          ...merging.put,
          ...inRuns('ending.json', 'finalisers/*'),
          ...inRuns('report.html', 'report.md', 'report.json', 'junit.xml', '*.csv', 'latency.hlog'),
        ],
        delete: inRuns('variables.json'),
      },
      statements: [
        allowOn(queues.deadLetters.queueArn, 'sqs:ReceiveMessage', 'sqs:DeleteMessage'),
        allowOn(queues.failures.queueArn, 'sqs:SendMessage'),
      ],
    })
    // The coordinator reads a failure from the queue and requests the report again.
    stage.invokedWithoutWaiting({ retryAttempts: 0, maxEventAge: Duration.minutes(5), failures: queues.failures })
    this.function = stage.function
  }
}
