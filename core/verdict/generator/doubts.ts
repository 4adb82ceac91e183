import type { GeneratorVerdict } from '../results.ts'
import { tooMany } from './rule.ts'

/**
 * Returns the findings about the generator that make a run inconclusive. Each finding states that the run is generator-bound, or that the latencies
 * may be inaccurate.
 */
export function generatorFindings(
  generator: Pick<GeneratorVerdict, 'result' | 'reasons' | 'uncertainShare' | 'judgedRequests'>,
): {
  bound: string | null
  inaccurate: string | null
} {
  const isBound = generator.result === 'bound'
  const [first = 'generator-bound', second] = generator.reasons
  const inaccurate = isBound ? second : generator.reasons[0]
  return {
    bound: isBound ? first : null,
    inaccurate: mayBeInaccurate(generator) ? (inaccurate ?? 'the latencies may be inaccurate') : null,
  }
}

/** Returns whether the latencies of a finished run may be inaccurate. Returns false for a generator-bound run with accurate latencies. */
export function mayBeInaccurate({
  result,
  uncertainShare,
  judgedRequests,
}: Pick<GeneratorVerdict, 'result' | 'uncertainShare' | 'judgedRequests'>): boolean {
  if (result !== 'bound') return result === 'inaccurate'
  return tooMany(Math.round(uncertainShare * judgedRequests), judgedRequests)
}
