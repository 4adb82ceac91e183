/** Numbers as they stand in sentences. Plain spaces, because the sentences also go to terminals and JSON. */

/** Made once: to make one takes longer than to format with it. */
const thousandths = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 })

/** 1204 → `1,204`. */
export function grouped(n: number): string {
  return thousandths.format(n)
}

/** `1 request`, `1,204 requests`. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${grouped(n)} ${n === 1 ? one : many}`
}

/** 0.0312 → `3.1 %`; what is not nothing never reads `0 %`, what is not all never `100 %`. */
export function percent(share: number): string {
  const value = share * 100
  if (value > 0 && value < 0.01) return 'less than 0.01 %'
  if (value > 99.9 && value < 100) return 'more than 99.9 %'
  return `${Number(value.toFixed(value < 1 ? 2 : 1))} %`
}

/** Milliseconds to three digits: `0.842 ms`, `84 ms`, `1.02 s`. */
export function milliseconds(ms: number): string {
  if (ms >= 999.5) return `${Number((ms / 1000).toPrecision(3))} s`
  return `${Number(ms.toPrecision(3))} ms`
}

/** A moment of the run, from seconds since its start: `00:42`, `1:02:03`; before it `−00:02`. */
export function moment(seconds: number): string {
  const s = Math.floor(seconds)
  if (s < 0) return `−${moment(-s)}`
  const two = (n: number): string => String(n).padStart(2, '0')
  const [h, min] = [Math.floor(s / 3600), Math.floor(s / 60) % 60]
  return h > 0 ? `${h}:${two(min)}:${two(s % 60)}` : `${two(min)}:${two(s % 60)}`
}

/** The first few of a list, and how many more there are: `a, b, c and 4 more`. */
export function few(items: readonly string[], most = 5): string {
  if (items.length <= most) return items.join(', ')
  return `${items.slice(0, most).join(', ')} and ${grouped(items.length - most)} more`
}
