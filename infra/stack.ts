import { CfnOutput, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { RunsBucket } from './bucket.ts'
import { Coordinator } from './stages/coordinator.ts'
import { Hooks } from './stages/hooks.ts'
import { lambdaCode } from '../build/lambda-code.ts'
import { networkOf } from './network.ts'
import { type BurstStackProps, allowedHosts } from './stack-options.ts'
import { Queues } from './queue.ts'
import { Finalise, Merge } from './stages/reducer.ts'
import { RunRole } from './run-role.ts'
import { Worker } from './stages/worker.ts'

/** All resources of burst in an account. They cost a few cents a month between runs. */
export class BurstStack extends Stack {
  readonly bucket: RunsBucket
  readonly queues: Queues
  readonly coordinator: Coordinator
  readonly worker: Worker
  readonly merge: Merge
  readonly finalise: Finalise

  /**
   * Creates the stack.
   * @throws BurstError (104) when the options contradict each other, `allow` is invalid, or the network is incomplete; Error when the functions are
   * not built
   */
  constructor(scope: Construct, id: string, props: BurstStackProps) {
    super(scope, id, { description: 'burst: load tests from Lambda', ...props })
    const code = props.code ?? lambdaCode()
    const network = props.network && networkOf(this, props.network)
    this.bucket = new RunsBucket(this, 'Runs', props)
    this.queues = new Queues(this, 'Queues', props)
    const stage = { code, options: props, bucket: this.bucket, queues: this.queues }
    this.coordinator = new Coordinator(this, 'Coordinator', { ...stage, network })
    new Hooks(this, 'Hooks', { ...stage, network, allow: props.allow })
    new RunRole(this, 'Run', { ...stage, coordinator: this.coordinator.role })
    this.worker = new Worker(this, 'Worker', { ...stage, network, allow: props.allow })
    this.merge = new Merge(this, 'Merge', stage)
    this.finalise = new Finalise(this, 'Finalise', stage)
    this.#tell({
      BucketName: this.bucket.bucket.bucketName,
      QueueUrl: this.queues.windows.queueUrl,
      DeadLetterQueueUrl: this.queues.deadLetters.queueUrl,
      FailuresQueueUrl: this.queues.failures.queueUrl,
      CoordinatorFunction: this.coordinator.function.functionName,
      WorkerFunction: this.worker.function.functionName,
      MergeFunction: this.merge.function.functionName,
      FinaliseFunction: this.finalise.function.functionName,
      Build: code.build,
      Allow: allowedHosts(props.allow),
      Version: code.version,
      ...(props.noted && { Settings: JSON.stringify(props.noted) }),
      ...(props.assetBucket !== undefined && { AssetBucket: props.assetBucket }),
    })
  }

  /** Adds the outputs that the command line reads. */
  #tell(outputs: Record<string, string>): void {
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value })
  }
}
