import { formatDuration } from '../../core/duration.ts'

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const tenths = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

/** What stands where nothing was measured. */
export const nothing = '–'

/** Per second: tenths below 100, whole numbers above. */
export function perSecond(n: number): string {
  return n < 99.95 ? tenths.format(n) : whole.format(n)
}

/** Milliseconds for people: `0.84 ms`, `3.2 ms`, `84 ms`, `1.02 s`, `2m 5s`. */
export function length(ms: number | null): string {
  if (ms === null) return nothing
  if (ms > 0 && ms < 0.995) return `${ms.toFixed(2)} ms`
  if (ms < 9.95) return `${tenths.format(ms)} ms`
  if (ms < 999.5) return `${whole.format(ms)} ms`
  if (ms < 59_995) return `${(ms / 1000).toFixed(2)} s`
  return formatDuration(ms)
}

/** 0–1 as `2.50 %`; what is not zero never reads as zero, what is not all never as all. */
export function percent(share: number): string {
  if (share > 0 && share < 0.0001) return '<0.01 %'
  if (share > 0.9999 && share < 1) return '>99.99 %'
  return share === 0 ? '0 %' : `${(share * 100).toFixed(2)} %`
}
