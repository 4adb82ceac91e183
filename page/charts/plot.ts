import uPlot from 'uplot'
import { moment } from '../../core/words.ts'

/** Returns a colour of the style sheet. Called when a chart is created. */
export function ink(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

/** Returns a transparent version of a colour of the style sheet. */
export function wash(name: string, percent = 14): string {
  return `color-mix(in srgb, ${ink(name)} ${percent}%, transparent)`
}

export const font = '11px system-ui, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif'

/** All charts with this key share one cursor. */
const syncKey = 'run'

/** The possible distances in seconds between two marks of a time axis. */
export const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400]

export function timeAxis(shown: boolean): uPlot.Axis {
  return {
    stroke: ink('soft'),
    font,
    size: shown ? 24 : 4,
    gap: 4,
    space: 64,
    grid: { show: true, stroke: ink('rule'), width: 1 },
    ticks: { show: shown, stroke: ink('rule'), size: 4 },
    incrs: [...timeSteps],
    values: (_, splits) => splits.map((at) => (shown ? moment(at) : '')),
  }
}

export function valueAxis(scale: string, format: (value: number) => string): uPlot.Axis {
  return {
    scale,
    stroke: ink('soft'),
    font,
    size: 58,
    gap: 6,
    space: 20,
    grid: { show: true, stroke: ink('rule'), width: 1 },
    ticks: { show: false },
    // On a logarithmic axis, uPlot passes null for most grid lines. Such a grid line gets no label.
    values: (_, splits) => splits.map((value: number | null) => (value === null ? '' : format(value))),
  }
}

/** A scale from 0 to slightly more than the greatest value. */
export const fromZero: uPlot.Scale = { range: (_, __, most) => [0, most > 0 ? most * 1.08 : 1] }

export function line(label: string, colour: string, more: Partial<uPlot.Series> = {}): uPlot.Series {
  const points = { show: false, size: 5, fill: ink(colour), filter: lonePoints }
  return { label, stroke: ink(colour), width: 1.5, points, ...more }
}

/** Returns the indexes of values with a gap on both sides. Such a value is drawn as a point, because a line needs two values side by side. */
function lonePoints({ data }: uPlot, series: number): number[] | null {
  const values = data[series] ?? []
  const lone = [...values.keys()].filter((k) => {
    return values[k] != null && values[k - 1] == null && values[k + 1] == null
  })
  return lone.length === 0 ? null : lone
}

/**
 * Returns a series of bars for counts that are mostly 0. The outline keeps small bars visible. The data must contain null instead of 0, because the
 * outline would also make a bar of height 0 visible.
 */
export function bars(label: string, colour: string): uPlot.Series {
  const paths = uPlot.paths.bars?.({ size: [1, 100], align: 1 })
  return line(label, colour, { width: 1.5, fill: ink(colour), points: { show: false }, ...(paths && { paths }) })
}

/** Returns a cursor that moves together with the cursors of the other charts. Dragging selects a span and does not zoom the chart. */
export function cursor(onMove: (place: number | null) => void): uPlot.Cursor {
  return {
    sync: { key: syncKey, setSeries: false },
    points: { size: 6 },
    y: false,
    drag: { x: true, y: false, setScale: false },
    dataIdx: (_, __, place) => {
      onMove(place)
      return place
    },
  }
}

/** Returns a function that marks each event of the run with a dashed line and, if `flags` is true, with a triangle above the line. */
export function eventMarks(events: () => readonly number[], flags: boolean): (plot: uPlot) => void {
  return (plot: uPlot) => {
    const { ctx, bbox } = plot
    ctx.save()
    ctx.strokeStyle = ctx.fillStyle = ink('faint')
    ctx.setLineDash([2, 4])
    for (const at of events()) {
      const x = Math.round(plot.valToPos(at, 'x', true))
      if (x < bbox.left || x > bbox.left + bbox.width) continue
      ctx.beginPath()
      ctx.moveTo(x, bbox.top)
      ctx.lineTo(x, bbox.top + bbox.height)
      ctx.stroke()
      if (!flags) continue
      ctx.beginPath()
      ctx.moveTo(x, bbox.top)
      ctx.lineTo(x - 4, bbox.top - 7)
      ctx.lineTo(x + 4, bbox.top - 7)
      ctx.fill()
    }
    ctx.restore()
  }
}
