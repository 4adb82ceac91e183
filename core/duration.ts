import { invalidInput } from './errors.ts'

/** A length of time as people write it in a scenario: `'250ms'`, `'2s'`, `'1.5m'`, `'1h'`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h'}`

const unitMs: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }
const part = /(\d+(?:\.\d+)?)(ms|s|m|h)/y

/**
 * Milliseconds of a duration. Takes one unit (`5m`), several (`1h30m`) or, as Locust's `-t` does, a bare number of seconds (`300`).
 * @param what names the option or field in the error, e.g. `--run-time`
 * @throws BurstError (104) when it is no duration
 */
export function durationMs(text: string, what = 'a duration'): number {
  // Not all scenarios are type-checked: a bare number might mean seconds or milliseconds.
  if (typeof text !== 'string') throw malformed(text, what)
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  let total = 0
  part.lastIndex = 0
  while (part.lastIndex < text.length) {
    const found = part.exec(text)
    if (!found) throw malformed(text, what)
    total += Number(found[1]) * (unitMs[found[2] as string] as number)
  }
  if (text === '') throw malformed(text, what)
  return total
}

function malformed(text: unknown, what: string): Error {
  return invalidInput(`${what} is ${JSON.stringify(text)}, which is no duration`, {
    hint: "write it like '300ms', '10s', '5m' or '1h30m'",
  })
}

/** `90_000` → `1m 30s`; `850` → `850ms`. For people, not for parsing. */
export function formatDuration(ms: number): string {
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
    .join(' ')
}
