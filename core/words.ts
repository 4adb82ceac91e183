/**
 * Formats numbers as text. This file formats all numbers, so a number looks the same in the terminal, in messages, in report.md and on the page.
 *
 * | value | digits | examples |
 * |---|---|---|
 * | count | all, in groups of three | `0`, `1,204`, `12,345,678` |
 * | rate, size | 2 decimals below 1, 1 below 100, then none | `0.42`, `8.4`, `382`, `38,212` |
 * | measured duration below 1 s | milliseconds: 2 decimals below 1 ms, 1 below 10 ms, then none | `0.84 ms`, `8.4 ms`, `84 ms` |
 * | measured duration below 100 s | seconds: 2 decimals below 10 s, then 1 | `1.02 s`, `36.2 s` |
 * | longer measured duration | hours, minutes and whole seconds | `2 min 5 s`, `1 h 30 min` |
 * | planned duration, or duration of a whole run | hours, minutes and seconds; milliseconds below 1 s | `300 ms`, `45 s`, `2 min 5 s` |
 * | share | 2 decimals of a percent below 10 %, then 1 | `0.31 %`, `4.05 %`, `12.4 %` |
 * | change | its sign; 1 decimal of a percent below 10 %, then none | `+4.2 %`, `−21 %`, `±0 %` |
 * | money | cents | `$1.79`, `<$0.01` |
 * | moment of the run | as on a clock | `00:42`, `1:02:03`, `−00:02` |
 *
 * Trailing zeros after the decimal point are omitted (`1 s`). A value above 0 is not shown as 0 (`<0.01 ms`), except a change (`±0 %`). A share below
 * 1 is never shown as 100 % (`>99.9 %`). The space before a unit is a normal space, because terminals and JSON also contain these strings. Pages
 * replace this space with a no-break space.
 */

/**
 * Formatters, indexed by their maximum number of decimals. Each of them is created only once, because creating a formatter takes longer than
 * formatting a number.
 */
const formats = [0, 1, 2, 3].map((decimals) => new Intl.NumberFormat('en-US', { maximumFractionDigits: decimals }))
const cents = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })

/** The string that is shown when a value was not measured. */
export const notMeasured = '–'

/** Returns all digits, in groups of three, with at most three decimals: 1204 → `1,204`. */
export function grouped(n: number): string {
  return formatted(n, 3)
}

/** Formats a count followed by its noun: `1 request`, `1,204 requests`. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${grouped(n)} ${n === 1 ? one : many}`
}

/** Returns a number per second, without the unit: `0.42`, `8.4`, `382`, `38,212`. */
export function perSecond(n: number): string {
  return scaled(n, n < 0.995 ? 2 : n < 99.95 ? 1 : 0)
}

/** Returns a fraction from 0 to 1 as a percentage: `0 %`, `<0.01 %`, `0.31 %`, `4.05 %`, `12.4 %`, `>99.9 %`, `100 %`. */
export function percent(share: number): string {
  const value = share * 100
  if (value > 99.9 && value < 100) return '>99.9 %'
  return `${scaled(value, Math.abs(value) < 9.995 ? 2 : 1)} %`
}

/** Returns a fraction from 0 to 1 as a percentage, with enough digits to distinguish it from a limit: 98.96 % if the limit is 99 %. */
export function percentBeside(share: number, limit: number): string {
  const plain = percent(share)
  return share === limit || plain !== percent(limit) ? plain : `${apart(share * 100, limit * 100)} %`
}

const mostDecimals = 15

/** Formats a number with the fewest decimals that distinguish it from the number `other`. */
export function apart(value: number, other: number): string {
  for (let decimals = 1; decimals <= mostDecimals; decimals++) {
    const text = withDecimals(value, decimals)
    if (text !== withDecimals(other, decimals)) return text
  }
  return String(value)
}

function withDecimals(value: number, decimals: number): string {
  return new Intl.NumberFormat('en-US', { maximumFractionDigits: decimals }).format(value)
}

/** Returns a relative change, with its sign: `+4.2 %`, `−21 %`, `±0 %`. */
export function relativeChange(change: number): string {
  const value = Math.abs(change * 100)
  const text = scaled(value < 0.05 ? 0 : value, value < 9.95 ? 1 : 0)
  return text === '0' ? '±0 %' : `${change < 0 ? '−' : '+'}${text} %`
}

/** Formats a measured duration, given in milliseconds: `0.84 ms`, `8.4 ms`, `84 ms`, `1.02 s`, `36.2 s`, `2 min 5 s`; `–` for null. */
export function milliseconds(ms: number | null): string {
  if (ms === null) return notMeasured
  const length = Math.abs(ms)
  if (length < 999.5) return `${scaled(ms, length < 0.995 ? 2 : length < 9.95 ? 1 : 0)} ms`
  if (length < 99_950) return `${scaled(ms / 1000, length < 9995 ? 2 : 1)} s`
  return ms < 0 ? `−${span(-ms)}` : span(ms)
}

/** Formats a planned duration, or the duration of a whole run, given in milliseconds: `300 ms`, `45 s`, `2 min 5 s`, `1 h 30 min`. */
export function span(ms: number): string {
  if (ms < 999.5) return ms === 0 ? '0 s' : milliseconds(ms)
  const s = Math.round(ms / 1000)
  const parts = [
    [Math.floor(s / 3600), 'h'],
    [Math.floor(s / 60) % 60, 'min'],
    [s % 60, 's'],
  ] as const
  return parts
    .filter(([n]) => n > 0)
    .map(([n, unit]) => `${grouped(n)} ${unit}`)
    .join(' ')
}

/** Formats a number of bytes in decimal units: `512 B`, `8.4 kB`, `1.2 GB`. */
export function bytes(n: number): string {
  const step = n < 999.5 ? 0 : n < 999.5e3 ? 1 : n < 999.5e6 ? 2 : 3
  return `${perSecond(n / 1000 ** step)} ${['B', 'kB', 'MB', 'GB'][step]}`
}

/** Formats an amount in US dollars: `$0.00`, `<$0.01`, `$1.79`, `$1,204.50`. */
export function dollars(value: number): string {
  if (value > 0 && value < 0.01) return '<$0.01'
  return `$${cents.format(value)}`
}

/** Formats the measured value of a threshold in the unit of the threshold: `1.31 s`, `0.4 %`, `212/s`. */
export function measured(value: number, unit: string): string {
  if (unit === 'ms') return milliseconds(value)
  if (unit === '%') return percent(value / 100)
  return unit === '/s' ? `${perSecond(value)}/s` : `${perSecond(value)} ${unit}`
}

/** Returns a moment of the run, from seconds since the start of the run: `00:42`, `1:02:03`. A moment before the start has a minus sign: `−00:02`. */
export function moment(seconds: number): string {
  const s = Math.floor(seconds)
  if (s < 0) return `−${moment(-s)}`
  const two = (n: number): string => String(n).padStart(2, '0')
  const [h, min] = [Math.floor(s / 3600), Math.floor(s / 60) % 60]
  return h > 0 ? `${h}:${two(min)}:${two(s % 60)}` : `${two(min)}:${two(s % 60)}`
}

/** Returns epoch milliseconds as `2026-11-21 07:31:04 UTC`. */
export function instant(at: number): string {
  return `${isoInstant(at).slice(0, 19).replace('T', ' ')} UTC`
}

/** Formats epoch milliseconds as a date in ISO 8601. If no date can represent the time, returns the milliseconds. */
export function isoInstant(at: number): string {
  // oxlint-disable-next-line no-restricted-globals -- formats the given time, and does not read the clock
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : String(at)
}

/**
 * Returns the first `most` items of a list and the number of the other items: `a, b, c and 4 more`. Returns all items if there are at most `most`.
 */
export function few(items: readonly string[], most = 5): string {
  if (items.length <= most) return items.join(', ')
  return `${items.slice(0, most).join(', ')} and ${grouped(items.length - most)} more`
}

/**
 * Formats a number with at most the given number of decimals, without trailing zeros. If a value above 0 would be rounded to 0, the result has the
 * form `<0.01`.
 */
function scaled(value: number, decimals: number): string {
  const least = 10 ** -decimals
  if (value > 0 && value < least / 2) return `<${least}`
  const text = formatted(Math.abs(value), decimals)
  return value < 0 && Number(text) !== 0 ? `−${text}` : text
}

function formatted(value: number, decimals: number): string {
  return (formats[decimals] as Intl.NumberFormat).format(value)
}
