import type { Window } from './window.ts'

/** The counts that show whether burst itself kept up, summed over workers and time. */
export interface GeneratorCounts {
  /** Requests that were judged: all but those of the first second of a worker. */
  judged: number
  /** Of these, how many were sent late, and how many latencies may be inaccurate, as `JudgedSecond` defines them. */
  late: number
  uncertain: number
  /** All requests that were sent, and those that failed on burst's own side. */
  sent: number
  failed: number
  /** How many requests have a lag, and the lag that cost load, microseconds, as `WorkerCell` defines it. */
  lags: number
  lostUs: number
  regainedUs: number
  /** Time in which users existed, summed over the users, microseconds. */
  userUs: number
  /** Arrivals that were due, and those of them that were dropped because burst was late. */
  arrivalsDue: number
  arrivalsLate: number
}

export function noGeneratorCounts(): GeneratorCounts {
  return {
    judged: 0,
    late: 0,
    uncertain: 0,
    sent: 0,
    failed: 0,
    lags: 0,
    lostUs: 0,
    regainedUs: 0,
    userUs: 0,
    arrivalsDue: 0,
    arrivalsLate: 0,
  }
}

/** Adds the counts of a window, or of a part of a window. Each part must be added exactly once. */
export function addToGeneratorCounts(into: GeneratorCounts, { workers, seconds, arrivals }: Window): void {
  for (const { judged, requests, generatorErrors, lag, lostUs, regainedUs } of workers.values()) {
    for (const one of judged.values()) {
      into.judged += one.requests
      into.late += one.late
      into.uncertain += one.uncertain
    }
    into.sent += requests
    into.failed += generatorErrors
    into.lags += lag.count
    into.lostUs += lostUs
    into.regainedUs += regainedUs
  }
  for (const { userUs, draining } of seconds.values()) into.userUs += userUs + 1_000_000 * draining
  into.arrivalsDue += arrivals.started + arrivals.droppedPool + arrivals.droppedGenerator
  into.arrivalsLate += arrivals.droppedGenerator
}

export function sumOfGeneratorCounts(all: readonly GeneratorCounts[]): GeneratorCounts {
  const sum = noGeneratorCounts()
  for (const counts of all) {
    for (const key of Object.keys(sum) as (keyof GeneratorCounts)[]) sum[key] += counts[key]
  }
  return sum
}
