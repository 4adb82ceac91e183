import { type InvocationContext, environmentOf } from '../aws/environment.ts'
import { Failures } from '../aws/failures.ts'
import { LambdaInvoker, lambdaClient } from '../aws/lambda-invoker.ts'
import { RunAccess, stsClient } from '../aws/run-credentials.ts'
import { s3Store, stackBucket } from '../aws/s3-store.ts'
import { setting } from '../aws/client-settings.ts'
import { sqsClient, sqsQueue } from '../aws/sqs-queue.ts'
import type { CoordinatorEvent } from '../events.ts'
import { coordinate } from './handler.ts'

const names = {
  hook: setting('BURST_HOOKS_FUNCTION'),
  worker: setting('BURST_WORKER_FUNCTION'),
  coordinator: setting('BURST_COORDINATOR_FUNCTION'),
  finalise: setting('BURST_FINALISE_FUNCTION'),
}
const needs = { sockets: 64, patienceMs: 10_000 }
const store = s3Store(stackBucket(), needs)
const failures = new Failures(
  { client: sqsClient(needs), queueUrl: setting('BURST_FAILURES_QUEUE_URL'), store },
  { [names.hook]: 'hook', [names.worker]: 'worker', [names.coordinator]: 'coordinator', [names.finalise]: 'finalise' },
)
const access = new RunAccess(
  stsClient(needs),
  {
    role: setting('BURST_RUN_ROLE'),
    bucketArn: setting('BURST_BUCKET_ARN'),
    queueArn: setting('BURST_QUEUE_ARN'),
    keyArn: process.env['BURST_KEY_ARN'],
  },
  store,
)
const ports = {
  store,
  queue: sqsQueue(setting('BURST_QUEUE_URL'), needs),
  invoker: new LambdaInvoker(lambdaClient(needs), names, failures, access),
}

/** Coordinates a run on Lambda. */
export async function handler(event: CoordinatorEvent, context: InvocationContext): Promise<void> {
  await coordinate(event, environmentOf(ports, context, { stage: 'coordinator', run: event.run }))
}
