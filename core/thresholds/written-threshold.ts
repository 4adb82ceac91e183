import { BurstError, invalidInput } from '../errors.ts'
import { isK6Metric, k6Hint } from './k6-threshold.ts'
import { hintForParts } from './respelt-threshold.ts'
import { type Threshold, longestThreshold, parseThreshold, thresholdHint } from './threshold.ts'

/**
 * Parses a threshold from a scenario or from the command line. If the threshold is in k6's notation, or in an order or spelling that burst does not
 * accept, the error shows the same threshold in burst's notation. The page of the report does not need this function, because all thresholds in a
 * plan or a report are in burst's notation.
 * @throws BurstError (104) when the string is not a threshold
 */
export function parseWrittenThreshold(expression: string): Threshold {
  const ofK6 = k6Hint(expression.slice(0, longestThreshold))
  const parsed = parsedOr(expression, ofK6)
  const { scope } = parsed
  if (scope.kind !== 'request' || !isK6Metric(scope.name)) return parsed
  throw invalidInput(`threshold '${expression}' names ${scope.name}, which is a metric of k6`, {
    hint: ofK6 ?? thresholdHint,
  })
}

function parsedOr(expression: string, hint: string | undefined): Threshold {
  try {
    return parseThreshold(expression)
  } catch (cause) {
    const better = hint ?? (expression.length > longestThreshold ? undefined : hintForParts(expression))
    if (better !== undefined && cause instanceof BurstError) throw invalidInput(cause.message, { cause, hint: better })
    throw cause
  }
}
