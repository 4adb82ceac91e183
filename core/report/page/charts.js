// @ts-check
// Draws the charts of the HTML report from the block of numbers in the page. A plain browser script, run after uPlot's.

/** @typedef {import('../chart-data.ts').ChartData} ChartData */
/** @typedef {import('uplot')} Plot */

/** @type {typeof import('uplot')} */
// @ts-ignore -- the file before this one
const Chart = uPlot

/** @param {string} id */
const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id))
/** @type {ChartData} */
const data = JSON.parse(byId('chart-data').textContent ?? '{}')
const picker = /** @type {HTMLSelectElement} */ (byId('latency-of'))
const wholeRun = byId('whole-run')
/** @type {Plot[]} */
let plots = []

/** @param {string} name */
const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()

/** @param {number} s */
function clock(s) {
  const [h, m, rest] = [Math.floor(s / 3600), Math.floor((s % 3600) / 60), Math.floor(s % 60)]
  const two = (/** @type {number} */ n) => String(n).padStart(2, '0')
  return h > 0 ? `${h}:${two(m)}:${two(rest)}` : `${two(m)}:${two(rest)}`
}

/** @param {number | null | undefined} v */
function length(v) {
  if (v === null || v === undefined) return '–'
  return v < 999.5 ? `${Number(v.toPrecision(3))} ms` : `${Number((v / 1000).toPrecision(3))} s`
}

/** @param {number | null | undefined} v */
function amount(v) {
  if (v === null || v === undefined) return '–'
  if (v < 10_000) return v < 100 ? String(Number(v.toPrecision(3))) : Math.round(v).toLocaleString('en-US')
  return v < 1e6 ? `${Number((v / 1e3).toPrecision(3))} k` : `${Number((v / 1e6).toPrecision(3))} M`
}

/**
 * @param {string} label
 * @param {string} scale
 * @param {string} colour
 * @param {Partial<import('uplot').Series>} [more]
 * @returns {import('uplot').Series}
 */
function line(label, scale, colour, more = {}) {
  const value = scale === 'ms' ? length : amount
  return {
    label,
    scale,
    stroke: ink(colour),
    width: data.windowsAt.length > 240 ? 1 : 1.5,
    points: { show: few() },
    value: (_, v) => value(v),
    ...more,
  }
}

/** Too few windows for a line to be seen. */
const few = () => data.windowsAt.length < 3

/**
 * @param {string} scale
 * @param {string} label
 * @param {string} colour
 * @param {Partial<import('uplot').Axis>} [more]
 * @returns {import('uplot').Axis}
 */
function axis(scale, label, colour, more = {}) {
  const value = scale === 'ms' ? length : amount
  return {
    scale,
    label,
    stroke: ink(colour),
    font: axisFont,
    labelFont: axisFont,
    labelSize: 16,
    labelGap: 2,
    size: 50,
    gap: 4,
    space: 36,
    grid: { show: false },
    ticks: { show: false },
    values: (_, splits) => splits.map((v) => value(v)),
    ...more,
  }
}
const axisFont = '11px system-ui, -apple-system, "Segoe UI", "Liberation Sans", Arial, sans-serif'
const grid = () => ({ show: true, stroke: ink('rule'), width: 1 })

/** @returns {import('uplot').Axis} */
function timeAxis() {
  return {
    stroke: ink('soft'),
    font: axisFont,
    size: 24,
    gap: 4,
    space: 64,
    grid: { show: false },
    ticks: { show: true, stroke: ink('rule'), size: 4 },
    incrs: [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800],
    values: (_, splits) => splits.map(clock),
  }
}

/** From 0, with air above: what shares a chart is kept apart by it. @param {number} air @returns {import('uplot').Scale} */
const fromZero = (air) => ({ range: (_, __, most) => [0, most > 0 ? most * air : 1] })

/** @type {import('uplot').Axis.Side} */
// oxlint-disable-next-line typescript/no-unsafe-enum-assignment -- uPlot's script does not have the enum that its types name
const right = 1

/** @param {string} place @param {number} height */
function frame(place, height) {
  return {
    width: byId(place).clientWidth,
    height,
    padding: /** @type {import('uplot').Padding} */ ([12, 14, 0, 4]),
    cursor: {
      sync: { key: 'run', scales: /** @type {[string, null]} */ (['x', null]) },
      points: { size: 6 },
      y: false,
      drag: { x: true, y: false },
    },
    legend: { markers: { dash: lineStyle } },
    hooks: { draw: [markEvents], setScale: [offerWholeRun] },
  }
}

/** @param {Plot} plot @param {number} k */
function lineStyle(plot, k) {
  const [on] = plot.series[k]?.dash ?? []
  return on === undefined ? 'solid' : on < 4 ? 'dotted' : 'dashed'
}

/** @param {Plot} plot */
function markEvents(plot) {
  const { ctx, bbox } = plot
  ctx.save()
  ctx.strokeStyle = ctx.fillStyle = ink('faint')
  ctx.setLineDash([2, 4])
  for (const at of data.events) {
    const x = Math.round(plot.valToPos(at, 'x', true))
    if (x < bbox.left || x > bbox.left + bbox.width) continue
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x - 4, bbox.top - 7)
    ctx.lineTo(x + 4, bbox.top - 7)
    ctx.fill()
  }
  ctx.restore()
}

/** @param {Plot} plot @param {string} key */
function offerWholeRun(plot, key) {
  const { min, max } = plot.scales.x ?? {}
  const [first, last] = extent()
  if (key === 'x') wholeRun.hidden = (min ?? 0) <= first && (max ?? 0) >= last
}

/** @returns {[number, number]} */
function extent() {
  const last = Math.max(1, ...data.load.at.slice(-1).map((at) => at + data.load.step), ...data.windowsAt.slice(-1))
  return [Math.min(0, ...data.load.at.slice(0, 1)), last]
}

/** @returns {import('uplot').Scale} */
const time = () => ({ time: false, range: (_, min, max) => (min === null ? extent() : [min, max]) })

/** @returns {import('uplot').AlignedData} */
function overviewColumns() {
  const { at, planned, users, requests, failures } = data.load
  const all = data.latency[0]
  // The open model plans arrivals, not users.
  const planless = planned.every((n) => n === 0)
  const some = failures.some((n) => n > 0)
  /** @type {import('uplot').AlignedData} */
  const load = [
    at,
    users,
    planned.map((n) => (planless ? null : n)),
    requests,
    failures.map((n) => (some && n > 0 ? n : null)),
  ]
  /** @type {import('uplot').AlignedData} */
  const latency = [data.windowsAt, all?.p50 ?? [], all?.p99 ?? []]
  // A time that only one of the two knows is no gap in the other's line; what was not measured is.
  return Chart.join([load, latency])
}

function overview() {
  const wash = `color-mix(in srgb, ${ink('latency')} 16%, transparent)`
  const most = Math.max(0, ...data.load.failures)
  const bars = Chart.paths.bars?.({ size: [0.9, 8] })
  /** @type {import('uplot').Options} */
  const options = {
    ...frame('overview', 262),
    scales: { x: time(), users: fromZero(1.06), rate: fromZero(1.35), ms: fromZero(2.2), failures: fromZero(6) },
    axes: [
      timeAxis(),
      axis('users', 'users', 'soft', { grid: grid() }),
      axis('rate', 'requests/s', 'requests', { side: right }),
      axis('ms', 'latency', 'latency', { side: right, size: 54 }),
    ],
    series: [
      { label: 'at', value: (_, v) => (v === null ? '–' : clock(v)) },
      line('users', 'users', 'users', { width: 2.5, points: { show: false } }),
      line('planned', 'users', 'ink', { dash: [2, 4], width: 1.5, points: { show: false } }),
      line('requests/s', 'rate', 'requests', { points: { show: false } }),
      line(most > 0 ? `failures/s (≤ ${amount(most)})` : 'failures/s', 'failures', 'bad', {
        fill: `color-mix(in srgb, ${ink('bad')} 75%, transparent)`,
        width: 0,
        points: { show: false },
        ...(bars && { paths: bars }),
      }),
      line('p50', 'ms', 'latency', { width: 1 }),
      line('p99', 'ms', 'latency', { width: 1, dash: [6, 3] }),
    ],
    bands: [{ series: [6, 5], fill: wash }],
  }
  return new Chart(options, overviewColumns(), byId('overview'))
}

/** @returns {import('uplot').AlignedData} */
function percentileColumns() {
  const { p50 = [], p95 = [], p99 = [], max = [] } = data.latency[Number(picker.value)] ?? {}
  return [data.windowsAt, p50, p95, p99, max]
}

function percentiles() {
  /** @type {import('uplot').Options} */
  const options = {
    ...frame('percentiles', 262),
    scales: { x: time(), ms: fromZero(1.08) },
    axes: [timeAxis(), axis('ms', 'ms', 'soft', { grid: grid(), label: 'latency', size: 54 })],
    series: [
      { label: 'at', value: (_, v) => (v === null ? '–' : clock(v)) },
      line('p50', 'ms', 'p50', { width: data.windowsAt.length > 240 ? 1 : 2 }),
      line('p95', 'ms', 'p95', { dash: [10, 3] }),
      line('p99', 'ms', 'p99', { dash: [5, 3] }),
      line('max', 'ms', 'max', { width: 1, dash: [2, 3] }),
    ],
  }
  return new Chart(options, percentileColumns(), byId('percentiles'))
}

function draw() {
  for (const plot of plots) plot.destroy()
  if (data.load.at.length === 0 && data.windowsAt.length === 0) return
  plots = [overview(), percentiles()]
  plots.forEach(openLegend)
  showWholeRun()
}

/** The legend hides and shows lines; with the keyboard too. @param {Plot} plot */
function openLegend(plot) {
  plot.root.querySelectorAll('.u-legend .u-series').forEach((row, k) => {
    const head = row.querySelector('th')
    if (k === 0 || head === null) return
    head.tabIndex = 0
    head.setAttribute('role', 'button')
    head.title = 'hide or show'
    head.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return
      event.preventDefault()
      head.click()
    })
  })
}

function showWholeRun() {
  const [min, max] = extent()
  for (const plot of plots) plot.setScale('x', { min, max })
}

/** @param {boolean} on */
function onPaper(on) {
  document.documentElement.toggleAttribute('data-paper', on)
  draw()
}

for (const element of document.querySelectorAll('.scripted, .picker')) element.removeAttribute('hidden')
draw()
picker.addEventListener('change', () => plots[1]?.setData(percentileColumns(), false) ?? plots[1]?.redraw())
wholeRun.addEventListener('click', showWholeRun)
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw)
addEventListener('beforeprint', () => onPaper(true))
addEventListener('afterprint', () => onPaper(false))
new ResizeObserver(() => {
  for (const plot of plots)
    plot.setSize({ width: plot.root.parentElement?.clientWidth ?? plot.width, height: plot.height })
}).observe(byId('overview'))
