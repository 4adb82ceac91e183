import { greatest } from '../../core/extremes.ts'
import type { JSX } from 'preact'
import { ms } from '../../core/report/figures.ts'

/** Shows a small chart of the p95 of a name over time. Each chart has a separate scale, which begins at 0. */
export function Spark({ values }: { values: readonly (number | null)[] }): JSX.Element | null {
  const most = greatest(values, (value) => value ?? 0, 0)
  if (most === 0) return null
  const step = 100 / Math.max(1, values.length - 1)
  const points = values.flatMap((value, k) =>
    value === null ? [] : [`${(k * step).toFixed(1)} ${(19 - (18 * value) / most).toFixed(1)}`],
  )
  // A single value is drawn as a point, because a line needs two points.
  const path = points.length === 1 ? `M${points[0]}h4` : `M${points.join('L')}`
  return (
    <svg
      class="spark"
      viewBox="0 0 100 20"
      preserveAspectRatio="none"
      role="img"
      aria-label={`p95 at most ${ms(most).text}`}
    >
      <path d={path} />
    </svg>
  )
}
