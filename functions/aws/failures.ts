import type { SQSClient } from '@aws-sdk/client-sqs'
import * as v from 'valibot'
import { moment, runName, text, textCaps } from '../../core/input/bounds.ts'
import { decode } from '../../core/input/decode.ts'
import { monotonicMs } from '../clock.ts'
import { keys } from '../keys.ts'
import type { FailedInvocation, StageName, Store } from '../ports.ts'
import { findPlan } from '../read-plan.ts'
import { areEqual, markOf, secretOf } from '../signature.ts'
import { failedBeforeClaim } from '../worker/failed-before-claim.ts'
import { receiveAll } from './received.ts'

/** The record that Lambda sends about a failed invocation (Lambda Developer Guide, "Capturing records of asynchronous invocations"). */
const record = v.object({
  timestamp: v.optional(v.string(), ''),
  requestContext: v.object({ functionArn: v.string(), condition: v.optional(v.string(), '') }),
  requestPayload: v.looseObject({
    run: v.pipe(v.string(), v.regex(runName)),
    mark: v.optional(text(textCaps.key)),
  }),
  responsePayload: v.optional(
    v.nullable(v.looseObject({ errorMessage: v.optional(v.string()), errorType: v.optional(v.string()) })),
  ),
})

const failed = v.strictObject({
  stage: v.picklist(['coordinator', 'hook', 'worker', 'merge', 'finalise'] satisfies StageName[]),
  event: v.unknown(),
  error: text(textCaps.message),
  at: v.exactOptional(moment),
  beforeClaim: v.exactOptional(v.literal(true)),
  /** The mark in the event of the invocation. This field is absent if the event has no mark. */
  mark: v.exactOptional(text(textCaps.key)),
})

export interface FailuresPlace {
  client: SQSClient
  /** The standard queue to which Lambda sends failed invocations. */
  queueUrl: string
  store: Store
}

/** The minimum time between two reads of the queue, in milliseconds. */
const askEveryMs = 1_000
const longestError = 300

/**
 * Reads failed invocations from the queue that all runs of a stack share. A reader may find the failure of another run. The reader therefore stores
 * each failure with the data of the failure's own run. Every coordinator of that run finds the failure there. Lambda sends a failure with the
 * permissions of the failed function. The code of a scenario has the same permissions, so it could send a false failure to the queue. A failure is
 * therefore accepted only if its event has the secret mark of the run, which the code of other runs cannot know.
 */
export class Failures {
  readonly #place: FailuresPlace
  readonly #functions: Record<string, StageName>
  readonly #known = new Map<string, FailedInvocation | null>()
  readonly #marks = new Map<string, string>()
  #askedAt = Number.NEGATIVE_INFINITY

  /**
   * Creates a reader.
   * @param functions maps the name of each function to its stage
   */
  constructor(place: FailuresPlace, functions: Record<string, StageName>) {
    this.#place = place
    this.#functions = functions
  }

  /** Returns the failures of a run that are known so far. Reads new failures at most once per second (`askEveryMs`). */
  async of(run: string): Promise<FailedInvocation[]> {
    const nowMs = monotonicMs()
    if (nowMs - this.#askedAt >= askEveryMs) {
      this.#askedAt = nowMs
      await this.#file()
      await this.#read(run)
    }
    const prefix = keys.failures(run)
    return [...this.#known].flatMap(([key, failure]) => (failure && key.startsWith(prefix) ? [failure] : []))
  }

  /**
   * Returns the mark for the events of a run. Returns undefined if the run does not sign its messages, or has no plan.
   * @throws BurstError (97) when the secret of the run is missing
   */
  async markOf(run: string): Promise<string | undefined> {
    const { store } = this.#place
    const known = this.#marks.get(run)
    if (known !== undefined || !(await findPlan(store, run))?.signed) return known
    const mark = markOf(await secretOf(store, run))
    this.#marks.set(run, mark)
    return mark
  }

  async #file(): Promise<void> {
    const { client, queueUrl, store } = this.#place
    await receiveAll(client, queueUrl, async (messages) => {
      for (const { MessageId = '', Body = '' } of messages) {
        const found = this.#failureIn(Body)
        if (!found) continue
        const { run, failure, mark } = found
        await store.put(keys.failure(run, MessageId), JSON.stringify({ ...failure, mark }))
      }
      return messages
    })
  }

  async #read(run: string): Promise<void> {
    const { store } = this.#place
    const unread = (await store.list(keys.failures(run))).filter((key) => !this.#known.has(key))
    for (const key of unread) {
      const stored = await store.get(key)
      if (stored) this.#known.set(key, await this.#genuine(run, stored.body))
    }
  }

  /**
   * Returns a stored failure. Returns null if the run has a mark and the event of the failure does not have this mark. In that case, no invocation of
   * the run caused the failure.
   */
  async #genuine(run: string, body: string): Promise<FailedInvocation | null> {
    const { mark = '', ...failure } = decode(failed, body, 'the failure of an invocation')
    const expected = await this.markOf(run)
    return expected === undefined || areEqual(mark, expected) ? failure : null
  }

  /**
   * Returns the failure that a record describes, and the name of its run. Returns undefined if the record does not name a run, or if it does not name
   * a function of this stack.
   */
  #failureIn(text: string): { run: string; failure: FailedInvocation; mark: string | undefined } | undefined {
    const parsed = v.safeParse(record, jsonIn(text))
    if (!parsed.success) return undefined
    const { timestamp, requestContext, requestPayload, responsePayload } = parsed.output
    const stage = this.#functions[functionIn(requestContext.functionArn)]
    if (!stage) return undefined
    // Credentials are removed, because they must not be stored.
    const { credentials: _, mark, ...event } = requestPayload
    const error = responsePayload?.errorMessage ?? inWords(requestContext.condition)
    const at = Date.parse(timestamp)
    const failure: FailedInvocation = { stage, event, error: error.slice(0, longestError) }
    if (!Number.isNaN(at)) failure.at = at
    if (stage === 'worker' && isEarly(parsed.output)) failure.beforeClaim = true
    return { run: requestPayload.run, failure, mark }
  }
}

/** Returns true if the worker never began, or if it failed before it tried to claim its slice. */
function isEarly({ requestContext, responsePayload }: v.InferOutput<typeof record>): boolean {
  return responsePayload?.errorType === failedBeforeClaim || neverBegan.has(requestContext.condition)
}

/** The conditions under which Lambda drops an invocation without having started it. */
const neverBegan: ReadonlySet<string> = new Set(['EventAgeExceeded', 'ZeroReservedConcurrency'])

function functionIn(arn: string): string {
  return arn.split(':')[6] ?? arn
}

function inWords(condition: string): string {
  if (condition === 'EventAgeExceeded')
    return 'Lambda did not start the invocation in time: the concurrency of the account is used up'
  return `Lambda did not run the invocation${condition ? ` (${condition})` : ''}`
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Lambda sends only JSON, so a string that is not JSON does not describe a failure.
    return undefined
  }
}
