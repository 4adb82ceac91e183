import { BurstError, type ExitReason } from '../../../core/errors.ts'
import type { ClockAnchor } from '../../../functions/clock.ts'
import { FailedBeforeClaim } from '../../../functions/worker/failed-before-claim.ts'
import type { FailedInvocation, PutCondition, QueueMessage, StageName, StoredObject } from '../../../functions/ports.ts'

/**
 * The functions of the parent that a stage's process can call: the ports, as a flat list. `functions/ports.ts` defines their arguments and
 * results.
 */
export interface Ports {
  get(key: string): Promise<StoredObject | undefined>
  put(key: string, body: string, condition?: PutCondition): Promise<string | undefined>
  list(prefix: string): Promise<string[]>
  delete(key: string): Promise<void>
  send(messages: readonly QueueMessage[]): Promise<void>
  waiting(): Promise<number>
  invoke(stage: StageName, event: unknown): Promise<void>
  failed(run: string): Promise<FailedInvocation[]>
}

/** The load that burst estimates before it has planned the run: the probable number of workers, and the maximum number of users of one worker. */
export interface ExpectedLoad {
  workers: number
  users: number
}

/** The stages whose code a process can load before the process receives an order. */
export type PreparedStage = 'coordinator' | 'worker'

/**
 * The messages from the parent process. `run` is an order. The process answers an order with one message, `done` or `failed`. The field `order` of
 * this message contains the number of the order. `answer` is the result of a `call`, and `refusal` is the error of a `call`.
 */
export type ToChild =
  | {
      kind: 'run'
      order: number
      stage: StageName
      event: unknown
      build: string
      limitMs: number
      anchor: ClockAnchor
      stages: string
      /** The folder for the temporary files of the process. Default: burst's own temporary folder. */
      workFolder: string | undefined
    }
  /** Names the stage of the first order in advance, so that the process can already load the code of this stage. */
  | { kind: 'prepare'; stage: PreparedStage; expected: ExpectedLoad }
  | { kind: 'answer'; call: number; value: unknown }
  | { kind: 'refusal'; call: number; error: SentError }

/** The messages from a stage's process. */
export type ToParent =
  | { kind: 'call'; call: number; port: keyof Ports; args: unknown[] }
  | { kind: 'log'; event: string; fields: Record<string, unknown> }
  | { kind: 'done'; order: number; value: unknown }
  | { kind: 'failed'; order: number; error: SentError }

/** An error as plain data, which can be sent to another process. */
export interface SentError {
  message: string
  /** Set if the error is a BurstError. */
  reason?: ExitReason
  hint?: string
  at?: string
  stack?: string
  /** Set if the error is a FailedBeforeClaim. */
  beforeClaim?: true
}

export function sendable(error: unknown): SentError {
  if (error instanceof FailedBeforeClaim) return { ...sendable(error.cause), beforeClaim: true }
  if (!(error instanceof Error)) return { message: String(error) }
  const stack = error.stack === undefined ? {} : { stack: error.stack }
  if (!(error instanceof BurstError)) return { message: error.message || error.name, ...stack }
  const { message, reason, hint, at } = error
  return { message, reason, ...stack, ...(hint === undefined ? {} : { hint }), ...(at === undefined ? {} : { at }) }
}

/** Returns the error that the other process threw: a BurstError, a FailedBeforeClaim, or an Error. */
export function received({ beforeClaim, ...error }: SentError): Error {
  if (beforeClaim) return new FailedBeforeClaim(received(error))
  if (error.reason) return new BurstError(error.reason, error.message, error)
  const made = new Error(error.message)
  if (error.stack !== undefined) made.stack = error.stack
  return made
}
