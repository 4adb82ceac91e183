import { totalmem } from 'node:os'
import type { ResourceLimits } from 'node:worker_threads'
import { type RunPlan, usersPerWorkerCap } from '../../core/plan/plan.ts'
import { sliceOf } from '../../core/fleet/fleet.ts'
import type { Environment } from '../ports.ts'
import type { EngineSetup } from './engine/protocol.ts'

/**
 * The fraction of a worker's memory for the engine's heap. Bodies, sockets and the shell use the rest. When the heap is full, the shell needs memory
 * to report that the heap is full.
 */
const heapShare = 0.6
/** The smallest heap with which an engine can run, in megabytes. */
const leastHeapMb = 128
/**
 * The size of the young generation of an engine with many users (more than `usersPerWorkerCap`), in megabytes. Each collection copies the objects of
 * waiting users and stops the engine during the copy. With 5,000 undici clients, a collection takes 21 ms to 41 ms at V8's default size and 3 ms to 5
 * ms at this size. An engine with few users has few objects to copy. It uses up to a fifth less CPU time per request with V8's default size than
 * with this size.
 */
const youngGenerationMb = 6

interface LimitedEngine extends Pick<RunPlan, 'backend'> {
  /** The number of workers of the run. */
  workers: number
  /** The number of users of this worker. */
  users: number
}

/** Returns the number of workers of the run and the number of users of this worker. */
export function shareOf({ plan, fleet, slice }: Pick<EngineSetup, 'plan' | 'fleet' | 'slice'>): LimitedEngine {
  return { backend: plan.backend, workers: fleet.slices.length, users: sliceOf(fleet, slice).count }
}

/**
 * Returns the memory limits of an engine's thread. Without a limit, a scenario could use up the memory. The system would then kill the process, and
 * the counts would be lost. All workers on one machine share the machine's memory.
 */
export function engineLimits(
  { backend, workers, users }: LimitedEngine,
  { memoryMb = machineMb() }: Pick<Environment, 'memoryMb'> = {},
): ResourceLimits {
  const sharers = backend === 'local' ? workers : 1
  return {
    maxOldGenerationSizeMb: Math.max(leastHeapMb, Math.floor((memoryMb * heapShare) / sharers)),
    ...(users > usersPerWorkerCap && { maxYoungGenerationSizeMb: youngGenerationMb }),
  }
}

/** Returns whether an engine with these limits has many users. */
export function hasManyUsers({ maxYoungGenerationSizeMb }: ResourceLimits): boolean {
  return maxYoungGenerationSizeMb !== undefined
}

function machineMb(): number {
  const constrained = process.constrainedMemory()
  const bytes = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
  return bytes / 1_048_576
}
