import type { Window } from './window.ts'

/** The counts by which the generator is judged, summed over workers and time. */
export interface GeneratorCounts {
  /**
   * The number of judged requests. Two kinds of finished requests are not judged: failures that burst itself caused, and requests that ended in the
   * first second of their attempt. The first second of an attempt is the first second in which a request of the attempt ended.
   */
  judged: number
  /**
   * The number of judged requests that were sent late, and the number of judged requests whose latency may be inaccurate. `JudgedSecond` defines
   * both.
   */
  late: number
  uncertain: number
  /** The number of finished requests, and the number of failures that burst itself caused. */
  sent: number
  failed: number
  /**
   * `lags` is the number of requests and other actions for which a lag was measured. `lostUs` is the lag, in microseconds, that reduced the load;
   * `WorkerCell` defines `lostUs`. `regainedUs` is the part of `lostUs` for which users caught up.
   */
  lags: number
  lostUs: number
  regainedUs: number
  /** The time in microseconds in which users existed, summed over the users. */
  userUs: number
  /** The number of arrivals that were due, and the number of arrivals that were dropped because burst was late. */
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

/** Adds the counts of a window, or of a part of a window. The caller must add each part exactly once. */
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
