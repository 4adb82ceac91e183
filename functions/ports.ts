/**
 * The interfaces through which the stages use their environment. On AWS, the environment consists of S3, SQS and Lambda. With `--local`, it consists
 * of files, a queue in memory and child processes. The queue and the invoker guarantee only that they deliver at least once and that they eventually
 * report failures.
 */

export interface StoredObject {
  body: string
  /** Identifies this version of the object. */
  etag: string
}

/** An object store that has conditional writes and the semantics of S3. Keys are `/`-separated. */
export interface Store {
  get(key: string): Promise<StoredObject | undefined>
  /**
   * Writes the object completely or not at all.
   * @returns the etag of the object. Returns undefined if the condition did not hold: `ifAbsent` was given and the object exists, or `ifMatch` was
   * given and the object does not exist or has a different etag.
   */
  put(key: string, body: string, condition?: PutCondition): Promise<string | undefined>
  /** Returns the keys that begin with `prefix`, sorted. */
  list(prefix: string): Promise<string[]>
  delete(key: string): Promise<void>
}

export type PutCondition = { ifAbsent: true } | { ifMatch: string }

/**
 * One message of the queue between workers and reducers. `id` identifies the message. If a message is sent twice, it has the same `id` both times.
 */
export interface QueueMessage {
  id: string
  /** The group of the message. One reducer at a time merges the messages of a group. */
  group: string
  body: string
}

export interface Queue {
  /** Resolves when all messages are in the queue. The queue may deliver each message more than once, in any order. */
  send(messages: readonly QueueMessage[]): Promise<void>
  /**
   * Returns the approximate number of messages that have been sent but not merged yet. The number includes the messages of all runs that share the
   * queue. The number for one run is unknown, because SQS counts only the messages of the whole queue, and a killed worker does not report how many
   * messages it sent. If this method is missing, the number is unknown.
   */
  waiting?(): Promise<number>
}

export type StageName = 'coordinator' | 'hook' | 'worker' | 'merge' | 'finalise'

export interface FailedInvocation {
  stage: StageName
  event: unknown
  /**
   * The error message. It may have several lines and contain identifiers of the platform (`causeOfLoss` shortens it). At most 300 characters on AWS.
   */
  error: string
  /** The time at which the invocation ended, in epoch milliseconds, if known. */
  at?: number
  /** `true` if the invocation of a worker failed before the worker tried to claim its slice. Default: unknown. */
  beforeClaim?: true
}

export interface Invoker {
  /** Starts a stage. Resolves when the invocation is accepted, before the stage has finished. On Lambda, this is the invocation type `Event`. */
  invoke(stage: StageName, event: unknown): Promise<void>
  /**
   * Returns the invocations of a run that ended with an error, crashed, or were accepted but never started. The list may contain an invocation more
   * than once.
   */
  failed(run: string): Promise<FailedInvocation[]>
}

/** The wall clock, and a function that sleeps. */
export interface Clock {
  /** Returns the current time in epoch milliseconds. */
  nowMs(): number
  sleep(ms: number): Promise<void>
}

/** The environment of a handler. */
export interface Environment {
  store: Store
  queue: Queue
  invoker: Invoker
  clock: Clock
  /**
   * The build of the code. The coordinator, the workers and the reducers refuse a plan or a message of a different build. The finaliser accepts a
   * plan of a different build, and the report contains the difference as a failure.
   */
  build: string
  /** The hosts that workers and hooks may reach, for example `*.example.com`. Default: any host. */
  allow?: readonly string[]
  /** The memory of this process, in megabytes. Default: the memory of the machine. */
  memoryMb?: number
  /** Returns how long this invocation may still run, in milliseconds. */
  remainingMs(): number
  /** Writes an event to the operator's log, on AWS as one line of JSON. This function must not be called for each request. */
  log(event: string, fields?: Record<string, unknown>): void
}

/** The event with which a queue invokes the `merge` stage. It has only the fields of Lambda's SQS event that burst uses. */
export interface QueueEvent {
  Records: {
    messageId: string
    body: string
    attributes: {
      MessageGroupId: string
      /** The number of deliveries of the message, including this one, as a decimal string. Default: not counted. */
      ApproximateReceiveCount?: string
    }
    /** The handle of this delivery, which is needed to return the message to SQS. Absent in a local run. */
    receiptHandle?: string
  }[]
}

/** The result of `merge`: messages that must be delivered again. */
export interface QueueResponse {
  batchItemFailures: { itemIdentifier: string }[]
}
