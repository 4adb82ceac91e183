import { totalmem } from 'node:os'
import type { ResourceLimits } from 'node:worker_threads'
import type { Fleet } from '../../core/fleet/fleet.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { Environment } from '../ports.ts'

/**
 * The share of a worker's memory for the engine's heap. The rest is for bodies, sockets and the shell, which must be able to report when
 * the heap is full.
 */
const heapShare = 0.6
/** The smallest heap with which an engine can run, megabytes. */
const leastHeapMb = 128

/**
 * The memory limits of an engine's thread. Without a limit, a scenario that keeps everything in memory makes the system kill the process,
 * and its counts are lost. Workers on one machine share its memory.
 */
export function engineLimits(
  { backend }: Pick<RunPlan, 'backend'>,
  { slices }: Pick<Fleet, 'slices'>,
  { memoryMb = machineMb() }: Pick<Environment, 'memoryMb'>,
): ResourceLimits {
  const sharers = backend === 'local' ? slices.length : 1
  return { maxOldGenerationSizeMb: Math.max(leastHeapMb, Math.floor((memoryMb * heapShare) / sharers)) }
}

function machineMb(): number {
  const constrained = process.constrainedMemory()
  const bytes = constrained > 0 ? Math.min(constrained, totalmem()) : totalmem()
  return bytes / 1_048_576
}
