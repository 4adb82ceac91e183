import { CfnOutput, Stack } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import { RunsBucket } from './bucket.ts'
import { Coordinator } from './coordinator.ts'
import { lambdaCode } from './lambda-code.ts'
import { networkOf } from './network.ts'
import { type BurstStackProps, allowedHosts } from './options.ts'
import { Queues } from './queue.ts'
import { Finalise, Merge } from './reducer.ts'
import { Worker } from './worker.ts'

/** Everything that burst has in an account. It costs next to nothing while nothing runs. */
export class BurstStack extends Stack {
  /** @throws Error when the options contradict each other, or the functions are not built */
  constructor(scope: Construct, id: string, props: BurstStackProps) {
    super(scope, id, { description: 'burst: load tests from Lambda', ...props })
    const code = props.code ?? lambdaCode()
    const network = props.network && networkOf(this, props.network)
    const bucket = new RunsBucket(this, 'Runs', props)
    const queues = new Queues(this, 'Queues', props)
    const stage = { code, options: props, bucket, queues }
    const coordinator = new Coordinator(this, 'Coordinator', { ...stage, network })
    const worker = new Worker(this, 'Worker', { ...stage, network, allow: props.allow })
    const merge = new Merge(this, 'Merge', stage)
    const finalise = new Finalise(this, 'Finalise', stage)
    this.#tell({
      BucketName: bucket.bucket.bucketName,
      QueueUrl: queues.windows.queueUrl,
      DeadLetterQueueUrl: queues.deadLetters.queueUrl,
      FailuresQueueUrl: queues.failures.queueUrl,
      CoordinatorFunction: coordinator.function.functionName,
      WorkerFunction: worker.function.functionName,
      MergeFunction: merge.function.functionName,
      FinaliseFunction: finalise.function.functionName,
      Build: code.build,
      Allow: allowedHosts(props.allow),
      Version: code.version,
    })
  }

  /** What the command line reads. */
  #tell(outputs: Record<string, string>): void {
    for (const [name, value] of Object.entries(outputs)) new CfnOutput(this, name, { value })
  }
}
