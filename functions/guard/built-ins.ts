import { performance as realPerformance } from 'node:perf_hooks'

/**
 * The clock and the timers of the engine, saved before the scenario is loaded. User code may replace the global clock and timers, for example with
 * fake timers. The measurements of the engine must not depend on these replacements. The engine's files import these exports instead of using the
 * globals. Most exports have the names of the globals that they replace.
 */
const real = globalThis

export const setTimeout = real.setTimeout
export const clearTimeout = real.clearTimeout
export const setInterval = real.setInterval
export const clearInterval = real.clearInterval
export const setImmediate = real.setImmediate
const resolved = Promise.resolve()
// oxlint-disable-next-line typescript/unbound-method -- the built-in is remembered, and called with its promise
const { then } = Promise.prototype
const { apply } = Reflect

/** Runs `run` as a microtask. Node's `queueMicrotask` would create three objects per call for its hooks. `run` must not throw. */
export function asMicrotask(run: () => void): void {
  void apply(then, resolved, [run])
}

export const nextTick = process.nextTick.bind(process)
export const wallNowMs = Date.now.bind(Date)

const { nodeTiming } = realPerformance
const now = realPerformance.now.bind(realPerformance)
const eventLoopUtilization = realPerformance.eventLoopUtilization.bind(realPerformance)

export const performance = {
  now,
  eventLoopUtilization,
  get idleMs(): number {
    return nodeTiming.idleTime
  },
}
