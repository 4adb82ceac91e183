import type { ReadonlyHeaders, Response } from '../../../../../core/authoring/requests/http.ts'
import { inWords } from '../../../../../core/values-in-words.ts'
import { type Check, type CheckResult, runChecks } from './checks.ts'
import type { Exchange } from '../exchange.ts'
import type { BodyRule, Expected } from './expected.ts'
import type { Failure } from '../failure.ts'
import { ResponseHeaders } from '../sending/headers.ts'
import { type Extraction, type Source, type Taken, brokenBy, taking } from './extract.ts'
import { isThenable, judgeByOwn } from './own-judgement.ts'
import { FinishedResponse, ResponseBody } from './response.ts'
import { watchStatus } from './watched-response.ts'

/** The properties of a finished call that are needed to judge the call. */
export interface Judgeable {
  readonly exchange: Exchange
  /** The time at which the first hop was written; 0 if no hop was written. */
  readonly sentMs: number
  /** The time at which the measured latency ends. */
  readonly answeredMs: number
  readonly expectation: Expected | undefined
  readonly extractions: readonly Extraction[]
  readonly checks: readonly Check[]
  /** `true` if the scenario may read the body. */
  readonly bodyAsked: boolean
  /** The plan of the request. `timeoutMs` is also the time limit for a promise that a function of the scenario returns. */
  readonly plan: { readonly timeoutMs: number; readonly verify: ((body: ResponseBody) => Failure | null) | null }
}

/** The outcome of a request. `failure` is the first failure of the request; null if the request did not fail. */
export interface Judged {
  response: Response
  failure: Failure | null
  /** The extracted values, in the order of the extractions. */
  values: unknown[]
  checks: CheckResult[]
}

/**
 * Judges a finished call. Runs only when the ready queue resumes the user, because it takes time to decompress and parse the body. Never throws or
 * rejects.
 */
export function judgeCall(call: Judgeable, transport: Failure | null): Judged | Promise<Judged> {
  const headers = new ResponseHeaders(call.exchange.headers)
  const body = new ResponseBody(call.exchange, headers, call.bodyAsked)
  const response = responseOf(call, { transport, headers, body })
  const judged: Judged = { response, failure: transport, values: [], checks: [] }
  try {
    return judgeResponse(call, judged, body)
  } catch (thrown) {
    return { ...judged, failure: brokenBy(thrown, 'expect') }
  }
}

function judgeResponse(call: Judgeable, judged: Judged, body: ResponseBody): Judged | Promise<Judged> {
  const checks = call.checks.length === 0 ? judged.checks : runChecks(call, judged.response)
  const own = judged.failure ?? failureIn(call, judged.response, body)
  if (isThenable(checks) || isThenable(own)) return judgeLater(call, { judged, checks, own }, body)
  judged.checks = checks
  judged.failure = own ?? body.shortage
  return judged.failure || call.extractions.length === 0 ? judged : extractAll(call, judged, body)
}

/** Returns the first failure that the expectations, the rules for statuses or `verify` find in a response; null if there is none. */
function failureIn(
  { expectation: expected, plan }: Judgeable,
  response: Response,
  body: ResponseBody,
): Failure | null | Promise<Failure | null> {
  if (!expected) return statusFailure(response.status) ?? verified(plan, response, body)
  const failure = plainFailure(expected, response, body) ?? verified(plan, response, body)
  if (failure || expected.bodies.length + expected.tests.length === 0) return failure
  return ownFailure({ ...expected, ...plan }, response, body)
}

function verified({ verify }: Judgeable['plan'], { ok }: Response, body: ResponseBody): Failure | null {
  return verify && ok ? verify(body) : null
}

interface Pieces {
  judged: Judged
  checks: CheckResult[] | Promise<CheckResult[]>
  own: Failure | null | Promise<Failure | null>
}

/** Judges a call whose checks or expectations return promises. */
async function judgeLater(call: Judgeable, { judged, checks, own }: Pieces, body: ResponseBody): Promise<Judged> {
  judged.checks = await checks
  judged.failure = (await own) ?? body.shortage
  return judged.failure ? judged : extractAll(call, judged, body)
}

function responseOf(
  { exchange, sentMs, answeredMs }: Judgeable,
  { transport, headers, body }: { transport: Failure | null; headers: ReadonlyHeaders; body: ResponseBody },
): Response {
  // After a refused redirect, the status is the status of the redirect. After a network error, the status is 0, even if earlier hops had a status.
  const status = exchange.error ? 0 : exchange.status
  const facts = {
    ok: !transport && status >= 200 && status < 400,
    status,
    headers,
    latencyMs: sentMs === 0 ? 0 : answeredMs - sentMs,
    error: transport?.message ?? null,
  }
  return new FinishedResponse(facts, body)
}

function statusFailure(status: number): Failure | null {
  return status >= 400 ? { kind: 'status', message: `HTTP ${status}` } : null
}

/** Checks the expectations that are not functions of the scenario. */
function plainFailure(expected: Expected, { status, latencyMs }: Response, body: ResponseBody): Failure | null {
  const failure = expectedStatusFailure(expected, status)
  if (failure) return failure
  const { under, bodies } = expected
  if (under && latencyMs >= under.ms) return { kind: 'expect', message: `expected under ${under.text}` }
  return bodies.length === 0 ? null : bodiesFailure(bodies, body)
}

function expectedStatusFailure({ status: wanted, tests }: Expected, status: number): Failure | null {
  // If there are functions for the response, `ownFailure` applies the default rule for the status. It does so after these functions, and only if none
  // of these functions has read the status.
  if (!wanted) return tests.length > 0 ? null : statusFailure(status)
  if (wanted.includes(status)) return null
  return { kind: 'expect', message: `expected status ${wanted.join(' or ')}, got ${status}` }
}

function bodiesFailure(bodies: readonly BodyRule[], body: ResponseBody): Failure | null {
  const text = body.text()
  if (typeof text !== 'string') return text
  for (const rule of bodies) {
    if (typeof rule === 'string' && !text.includes(rule)) {
      return { kind: 'expect', message: `expected ${inWords(rule)} in the body` }
    }
    if (rule instanceof RegExp && !matches(rule, text)) {
      return { kind: 'expect', message: `expected a body that matches ${rule}` }
    }
  }
  return null
}

function matches(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0
  return pattern.test(text)
}

type Own = () => Failure | null | Promise<Failure | null>

/**
 * Runs the scenario's own functions one after another. Then applies the default rule for the status if three conditions hold: there are functions for
 * the response, no status is expected, and no function has read the status. Returns the first failure; null if there is none.
 */
function ownFailure(
  { status, bodies, tests, timeoutMs: limitMs }: Expected & Judgeable['plan'],
  response: Response,
  body: ResponseBody,
): Failure | null | Promise<Failure | null> {
  if (tests.length === 0 && !bodies.some((rule) => typeof rule === 'function')) return null
  const ofBody = bodies.filter((rule) => typeof rule === 'function')
  const watched = watchStatus(response)
  const own: Own[] = [
    ...ofBody.map((rule) => () => judgeByOwn({ run: rule, subject: body.text(), message: undefined, limitMs })),
    ...tests.map((test) => () => judgeByOwn({ ...test, subject: watched.response, limitMs })),
    () => (status === undefined && tests.length > 0 && !watched.looked ? statusFailure(response.status) : null),
  ]
  return firstFailure(own)
}

function firstFailure(own: readonly Own[], from = 0): Failure | null | Promise<Failure | null> {
  for (let at = from; at < own.length; at++) {
    const found = own[at]?.() ?? null
    if (isThenable(found)) return found.then((late) => late ?? firstFailure(own, at + 1))
    if (found) return found
  }
  return null
}

function extractAll(
  call: Pick<Judgeable, 'extractions' | 'plan'>,
  judged: Judged,
  body: ResponseBody,
): Judged | Promise<Judged> {
  const from = { response: judged.response, body, limitMs: call.plan.timeoutMs }
  for (let at = 0; at < call.extractions.length; at++) {
    const taken = taking(call.extractions[at] as Extraction, from)
    if (isThenable(taken)) return extractLater(taken, call.extractions.slice(at + 1), judged, from)
    if ('failure' in taken) return { ...judged, failure: taken.failure }
    judged.values.push(taken.value)
  }
  return judged
}

/** Awaits the first asynchronous extraction, and then extracts the remaining values. */
async function extractLater(
  first: Promise<Taken>,
  others: readonly Extraction[],
  judged: Judged,
  from: Source,
): Promise<Judged> {
  let taken = await first
  for (const extraction of others) {
    if ('failure' in taken) break
    judged.values.push(taken.value)
    taken = await taking(extraction, from)
  }
  if ('failure' in taken) return { ...judged, failure: taken.failure }
  judged.values.push(taken.value)
  return judged
}
