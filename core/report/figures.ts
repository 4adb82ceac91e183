import { bytes as bytesText, grouped, milliseconds, notMeasured, percent, perSecond } from '../words.ts'

/** A number in its short form and in its exact form. */
export interface Figure {
  text: string
  /** The number with more digits and the unit, for a tooltip. Values except percentages have at most three decimals. */
  exact: string
  /** The number to sort by; null when no value was measured. */
  value: number | null
  /** `true` if the number shows a problem. */
  alert?: boolean
}

const none: Figure = { text: notMeasured, exact: 'no value was recorded', value: null }

/** Replaces each space with a no-break space. The argument is a string from `core/words.ts`. */
export function unbroken(text: string): string {
  return text.replaceAll(' ', '\u00a0')
}

export function count(n: number): Figure {
  return { text: grouped(Math.round(n)), exact: grouped(n), value: n }
}

/** Returns a count of failures or losses, and marks a count above 0 as a problem. */
export function badCount(n: number): Figure {
  return { ...count(n), alert: n > 0 }
}

export function rate(n: number): Figure {
  return { text: perSecond(n), exact: `${grouped(n)} per second`, value: n }
}

/** Formats a measured duration, given in milliseconds; `–` for null. */
export function ms(value: number | null): Figure {
  if (value === null) return none
  return { text: unbroken(milliseconds(value)), exact: `${grouped(value)} ms`, value }
}

/** Returns a fraction from 0 to 1 as a percentage; `–` if the value is undefined. */
export function share(value: number | undefined): Figure {
  if (value === undefined) return none
  return { text: unbroken(percent(value)), exact: `${Number((value * 100).toPrecision(12))} %`, value }
}

export function bytes(n: number): Figure {
  return { text: unbroken(bytesText(n)), exact: `${grouped(n)} bytes`, value: n }
}

/** Returns a value on the axis of a chart, in short form: `950`, `98 k`, `1.2 M`. */
export function axisCount(n: number): string {
  if (Math.abs(n) < 10_000) return grouped(n)
  const [size, unit] = n < 1e6 ? [1e3, 'k'] : n < 1e9 ? [1e6, 'M'] : [1e9, 'G']
  return unbroken(`${Number((n / size).toPrecision(3))} ${unit}`)
}
