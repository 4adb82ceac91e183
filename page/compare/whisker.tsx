import type { JSX } from 'preact'
import type { Compared, ComparedRow, Measure } from '../../core/compare/compare-reports.ts'

const [width, height] = [140, 20]
/**
 * The minimum and the maximum distance from the middle of the axis to its ends. The minimum is a tenth of the old value, so that noise does not look
 * large. The maximum is half of the old value. For the error rate, the minimum is 1 percentage point, and the maximum is 10 percentage points.
 */
const reaches = { share: [0.1, 0.5], points: [0.01, 0.1] } as const

/** Returns the divisor for drawn values. Error rates are drawn in percentage points; all other values are drawn as a fraction of the old value. */
function unitOf(measure: Measure, { older }: Compared): number {
  return measure === 'failureShare' ? 1 : (older ?? 0)
}

/**
 * Returns the distance from the middle of a measure's axis to the ends of the axis. A difference that is greater than this distance is drawn as an
 * arrow at the end of the axis.
 */
export function reachOf(rows: readonly ComparedRow[], measure: Measure): number {
  const drawn = rows.map((row) => row.measures[measure]).filter((one) => one.interval && unitOf(measure, one) > 0)
  const farthest = (of: (one: Compared) => number): number =>
    drawn.reduce((most, one) => Math.max(most, Math.abs(of(one)) / unitOf(measure, one)), 0)
  const bounds = farthest(({ interval }) => Math.max(...(interval ?? [0, 0]).map(Math.abs)))
  const [least, most] = measure === 'failureShare' ? reaches.points : reaches.share
  return Math.max(least, Math.min(most, bounds))
}

/** Draws the difference as a dot and its interval as a line. The middle of the axis means no difference. */
export function Whisker({
  measure,
  compared,
  reach,
}: {
  measure: Measure
  compared: Compared
  reach: number
}): JSX.Element | null {
  const { interval, difference, change } = compared
  const unit = unitOf(measure, compared)
  if (!interval || difference === null || !(unit > 0)) return null
  const at = (value: number): number => {
    const part = Math.max(-1, Math.min(1, value / unit / reach))
    return Number((width / 2 + part * (width / 2 - 4)).toFixed(1))
  }
  const middle = height / 2
  const isBeyond = Math.abs(difference / unit) > reach
  const [x, to] = [at(difference), Math.sign(difference)]
  return (
    <svg
      class={`whisker ${change === 'none' ? 'none' : 'changed'}`}
      viewBox={`0 0 ${width} ${height}`}
      aria-hidden="true"
    >
      <line class="zero" x1={width / 2} x2={width / 2} y1={0} y2={height} />
      <line class="reach" x1={at(interval[0])} x2={at(interval[1])} y1={middle} y2={middle} />
      {isBeyond ? (
        <path d={`M${x + 4 * to} ${middle}L${x - 4 * to} ${middle - 4}v8z`} />
      ) : (
        <circle cx={x} cy={middle} r={3} />
      )}
    </svg>
  )
}
