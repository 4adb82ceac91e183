/** burst's stack and its parts, for your own CDK app. */
export { RunsBucket } from './bucket.ts'
export { Coordinator, type CoordinatorProps } from './stages/coordinator.ts'
export { type LambdaCode, lambdaCode } from '../build/lambda-code.ts'
export type { BurstSettings, BurstStackProps, NetworkOptions } from './stack-options.ts'
export { Queues } from './queue.ts'
export { Finalise, Merge, type ReducerProps } from './stages/reducer.ts'
export { BurstStack } from './stack.ts'
export { Worker, type WorkerProps } from './stages/worker.ts'
