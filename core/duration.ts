import { invalidInput } from './errors.ts'
import { inWords } from './values-in-words.ts'

/** A duration with its unit: `'250ms'`, `'2s'`, `'1.5m'`, `'1h'`. */
export type DurationText = `${number}${'ms' | 's' | 'm' | 'h'}`

/** A duration in a scenario: `'250ms'`, `'2s'`, `'1.5m'`, `'1h'`, or a number of seconds, as in Locust and k6. */
export type Duration = DurationText | number

/** Matches hours, minutes, seconds and milliseconds, in this order and each at most once. Also matches an empty string. */
const parts = /^(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/
/** The units of the groups of `parts`, in milliseconds. */
const unitsMs: readonly number[] = [3_600_000, 60_000, 1000, 1]

/** The longest duration that a scenario or an option may contain: a year, in milliseconds. */
export const longestMs = 8760 * 3_600_000

/**
 * Converts a duration to milliseconds. A duration is written with units, the largest unit first (`5m`, `1h30m`), or as a bare number of seconds
 * (`300`, as in Locust's `-t`).
 * @param what names the option or field in the error, e.g. `--run-time`
 * @param written the duration as the user wrote it, for the error message; needed only if it differs from `given`
 * @throws BurstError (104) when the value is not a duration, or is longer than a year
 */
export function durationMs(given: string | number, what = 'a duration', written: string | number = given): number {
  const ms = msIn(given)
  if (ms === undefined) throw malformed(written, what)
  if (ms <= longestMs) return ms
  throw invalidInput(`${what} is ${inWords(written)}, which is longer than a year`, { hint: "give at most '8760h'" })
}

/** Returns undefined for a value that is not a duration. A scenario in JavaScript is not type-checked, so the value may have any type. */
function msIn(given: unknown): number | undefined {
  if (typeof given === 'string') return textMs(given.trim())
  return typeof given === 'number' && Number.isFinite(given) && given >= 0 ? given * 1000 : undefined
}

function textMs(text: string): number | undefined {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  const found: readonly (string | undefined)[] | null = parts.exec(text)
  if (!found || text === '') return undefined
  return unitsMs.reduce((total, unitMs, k) => total + Number(found[k + 1] ?? 0) * unitMs, 0)
}

function malformed(given: unknown, what: string): Error {
  return invalidInput(`${what} is ${inWords(given)}, which is not a duration`, {
    hint: "write it like '300ms', '10s', '5m' or '1h30m'; a number is seconds",
  })
}

/**
 * Formats a duration as a user writes it on the command line or in a scenario: `90_000` → `1m30s`; `850` → `850ms`. A duration of 1 s or more is
 * rounded to whole seconds. For measured durations, use `core/words.ts`.
 */
export function typedDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)}ms`
  const seconds = Math.round(ms / 1000)
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const
  return parts
    .filter(([n]) => n > 0)
    .map(([n, unit]) => `${n}${unit}`)
    .join('')
}
