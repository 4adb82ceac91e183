import { PerformanceObserver, monitorEventLoopDelay } from 'node:perf_hooks'
import { performance } from '../../../guard/built-ins.ts'
import type { WorkerCell } from '../../../../core/window/window.ts'
import { CoreWait } from './core-wait.ts'

const resolutionMs = 10

/**
 * Measures the thread of the engine: the delay and the busy fraction of its event loop, the time for which the thread waits for a core, and the
 * duration of garbage collections.
 */
export class Health {
  readonly #delay = monitorEventLoopDelay({ resolution: resolutionMs })
  readonly #observer: PerformanceObserver
  #utilization = performance.eventLoopUtilization()
  readonly #coreWait = new CoreWait()
  #coreWaitMs = this.#coreWait.totalMs(performance.now())
  #reportedMs = performance.now()
  #gcMs = 0
  #gcMaxMs = 0
  #lastRssMb = 0

  constructor() {
    this.#delay.enable()
    this.#observer = new PerformanceObserver((entries) => {
      for (const entry of entries.getEntries()) {
        this.#gcMs += entry.duration
        this.#gcMaxMs = Math.max(this.#gcMaxMs, entry.duration)
      }
    })
    this.#observer.observe({ entryTypes: ['gc'] })
  }

  /** Writes the measurements since the last call into the worker's cell. */
  report(cell: WorkerCell): void {
    const utilization = performance.eventLoopUtilization()
    cell.loopUtilization = performance.eventLoopUtilization(utilization, this.#utilization).utilization
    this.#utilization = utilization
    cell.coreWaitShare = this.#takeCoreWaitShare(performance.now())
    // Before the first measurement, the histogram may return 0 or NaN. `overResolution` returns 0 for both values.
    cell.loopDelayP99Ms = overResolution(this.#delay.percentile(99))
    cell.loopDelayMaxMs = overResolution(this.#delay.max)
    this.#delay.reset()
    cell.gcMs = this.#gcMs
    cell.gcMaxMs = this.#gcMaxMs
    this.#gcMs = 0
    this.#gcMaxMs = 0
    cell.rssMb = this.#rssMb()
  }

  /** Returns the resident memory in MiB. Node reads this value from a file. If no file descriptor is free, returns the previous value. */
  #rssMb(): number {
    try {
      this.#lastRssMb = process.memoryUsage.rss() / 1_048_576
    } catch (error) {
      if (!isShortage(error)) throw error
    }
    return this.#lastRssMb
  }

  /**
   * Returns the time for which the thread has waited for a core since the last call of this method, as a fraction (0–1) of the time since that call.
   */
  #takeCoreWaitShare(nowMs: number): number {
    const [sinceMs, beforeMs] = [nowMs - this.#reportedMs, this.#coreWaitMs]
    this.#reportedMs = nowMs
    this.#coreWaitMs = this.#coreWait.totalMs(nowMs)
    return sinceMs <= 0 ? 0 : Math.min(1, (this.#coreWaitMs - beforeMs) / sinceMs)
  }

  close(): void {
    this.#delay.disable()
    this.#observer.disconnect()
  }
}

function isShortage(error: unknown): boolean {
  const { code } = error as { code?: string }
  return code === 'EMFILE' || code === 'ENFILE'
}

function overResolution(ns: number): number {
  const ms = ns / 1e6 - resolutionMs
  return Number.isFinite(ms) && ms > 0 ? Math.round(ms * 1000) / 1000 : 0
}
