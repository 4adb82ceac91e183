import { grouped } from '../words.ts'

/** A number as people read it, with the exact one beside it. */
export interface Figure {
  text: string
  /** For a tooltip: every digit, with its unit. */
  exact: string
  /** To sort by; null when there was nothing to measure. */
  value: number | null
  /** Something is wrong here. */
  alert?: boolean
}

const space = '\u00a0'
const none: Figure = { text: '–', exact: 'nothing was recorded', value: null }

/** 950 · 98,765 · 123 k · 1.23 M. */
export function count(n: number): Figure {
  return { text: shortCount(n), exact: grouped(n), value: n }
}

/** A count of something unwelcome: marked unless it is 0. */
export function badCount(n: number): Figure {
  return { ...count(n), alert: n > 0 }
}

function shortCount(n: number): string {
  if (n < 100_000) return grouped(Math.round(n))
  if (n < 999_500) return `${significant(n / 1e3)}${space}k`
  return n < 999.5e6 ? `${significant(n / 1e6)}${space}M` : `${significant(n / 1e9)}${space}G`
}

/** Per second: 0.42 · 38.2 · 38,212. */
export function rate(n: number): Figure {
  const text = n < 100 ? significant(n) : shortCount(n)
  return { text, exact: `${grouped(n)} per second`, value: n }
}

/** Milliseconds as 0.42 ms · 84 ms · 1.02 s · 2 min 5 s. */
export function ms(value: number | null): Figure {
  if (value === null) return none
  return { text: shortMs(value), exact: `${grouped(value)} ms`, value }
}

function shortMs(value: number): string {
  if (value < 999.5) return significant(value) + space + 'ms'
  if (value < 99_950) return (value / 1000).toFixed(value < 9995 ? 2 : 1) + space + 's'
  return span(value)
}

/** A length of time in words: 45 s · 2 min 5 s · 1 h 30 min. */
export function span(value: number): string {
  const s = Math.round(value / 1000)
  const parts =
    s < 3600
      ? [
          [Math.floor(s / 60), 'min'],
          [s % 60, 's'],
        ]
      : [
          [Math.floor(s / 3600), 'h'],
          [Math.floor((s % 3600) / 60), 'min'],
        ]
  const words = parts.filter(([n]) => n !== 0).map(([n, unit]) => `${n}${space}${unit}`)
  return words.join(' ') || `0${space}s`
}

/** 0–1 as 0 % · < 0.01 % · 0.31 % · 12.4 % · 100 %; never 100 % when something is missing from it. */
export function share(value: number): Figure {
  const percent = value * 100
  return { text: shortPercent(percent) + space + '%', exact: `${Number(percent.toPrecision(12))} %`, value }
}

function shortPercent(percent: number): string {
  if (percent > 0 && percent < 0.01) return `<${space}0.01`
  if (percent > 99.9 && percent < 100) return `>${space}99.9`
  return percent < 10 ? String(Number(percent.toFixed(2))) : String(Number(percent.toFixed(1)))
}

/** Bytes in decimal units: 512 B · 8.4 kB · 1.23 GB. */
export function bytes(n: number): Figure {
  const step = n < 999.5 ? 0 : n < 999.5e3 ? 1 : n < 999.5e6 ? 2 : 3
  const text = significant(n / 1000 ** step) + space + ['B', 'kB', 'MB', 'GB'][step]
  return { text, exact: `${grouped(n)} bytes`, value: n }
}

/** US dollars: $1.79 · $0.0004. */
export function usd(value: number): string {
  return `$${value === 0 || value >= 0.01 ? value.toFixed(2) : value.toPrecision(1)}`
}

/** Epoch milliseconds as `2026-11-21 07:31:04 UTC`. */
export function instant(at: number): string {
  return `${isoInstant(at).slice(0, 19).replace('T', ' ')} UTC`
}

/** Epoch milliseconds in ISO 8601; what is no date stays a number. */
export function isoInstant(at: number): string {
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : String(at)
}

/** `3 workers`, `1 worker`. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n).text} ${n === 1 ? one : many}`
}

function significant(value: number): string {
  if (value >= 99.95) return String(Math.round(value))
  return String(Number(value.toFixed(value < 9.995 ? 2 : 1)))
}
