/** burst's stack and its parts, for a CDK app of one's own. */
export { RunsBucket } from './bucket.ts'
export { Coordinator, type CoordinatorProps } from './coordinator.ts'
export { type LambdaCode, lambdaCode } from './lambda-code.ts'
export type { BurstSettings, BurstStackProps, NetworkOptions } from './options.ts'
export { Queues } from './queue.ts'
export { Finalise, Merge, type ReducerProps } from './reducer.ts'
export { BurstStack } from './stack.ts'
export { Worker, type WorkerProps } from './worker.ts'
