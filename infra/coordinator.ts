import { ArnFormat, Duration, Stack } from 'aws-cdk-lib'
import { type Function as LambdaFunction, RecursiveLoop } from 'aws-cdk-lib/aws-lambda'
import { Construct } from 'constructs'
import type { RunsBucket } from './bucket.ts'
import type { LambdaName } from './lambda-code.ts'
import type { Network } from './network.ts'
import { allowedHosts } from './options.ts'
import { allowOn } from './permissions.ts'
import type { Queues } from './queue.ts'
import { type StageContext, StageFunction, functionNameOf } from './stage-function.ts'

export interface CoordinatorProps extends StageContext {
  /** Hosts that the hooks of scenarios may reach. */
  allow: readonly string[]
  bucket: RunsBucket
  queues: Queues
  network: Network | undefined
}

/** Retried by Lambda when it crashes: then it stops the load and has the report made. */
const maxEventAge = Duration.hours(1)

/** Launches the workers, keeps the lease, and has the report made. */
export class Coordinator extends Construct {
  readonly function: LambdaFunction

  constructor(scope: Construct, id: string, props: CoordinatorProps) {
    super(scope, id)
    const { queues } = props
    const invoked = (['worker', 'coordinator', 'finalise'] as const).map((name) => functionArn(this, name))
    const stage = new StageFunction(this, 'Stage', {
      ...props,
      name: 'coordinator',
      // Hooks of the scenario run here, and a thousand invocations are sent within seconds.
      memorySize: 1024,
      timeout: Duration.minutes(15),
      environment: {
        BURST_FAILURES_QUEUE_URL: queues.failures.queueUrl,
        BURST_ALLOW: allowedHosts(props.allow),
        BURST_WORKER_FUNCTION: functionNameOf(this, 'worker'),
        BURST_COORDINATOR_FUNCTION: functionNameOf(this, 'coordinator'),
        BURST_FINALISE_FUNCTION: functionNameOf(this, 'finalise'),
      },
      access: {
        get: [
          'bundles/*',
          'active/halt',
          ...inRuns('plan.json', 'variables.json', 'control.json', 'coordinator.json'),
          ...inRuns('shards/*', 'hooks/*', 'failures/*'),
        ],
        // The plan is put back where somebody deletes it while the run is on.
        put: inRuns('plan.json', 'control.json', 'coordinator.json', 'claims/*', 'hooks/*', 'failures/*'),
        delete: ['active/*', ...inRuns('variables.json')],
      },
      statements: [
        ...invoked.map((arn) => allowOn(arn, 'lambda:InvokeFunction')),
        allowOn(queues.failures.queueArn, 'sqs:SendMessage', 'sqs:ReceiveMessage', 'sqs:DeleteMessage'),
      ],
      // A run longer than an invocation goes on in the next one, counted and with a deadline in the event; Lambda's own guard ends such a
      // chain after about 16.
      settings: { recursiveLoop: RecursiveLoop.ALLOW },
    })
    // Older than a whole invocation and its retries: the age counts from the first attempt on.
    stage.invokedWithoutWaiting({ retryAttempts: 2, maxEventAge, failures: queues.failures })
    this.function = stage.function
  }
}

/** Places within any run. */
export function inRuns(...places: string[]): string[] {
  return places.map((place) => `runs/*/${place}`)
}

/** Written out, since a function's rights cannot refer to the function itself. */
function functionArn(scope: Construct, name: LambdaName): string {
  return Stack.of(scope).formatArn({
    service: 'lambda',
    resource: 'function',
    resourceName: functionNameOf(scope, name),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  })
}
