import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib'
import { Key } from 'aws-cdk-lib/aws-kms'
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { BurstSettings } from './stack-options.ts'

/** The maximum size of a message: 1 MiB, which SQS has accepted since 2025. The default in older regions is 256 KiB. */
const largestMessageBytes = 1_048_576
/** The number of failed merges after which a message is moved to the dead-letter queue. The dead-letter queue is read at the end of the run. */
const mostReceives = 20

/** The queue between workers and reducers, its dead-letter queue, and the queue for failed invocations. */
export class Queues extends Construct {
  /** A FIFO queue in high-throughput mode: one reducer at a time per message group, and any number of groups. */
  readonly windows: Queue
  /** The messages of `windows` whose merge has failed 20 times. The finaliser reads this queue. */
  readonly deadLetters: Queue
  /** A standard queue, because Lambda's destinations do not accept FIFO queues. */
  readonly failures: Queue

  constructor(scope: Construct, id: string, { kmsKey, plainHttp = false }: BurstSettings = {}) {
    super(scope, id)
    const every: QueueProps = {
      enforceSSL: !plainHttp,
      removalPolicy: RemovalPolicy.DESTROY,
      maxMessageSizeBytes: largestMessageBytes,
      ...(kmsKey === undefined
        ? { encryption: QueueEncryption.SQS_MANAGED }
        : { encryption: QueueEncryption.KMS, encryptionMasterKey: Key.fromKeyArn(this, 'Key', kmsKey) }),
    }
    const fifo: QueueProps = {
      ...every,
      fifo: true,
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
    }
    this.deadLetters = new Queue(this, 'DeadLetters', { ...fifo, retentionPeriod: Duration.days(14) })
    this.windows = new Queue(this, 'Windows', {
      ...fifo,
      visibilityTimeout: Duration.seconds(60),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: mostReceives },
    })
    this.failures = new Queue(this, 'Failures', {
      ...every,
      // The retention can be short, because a coordinator soon reads each failure, and stores the failure with the data of its run.
      retentionPeriod: Duration.days(1),
      visibilityTimeout: Duration.seconds(10),
    })
    const last =
      'This queue is itself a dead-letter queue; a message that expires in this queue belongs to a run that ended long ago.'
    for (const queue of [this.deadLetters, this.failures])
      Validations.of(queue).acknowledge(
        { id: 'AwsSolutions::AwsSolutions-SQS3', reason: last },
        { id: 'Serverless::Serverless-SQSRedrivePolicy', reason: last },
      )
  }
}
