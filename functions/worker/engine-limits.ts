import { totalmem } from 'node:os'
import type { ResourceLimits } from 'node:worker_threads'
import type { Fleet } from '../../core/fleet/fleet.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import type { Environment } from '../ports.ts'

/** Of a worker's memory: the rest is for bodies, sockets and the shell, which reports when the engine's heap is full. */
const heapShare = 0.6
/** An engine needs so much to run at all. */
const leastHeapMb = 128

/**
 * Memory that an engine's thread may use. Without it, a scenario that keeps everything makes the system kill the process, and what it counted
 * is lost. Workers on one machine share its memory.
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
