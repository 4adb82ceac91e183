import { type RequestSecond, emptyRequestSecond } from '../../core/window/histograms/compact.ts'
import { Distribution, wholeUs } from '../../core/window/histograms/distribution.ts'
import { RandomStream } from '../../core/random.ts'
import {
  type RequestCell,
  type Window,
  emptyIterationCell,
  emptyRequestCell,
  emptySecondCell,
  emptyWindow,
  emptyWorkerCell,
} from '../../core/window/window.ts'
import { usersPerWorker, windowMs } from './shape.ts'

/** The number of requests of each name that one worker counts in one second. */
const perSecond = 10
const secondsPerWindow = windowMs / 1000
/** For each name, the counts of this number of windows are made, with random latencies. All windows of the run use these counts. */
const variants = 16

/**
 * The counts of one name in one window. `seconds` contains the counts of each second, but not the number of the second in the run, because several
 * windows of the run use the same counts.
 */
interface Counted {
  cell: RequestCell
  seconds: RequestSecond[]
}

/** The windows of synthetic workers: `perSecond` requests of each name in each second, with random latencies. */
export class Synthetic {
  readonly #names: Counted[][]
  readonly #lag: Distribution
  readonly #bySecond: boolean

  constructor({ names, bySecond }: { names: number; bySecond: boolean }) {
    const random = new RandomStream(1, 2, 3)
    this.#bySecond = bySecond
    this.#names = Array.from({ length: names }, (_, name) =>
      Array.from({ length: variants }, () => drawn(`/catalogue/${name}/:id`, 10 + 7 * name, random)),
    )
    this.#lag = distributionOf(Array.from({ length: 500 }, () => 0.2 + random.next()))
  }

  /** The number of requests that one worker counts in one window. */
  get requests(): number {
    return this.#names.length * perSecond * secondsPerWindow
  }

  /** Returns the content of a window: the counts of the workers that run the given slices. */
  window(window: number, slices: readonly number[], attempt: number): Window {
    const content = emptyWindow()
    this.#names.forEach((counted, name) => {
      const { cell, seconds } = counted[(window * 7 + (slices[0] ?? 0) * 3 + name) % variants] as Counted
      const bySecond = this.#bySecond ? seconds.map((one, k) => [window * secondsPerWindow + k, one] as const) : []
      content.requests.set(`GET ${cell.name}`, { ...cell, seconds: new Map(bySecond) })
    })
    this.#addSeconds(content, window, slices.length)
    for (const slice of slices) this.#addWorker(content, window, { slice, attempt, share: slices.length })
    content.iterations.set('Shopper\tbrowse', { ...emptyIterationCell(), count: 500, duration: this.#lag })
    if (window === 0) content.users.startedByClass.set('Shopper', usersPerWorker * slices.length)
    return content
  }

  #addSeconds(content: Window, window: number, workers: number): void {
    const requests = this.#names.length * perSecond
    for (let k = 0; k < secondsPerWindow; k++) {
      const users = usersPerWorker * workers
      const second = { ...emptySecondCell(), users, userUs: users * 1e6, requests }
      content.seconds.set(window * secondsPerWindow + k, second)
    }
  }

  #addWorker(
    content: Window,
    window: number,
    { slice, attempt, share }: { slice: number; attempt: number; share: number },
  ): void {
    const lag = this.#lag
    const worker = {
      ...emptyWorkerCell(slice, attempt),
      lag,
      userLag: lag,
      sendLag: lag,
      timingError: lag,
      users: usersPerWorker,
      loopUtilization: 0.4,
      coreWaitShare: 0.02,
      rssMb: 140,
      sockets: usersPerWorker,
      userUs: usersPerWorker * windowMs * 1000,
      activeFromMs: window * windowMs,
      activeToMs: (window + 1) * windowMs,
      requests: this.requests / share,
    }
    const requests = Math.round(this.requests / share / secondsPerWindow)
    for (let k = 0; k < secondsPerWindow; k++) {
      worker.judged.set(window * secondsPerWindow + k, { requests, late: 0, uncertain: 0 })
    }
    content.workers.set(`${slice}-${attempt}`, worker)
  }
}

function drawn(name: string, typicalMs: number, random: RandomStream): Counted {
  const seconds = Array.from({ length: secondsPerWindow }, () => emptyRequestSecond())
  const lengths = seconds.flatMap((second) => {
    const some = Array.from({ length: perSecond }, () => typicalMs * Math.exp(random.next() + random.next() - 1))
    for (const ms of some) {
      second.latency.record(wholeUs(ms))
      second.fromIntent.record(wholeUs(ms + 1))
    }
    Object.assign(second, { requests: some.length, bytesIn: some.length * 4200 })
    second.statuses.set(200, some.length)
    return some
  })
  const cell = emptyRequestCell('GET', name)
  Object.assign(cell, { requests: lengths.length, exchanges: lengths.length, bytesIn: lengths.length * 4200 })
  cell.statuses.set(200, lengths.length)
  cell.latency = distributionOf(lengths)
  cell.fromIntent = distributionOf(lengths.map((ms) => ms + 1))
  cell.firstByte = distributionOf(lengths.map((ms) => ms * 0.9))
  cell.body = distributionOf(lengths.map((ms) => ms * 0.1))
  return { cell, seconds }
}

/** Returns the distribution of the given latencies. The longest latency is recorded first, so that the histogram grows only once. */
function distributionOf(lengthsMs: readonly number[]): Distribution {
  const made = new Distribution()
  for (const ms of lengthsMs.toSorted((a, b) => b - a)) made.recordMs(ms)
  return made
}
