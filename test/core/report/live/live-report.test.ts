import { deflateRawSync, inflateRawSync } from 'node:zlib'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildReport } from '../../../../core/report/build-report.ts'
import { Gathering } from '../../../../core/report/gather/gather.ts'
import { type LiveReport, LiveReporter } from '../../../../core/report/live/live-report.ts'
import { reportSoFar } from '../../../../core/report/live/report-so-far.ts'
import type { Report } from '../../../../core/report/report.ts'
import { type SeriesData, decodeSeries } from '../../../../core/report/series.ts'
import { mergeMessage } from '../../../../core/shard/shard-merge.ts'
import { type ShardState, newShardState } from '../../../../core/shard/shard.ts'
import type { Control } from '../../../../core/fleet/control.ts'
import type { WindowMessage } from '../../../../core/window/message.ts'
import { mergeWindow } from '../../../../core/window/merge-windows.ts'
import { type Window, emptyWindow } from '../../../../core/window/window.ts'
import type { RunPlan } from '../../../../core/plan/plan.ts'
import { profileOf } from '../../../../core/plan/load/load.ts'
import { hold, ramp } from '../../../../core/authoring/load-stages.ts'
import { type LiveView, LiveModel } from '../../../../page/live/running/live-model.ts'
import { cellOf, intervalOf, messagesOf, planOf, startAt } from '../../../fixtures/run.ts'

/** The counts of one worker in one window. */
interface Counted {
  /** The number of windows from the previous window to this window. For the first window, the count starts at window -1. */
  gap: number
  /** The second within the window. */
  second: number
  names: number[]
  latencyMs: number
  failures: number
}

interface Step {
  /** The index of the worker whose next message is merged. */
  worker: number
  /** `true` to seal the oldest open window of the shard before the merge. */
  seal: boolean
  /** `true` to send the changes to the page after the merge. */
  tell: boolean
}

const windowS = 5
const slices = 3

const countedIn = (mostGap: number): fc.Arbitrary<Counted> =>
  fc.record({
    gap: fc.integer({ min: 1, max: mostGap }),
    second: fc.integer({ min: 0, max: windowS - 1 }),
    names: fc.uniqueArray(fc.nat(5), { maxLength: 3 }),
    latencyMs: fc.integer({ min: 1, max: 30_000 }),
    failures: fc.integer({ min: 0, max: 1 }),
  })

const runs = (mostGap: number, mostWindows: number) =>
  fc.record({
    workers: fc.array(fc.array(countedIn(mostGap), { minLength: 1, maxLength: mostWindows }), {
      minLength: slices,
      maxLength: slices,
    }),
    steps: fc.array(fc.record({ worker: fc.nat(slices - 1), seal: fc.boolean(), tell: fc.boolean() }), {
      maxLength: 20,
    }),
    joinsAt: fc.nat(20),
  })

function contentOf({ second, names, latencyMs, failures }: Counted, slice: number, window: number): Window {
  const at = window * windowS + second
  const cells = names.map((name) => cellOf('GET', `/${name}`, [latencyMs, latencyMs * 2 + name], failures))
  const content = intervalOf({ slice, second: at, cells })
  for (const { name } of cells.filter((cell) => cell.failures > 0)) {
    const [moment, message] = [startAt + at * 1000, `HTTP 50${at % 3}`]
    content.errors.set(`GET ${name} ${message}`, {
      method: 'GET',
      name,
      kind: 'status',
      message,
      count: 1,
      firstAt: moment,
      lastAt: moment,
      exemplars: [],
      seconds: new Map([[at, 1]]),
    })
  }
  return content
}

function messagesFrom(workers: readonly (readonly Counted[])[]): WindowMessage[][] {
  return workers.map((counted, slice) => {
    let window = -1
    const contents = counted.map((one) => {
      window += one.gap
      return { window, content: contentOf(one, slice, window) }
    })
    return messagesOf(contents, slice)
  })
}

/** A reader of the live report. Like a browser, the reader receives the report as JSON. */
class Reader {
  readonly #model = new LiveModel()
  view: LiveView | undefined

  async hear(told: LiveReport | undefined): Promise<void> {
    if (told) this.view = await this.#model.take(JSON.parse(JSON.stringify(told)) as LiveReport)
  }
}

const control: Control = { v: 1, startAt, leaseUntil: startAt + 10 ** 9, stop: null }
const untold = { events: [], failed: [], failure: null }

/** A run in simulated time with two readers: the first reader reads from the beginning of the run, and the second reader joins later. */
class SimulatedRun {
  readonly plan: RunPlan
  readonly shards = [newShardState('r1', 0), newShardState('r1', 1)]
  readonly readers = [new Reader(), new Reader()] as const
  /** The pieces of all windows that have been sealed so far. */
  readonly pieces: Piece[] = []
  readonly #reporter: LiveReporter
  #nowMs = startAt

  constructor(endS: number | null) {
    const [start, until] = [ramp(10, '0s'), endS === null ? [] : [hold(endS)]]
    const profile = profileOf([start, ...until])
    this.plan = planOf({
      workers: slices,
      profile: endS === null ? { ...profile, endMs: null } : profile,
      slicesPerShard: 2,
    })
    this.#reporter = new LiveReporter(this.plan, deflateRawSync)
  }

  async carryOut({ workers, steps, joinsAt }: { workers: Counted[][]; steps: Step[]; joinsAt: number }): Promise<void> {
    const waiting = messagesFrom(workers)
    const rest = waiting.flatMap((messages, worker) => messages.map(() => ({ worker, seal: false, tell: true })))
    for (const [k, { worker, seal, tell }] of [...steps, ...rest].entries()) {
      const shard = this.shards[worker < 2 ? 0 : 1] as ShardState
      if (seal) this.#seal(shard)
      this.#merge(shard, waiting[worker]?.shift())
      if (tell) await this.#tell(k >= joinsAt)
    }
    await this.#tell(true)
  }

  #seal({ shard, open }: ShardState): void {
    const window = Math.min(...open.keys())
    const content = open.get(window)
    if (!content) return
    open.delete(window)
    this.pieces.push({ shard, window, content: copyOf(content) })
    this.#reporter.seal({ shard, window, content })
  }

  #merge(shard: ShardState, message: WindowMessage | undefined): void {
    if (!message) return
    mergeMessage(shard, message)
    this.#nowMs = Math.max(this.#nowMs, message.sentAt)
  }

  async #tell(mayJoin: boolean): Promise<void> {
    const { shards, readers } = this
    this.#reporter.advance({ control, shards, nowMs: this.#nowMs, ...untold })
    const change = this.#reporter.change()
    for (const [k, reader] of readers.entries()) {
      if (reader.view) await reader.hear(change)
      else if (k === 0 || mayJoin) await reader.hear(this.#reporter.whole())
    }
  }
}

interface Piece {
  shard: number
  window: number
  content: Window
}

function copyOf(content: Window): Window {
  const copy = emptyWindow()
  mergeWindow(copy, content)
  return copy
}

/** Returns the report at the end of the run, in buckets of the given length. */
function finalReport({ plan, shards, pieces }: SimulatedRun, stepS: number): Report {
  const gathering = new Gathering(plan.windowMs, { seconds: 720 * stepS })
  const open = shards.flatMap((one) =>
    [...one.open].map(([window, content]) => ({ shard: one.shard, window, content })),
  )
  for (const { shard, window, content } of [...pieces, ...open].toSorted((x, y) => x.window - y.window))
    gathering.add(shard, window, copyOf(content))
  const data = { plan, control, shards, gathered: gathering.end(), ...untold }
  return buildReport({ ...data, late: 0, unreadable: 0, unread: [], began: true, skew: null }, deflateRawSync)
}

function seriesOf({ series: { data, names }, errors }: Report): SeriesData {
  return decodeSeries(inflateRawSync(Buffer.from(data, 'base64')), { names, errors: errors.length })
}

const sorted = <V>(map: ReadonlyMap<number, V>): [number, V][] => [...map].toSorted(([a], [b]) => a - b)
const withoutHistogram = ({ histogram: _histogram, ...row }: { histogram: string }): unknown => row

/** Returns the parts of a report that the page shows to a reader. */
function shownOf(report: Report, series: SeriesData): unknown {
  const { totals, requests, errors, workers, users, seconds } = report
  return {
    stepS: report.series.stepS,
    all: sorted(series.all),
    names: series.names.map(sorted),
    errorsOverTime: series.errors.map(sorted),
    rows: [totals, ...requests].map(withoutHistogram),
    seconds: seconds.map((second) => [second.at, second.users, second.requests, second.failures]),
    errors,
    workers,
    users,
  }
}

/** Returns the report that each reader received, and the final report of the same seconds. */
function toldAndFinal(run: SimulatedRun): { told: unknown[]; final: unknown[] } {
  const views = run.readers.map(({ view }) => (view as LiveView).model)
  const final = views.map(({ report, stepS }) => {
    const made = finalReport(run, stepS)
    const isOver = made.seconds.slice(report.seconds.length).every(({ requests }) => requests === 0)
    return shownOf(
      { ...made, seconds: isOver ? made.seconds.slice(0, report.seconds.length) : made.seconds },
      seriesOf(made),
    )
  })
  return { told: views.map(({ report, series }) => shownOf(report, series)), final }
}

test.each<[string, number, number, number | null]>([
  ['a short run', 3, 5, null],
  ['a run of a known length, over 12 minutes', 50, 5, 1500],
  ['a run without an end, whose buckets double beyond 12 minutes', 90, 5, null],
])(
  'the first report and all later changes add up to the final report, in whatever order windows arrive and are sealed (%s)',
  async (_, mostGap, mostWindows, endS) => {
    await fc.assert(
      fc.asyncProperty(runs(mostGap, mostWindows), async (run) => {
        const simulated = new SimulatedRun(endS)
        await simulated.carryOut(run)
        const { told, final } = toldAndFinal(simulated)
        expect(told).toEqual(final)
      }),
      { numRuns: 10, endOnFailure: true },
    )
  },
)

test('the length of buckets doubles as often as necessary, and no count is lost', async () => {
  const every: Counted = { gap: 40, second: 0, names: [0], latencyMs: 20, failures: 1 }
  const workers = Array.from({ length: slices }, () => Array.from({ length: 20 }, () => ({ ...every })))
  const run = new SimulatedRun(null)
  await run.carryOut({ workers, steps: [], joinsAt: 30 })
  const { model } = run.readers[0].view as LiveView
  expect(model.stepS).toBe(8)
  const requests = [...model.series.all.values()].map((counted) => counted.requests)
  expect(requests.reduce((x, y) => x + y, 0)).toBe(slices * 20 * 2)
  const { told, final } = toldAndFinal(run)
  expect(told).toEqual(final)
})

test('when a request name becomes one of the 50 busiest, the page receives the values of this name for all earlier seconds', async () => {
  const of = (names: number[]): Counted => ({ gap: 1, second: 1, names, latencyMs: 10, failures: 0 })
  const names = Array.from({ length: 55 }, (_, name) => name)
  const [many, late] = [of(names), of(names.slice(45))]
  const run = new SimulatedRun(null)
  await run.carryOut({ workers: [[many, late, late], [], []], steps: [], joinsAt: 1 })
  const { told, final } = toldAndFinal(run)
  expect(told).toEqual(final)
})

test('the report on a run in progress has the values of all reported seconds, and says that the run is in progress', () => {
  const plan = planOf({ workers: 1, profile: { ...profileOf([ramp(10, '0s')]), endMs: null } })
  const shard = newShardState('r1', 0)
  const [first] = messagesOf([{ window: 0, content: intervalOf({ second: 3, cells: [cellOf('GET', '/', [10])] }) }])
  mergeMessage(shard, { ...(first as WindowMessage), final: false })
  const gathering = new Gathering(plan.windowMs, { seconds: 5 })
  for (const [window, content] of shard.open) gathering.add(0, window, content)
  const known = { plan, control, shards: [shard], gathered: gathering.end(), ...untold, nowMs: startAt + 6000 }
  const report = reportSoFar({ ...known, late: 0, unreadable: 0, unread: [], began: true, skew: null }, deflateRawSync)
  const sentence =
    'the run is still in progress: this report contains the values until 00:05; the verdict follows at the end of the run'
  expect(report.verdict).toMatchObject({ result: 'inconclusive', exitCode: 98, reasons: [sentence] })
  expect(report.completeness).toMatchObject({ complete: false, lost: [sentence] })
  expect(report.totals.requests).toBe(1)
  expect(report.seconds.map(({ requests }) => requests)).toEqual([0, 0, 0, 1])
})
