import { expect } from 'vitest'
import type { Window } from '../../../core/window/window.ts'
import type { CountingTarget } from '../../targets/counting-target.ts'
import { type SliceRunInput, type SliceRunResult, runSlice } from './slice-run.ts'

export type ClassRun = Partial<SliceRunInput> & {
  /** The names of the classes in the option `users`, separated by commas. Default: `U`. */
  names?: string
  /** More options of `scenario()`, as a string that begins with a comma. */
  more?: string
}

/**
 * Runs user classes. By default, one user runs one iteration. Checks that the engine and the target count the same number of requests. `classes` is
 * the source of a scenario file without its imports and its `export default`.
 */
export async function runClasses(
  target: CountingTarget,
  classes: string,
  { names = 'U', more = '', ...input }: ClassRun = {},
): Promise<SliceRunResult> {
  const scenario = `import { HttpUser, between, constant, csv, json, pacing, scenario, task, throughput } from 'burst'
import { setTimeout as foreignSleep } from 'node:timers/promises'
${classes}
export default scenario({ host: '${target.origin}', users: [${names}]${more} })`
  const result = await runSlice({
    host: target.origin,
    ...input,
    scenario,
    options: { users: 1, iterations: 1, runTimeMs: 30_000, ...input.options },
  })
  expect(sentIn(result.window)).toBe(target.counts().received)
  return result
}

/** Returns the number of finished requests by name. */
export function requestsIn(window: Window): Record<string, number> {
  return Object.fromEntries([...window.requests].map(([key, row]) => [key, row.requests]))
}

function sentIn(window: Window): number {
  return [...window.requests.values()].reduce((sum, row) => sum + row.exchanges + row.interrupted, 0)
}
