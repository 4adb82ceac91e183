export interface OfferOptions {
  /** The origin of the target. */
  origin: string
  /** The rate in arrivals per second. */
  perSecond: number
  /** The duration of the measurement, in seconds. The measurement begins after the first window of 5 s. */
  seconds: number
}

/** The results of one run with arrivals, for a worker with one core. */
export interface Offered {
  /** The number of planned arrivals of the whole run. */
  offered: number
  /** The number of started or dropped arrivals of the whole run. */
  counted: number
  /** The numbers of planned, started and dropped arrivals after the first window. */
  wanted: number
  started: number
  dropped: number
  /** The 99th percentile of the lateness of requests, in milliseconds. Null if no request was sent after the first window. */
  lateP99Ms: number | null
}
