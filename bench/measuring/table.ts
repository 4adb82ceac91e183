import type { Figure, Spread } from './figure.ts'

const titles = ['figure', 'median', 'spread', 'baseline', 'its median', 'ratio', 'spread', 'goal']

/** Returns the measurements as a plain-text table, one row for each measurement. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = [titles, ...figures.map(rowOf)]
  const widths = titles.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] as number))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function rowOf({ title, unit, value, baseline, ratio, goal }: Figure): string[] {
  return [
    title,
    `${rounded(value.median)} ${unit}`,
    range(value),
    baseline?.title ?? '',
    baseline ? `${rounded(baseline.value.median)} ${unit}` : '',
    ratio ? rounded(ratio.median) : '',
    ratio ? range(ratio) : '',
    goal ?? '',
  ]
}

function range({ least, greatest }: Spread): string {
  return `${rounded(least)} to ${rounded(greatest)}`
}

/** Formats a number: from 100 on without decimals, from 10 on with one decimal, and otherwise with two decimals. */
function rounded(value: number): string {
  const size = Math.abs(value)
  if (size >= 100) return Math.round(value).toLocaleString('en-US')
  return size >= 10 ? value.toFixed(1) : value.toFixed(2)
}
