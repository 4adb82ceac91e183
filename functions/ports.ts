/**
 * The interfaces through which the stages use their environment. On AWS these are S3, SQS and Lambda; with `--local` they are files, a
 * queue in memory and child processes. The queue and the invoker deliver at least once and eventually report failures; the handlers rely on
 * nothing more.
 */

export interface StoredObject {
  body: string
  /** Identifies this version of the object. */
  etag: string
}

/** An object store with conditional writes (S3's semantics). Keys are `/`-separated. */
export interface Store {
  get(key: string): Promise<StoredObject | undefined>
  /**
   * Writes the object completely or not at all.
   * @returns its etag, or undefined when the condition did not hold: with `ifAbsent` the object exists, or with `ifMatch` it has another
   * version
   */
  put(key: string, body: string, condition?: PutCondition): Promise<string | undefined>
  /** Keys that begin with `prefix`, sorted. */
  list(prefix: string): Promise<string[]>
  delete(key: string): Promise<void>
}

export type PutCondition = { ifAbsent: true } | { ifMatch: string }

/** One message of the queue between workers and reducers. `id` identifies the message; a repeat of the message has the same `id`. */
export interface QueueMessage {
  id: string
  /** Messages of one group are merged by one reducer at a time. */
  group: string
  body: string
}

export interface Queue {
  /** Resolves when all messages are in the queue. Each may be delivered more than once, in any order. */
  send(messages: readonly QueueMessage[]): Promise<void>
  /** About how many messages were sent and not merged yet, of all runs that share the queue. Default: unknown. */
  waiting?(): Promise<number>
}

export type StageName = 'coordinator' | 'hook' | 'worker' | 'merge' | 'finalise'

export interface FailedInvocation {
  stage: StageName
  event: unknown
  /** One sentence. */
  error: string
  /** The time at which the invocation ended, epoch milliseconds, if known. */
  at?: number
}

export interface Invoker {
  /** Starts a stage. Resolves when the invocation is accepted, not when the stage has finished (Lambda's `Event`). */
  invoke(stage: StageName, event: unknown): Promise<void>
  /** Invocations of this run that ended with an error or crashed, each returned at least once. */
  failed(run: string): Promise<FailedInvocation[]>
}

/** Wall-clock time and waiting. */
export interface Clock {
  /** Epoch milliseconds. */
  nowMs(): number
  sleep(ms: number): Promise<void>
}

/** The environment of a handler. */
export interface Environment {
  store: Store
  queue: Queue
  invoker: Invoker
  clock: Clock
  /** The build of the code; compared with the plan's. */
  build: string
  /** Hosts that workers may load, for example `*.example.com`. Default: any host. */
  allow?: readonly string[]
  /** Memory of this process, megabytes. Default: the machine's. */
  memoryMb?: number
  /** Returns how long this invocation may still run, milliseconds. */
  remainingMs(): number
  /** One JSON line for the operator's log; never one per request. */
  log(event: string, fields?: Record<string, unknown>): void
}

/** The event with which a queue invokes the `merge` stage (the used part of Lambda's SQS event). */
export interface QueueEvent {
  Records: {
    messageId: string
    body: string
    attributes: {
      MessageGroupId: string
      /** The number of deliveries of the message, including this one, as a decimal string. Default: not counted. */
      ApproximateReceiveCount?: string
    }
    /** The handle of this delivery, needed to give the message back. */
    receiptHandle?: string
  }[]
}

/** The result of `merge`: messages that must be delivered again. */
export interface QueueResponse {
  batchItemFailures: { itemIdentifier: string }[]
}
