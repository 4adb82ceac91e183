import type { Response } from '../../../core/authoring/requests/http.ts'
import type { CallPlan } from './http/chain.ts'
import type { Exchange } from './http/exchange.ts'
import type { Outgoing } from './http/outgoing.ts'
import type { Judged } from './http/judging/outcome.ts'

/** The counted values of a finished request, or of a round trip over a WebSocket connection. */
export interface CountedCall {
  readonly plan: Pick<CallPlan, 'row' | 'intentMs' | 'lagBeforeMs' | 'pacedLossMs'> & {
    readonly outgoing: Pick<Outgoing, 'method'>
  }
  readonly exchange: Pick<Exchange, 'sentMs' | 'firstByteMs' | 'endMs' | 'bytesIn' | 'chunks' | 'headers' | 'phases'>
  readonly outgoing: Pick<Outgoing, 'headers'>
  readonly url: string
  readonly calledMs: number
  readonly sentMs: number
  /** The time at which the measured latency ends. */
  readonly answeredMs: number
  readonly sendLagMs: number
  readonly timingErrorMs: number
  readonly hops: number
  readonly bytesOut: number
  readonly reconnects: number
}

/** How the request or the round trip ended. */
export type CountedOutcome = Pick<Judged, 'failure' | 'checks'> & {
  readonly response: Pick<Response, 'status' | 'latencyMs'>
}
