export interface OfferOptions {
  /** Of the target. */
  origin: string
  /** Arrivals per second. */
  perSecond: number
  /** The number of measured seconds, after a window of 5 s. */
  seconds: number
}

/** What a worker that has one core made of the arrivals that were planned. */
export interface Offered {
  /** Planned arrivals of the whole run. */
  offered: number
  /** Started and dropped arrivals of the whole run. */
  counted: number
  /** Planned, started and dropped arrivals after the first window. */
  wanted: number
  started: number
  dropped: number
  /** How much later than planned 99 % of the requests were sent at most, milliseconds; null if none was sent after the first window. */
  lateP99Ms: number | null
}
