import { BurstError } from '../core/errors.ts'
import type { DebugExchange } from '../core/exchange.ts'
import type { RunOptions } from '../core/options.ts'

/** A scenario to be looked at, one user of it. */
export interface DebugRequest {
  file: string
  options: RunOptions
  cwd: string
}

/**
 * Runs one user of a scenario and shows each of its exchanges as it ends.
 * @returns the exit code: 0, or 99 if a request failed
 */
export async function debugScenario(_request: DebugRequest, _show: (exchange: DebugExchange) => void): Promise<number> {
  throw new BurstError('bug', 'burst debug has no engine yet')
}
