import { bracketOf, resultOf } from '../fleet/changes/search.ts'
import type { RunData } from './gather/run-data.ts'
import type { Report } from './report.ts'
import type { StepEntry } from './entries/search-entry.ts'

/** Returns the search for the highest load, with the measurements of each step; an empty object if the run had no search. */
export function searchFacts({ plan: { search }, control }: Pick<RunData, 'plan' | 'control'>): Pick<Report, 'search'> {
  if (!search) return {}
  const steps = control?.steps ?? []
  const { start, max, whole, precision, until } = search
  return {
    search: {
      unit: whole ? 'users' : 'arrivals/s',
      start,
      max,
      precisionShare: precision,
      until: until.map(({ expression }) => expression),
      result: resultOf(search, steps),
      ...bracketOf(steps),
      steps: steps.map(({ fromMs, toMs, requests, failures, ...step }): StepEntry => ({
        ...step,
        fromS: fromMs / 1000,
        toS: toMs / 1000,
        requests,
        failures,
        failureShare: requests === 0 ? 0 : failures / requests,
      })),
    },
  }
}
