/**
 * What the three stages need from where they run. On AWS these are S3, SQS and Lambda; with `--local` files, a queue in memory and child
 * processes. Both are at-least-once and eventually complain; the handlers rely on nothing more.
 */

export interface StoredObject {
  body: string
  /** Names this version of the object. */
  etag: string
}

/** An object store with conditional writes (S3's semantics). Keys are `/`-separated. */
export interface Store {
  get(key: string): Promise<StoredObject | undefined>
  /**
   * Writes the object, whole or not at all.
   * @returns its etag, or undefined when the condition did not hold: `ifAbsent` and there is one, or `ifMatch` and it is another version
   */
  put(key: string, body: string, condition?: PutCondition): Promise<string | undefined>
  /** Keys that begin with `prefix`, sorted. */
  list(prefix: string): Promise<string[]>
  delete(key: string): Promise<void>
}

export type PutCondition = { ifAbsent: true } | { ifMatch: string }

/** One message of the queue between workers and reducers. `id` is its identity: a repeat carries the same. */
export interface QueueMessage {
  id: string
  /** Messages of one group are merged by one reducer at a time. */
  group: string
  body: string
}

export interface Queue {
  /** Resolves when all are safely queued. At least once; order is not kept. */
  send(messages: readonly QueueMessage[]): Promise<void>
}

export type StageName = 'coordinator' | 'hook' | 'worker' | 'merge' | 'finalise'

export interface FailedInvocation {
  stage: StageName
  event: unknown
  /** One sentence. */
  error: string
  /** When it ended, epoch milliseconds, where that is known. */
  at?: number
}

export interface Invoker {
  /** Starts a stage and returns when it is accepted, not when it is done (Lambda's `Event`). */
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

/** Where a handler runs. */
export interface Environment {
  store: Store
  queue: Queue
  invoker: Invoker
  clock: Clock
  /** Identity of the code; compared with the plan's. */
  build: string
  /** Hosts that workers may load, also `*.example.com`. Default: any. */
  allow?: readonly string[]
  /** Memory of this process, megabytes. Default: the machine's. */
  memoryMb?: number
  /** How much longer this invocation may run. */
  remainingMs(): number
  /** One JSON line for the operator's log; never one per request. */
  log(event: string, fields?: Record<string, unknown>): void
}

/** What a queue hands to the `merge` stage (the part of Lambda's SQS event that it uses). */
export interface QueueEvent {
  Records: {
    messageId: string
    body: string
    attributes: {
      MessageGroupId: string
      /** How often it was delivered, this time included, as a number in text. Default: not counted. */
      ApproximateReceiveCount?: string
    }
    /** The handle of this delivery, needed to give the message back. */
    receiptHandle?: string
  }[]
}

/** What `merge` gives back: these messages are to be delivered again. */
export interface QueueResponse {
  batchItemFailures: { itemIdentifier: string }[]
}
