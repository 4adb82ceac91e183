import { totalmem } from 'node:os'
import type { ResourceLimits } from 'node:worker_threads'
import { type RunPlan, usersPerWorkerCap } from '../../core/plan/plan.ts'
import { sliceOf } from '../../core/fleet/fleet.ts'
import type { Environment } from '../ports.ts'
import type { EngineSetup } from './engine/protocol.ts'

/**
 * The share of a worker's memory for the engine's heap. The rest is for bodies, sockets and the shell, which must be able to report when
 * the heap is full.
 */
const heapShare = 0.6
/** The smallest heap with which an engine can run, megabytes. */
const leastHeapMb = 128
/**
 * The size of the young generation of an engine with many users, megabytes. Each collection of it copies what waiting users keep, and stops
 * the engine meanwhile: with 5,000 undici clients for 21 ms to 41 ms at V8's default size, and for 3 ms to 5 ms at this size.
 * Few users keep little; with them the default size takes up to a fifth less CPU time per request.
 */
const youngGenerationMb = 6

interface LimitedEngine extends Pick<RunPlan, 'backend'> {
  /** Of the run. */
  workers: number
  /** Of this worker. */
  users: number
}

/** The share of one engine in its run. */
export function shareOf({ plan, fleet, slice }: Pick<EngineSetup, 'plan' | 'fleet' | 'slice'>): LimitedEngine {
  return { backend: plan.backend, workers: fleet.slices.length, users: sliceOf(fleet, slice).count }
}

/**
 * The memory limits of an engine's thread. Without a limit, a scenario that keeps everything in memory makes the system kill the process,
 * and its counts are lost. Workers on one machine share its memory.
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

function machineMb(): number {
  const constrained = process.constrainedMemory()
  const bytes = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
  return bytes / 1_048_576
}
