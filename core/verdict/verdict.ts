import { type ExitReason, exitCodes } from '../errors.ts'
import { counted, moment } from '../words.ts'
import { type Delivery, deliveryFindings } from './completeness/delivery.ts'
import type { Finding } from './finding.ts'
import { generatorFindings } from './generator/doubts.ts'
import { shortened } from './completeness/loss.ts'
import { resultOf as resultOfSearch } from '../fleet/changes/search.ts'
import { type Searched, searchFindings, searchInWords } from './searched.ts'
import type { Completeness, GeneratorVerdict, Verdict } from './results.ts'
import { type UnendedName, unendedFindings } from './unended.ts'
import { type JudgedThreshold, type Work, areSameIfShorter, inFigures, ofTheWork } from './work.ts'

/** The end of the remark that latencies may be too long. */
const unchanged = 'shorter latencies would not change the result of the thresholds'

/** All facts on which the verdict of a run is based. */
export interface Findings {
  failure: { reason: 'runFailed' | 'scenarioThrew'; message: string } | null
  /**
   * The stop by a person or by burst; null if the run was not stopped. `atS` is in seconds since the start. `early`: the plan has an end, and the
   * stop was before this end. `aborted`: burst stopped the run because a threshold of `abortOn` failed. `searched`: burst stopped the run because its
   * search had ended.
   */
  stop: { reason: string; atS: number; early: boolean; aborted?: { certain: boolean }; searched?: true } | null
  /** The search for the highest load; absent if the run had no search. */
  search?: Searched
  /** `true` if every worker was lost. */
  allWorkersLost: boolean
  completeness: Pick<Completeness, 'complete' | 'lost'>
  generator: Pick<GeneratorVerdict, 'result' | 'reasons' | 'uncertainShare' | 'judgedRequests'>
  thresholds: readonly JudgedThreshold[]
  /** `true` if the delays that make latencies too long also lowered the load by more than 2 %. */
  delaysLoad: boolean
  work: Work
  /** The names with requests that never ended. The percentiles of these names do not include such requests. */
  unended: readonly UnendedName[]
  delivery: Delivery
  failOnError: boolean
  failOnInconclusive: boolean
  /** Remarks that do not change the result. Default: none. */
  warnings?: readonly string[]
}

/**
 * Returns the verdict: the result, a sentence about every finding, and the exit code of the finding with the highest precedence (`exitReason` gives
 * the exception for `--fail-on-inconclusive`).
 */
export function judgeRun(findings: Findings): Verdict {
  const found = neverBegan(findings) ? ofTheRun(findings) : allOf(findings)
  const byWeight = found.toSorted((a, b) => weight(a) - weight(b))
  const result = resultOf(found, findings.thresholds.length > 0 || isFound(findings))
  const ordered = byWeight.toSorted((a, b) => place(a, result) - place(b, result))
  return {
    result,
    reasons: reasonsOf(ordered, findings),
    exitCode: exitCodes[exitReason(byWeight[0]?.reason ?? 'ok', result, findings)],
    stoppedBy: personsStop(findings)?.reason ?? null,
  }
}

function reasonsOf(ordered: readonly Finding[], findings: Findings): string[] {
  const { search } = findings
  const found = search && isFound(findings) ? [searchInWords(search)] : []
  const sentences = [...found, ...ordered.map((one) => one.sentence)]
  return [
    ...(sentences.length > 0 ? sentences : [inFigures(findings)]),
    ...harmlessDelay(findings),
    ...(findings.warnings ?? []),
  ]
}

/**
 * Returns the remark that latencies may be too long, if shorter latencies would not change the result. Returns no remark in a search, because a
 * search judges its steps instead.
 */
function harmlessDelay(findings: Findings): string[] {
  const { inaccurate } = generatorFindings(findings.generator)
  return inaccurate === null || findings.search || !isDelayHarmless(findings) ? [] : [`${inaccurate}; ${unchanged}`]
}

/**
 * Returns whether the result would be the same without the delays that make latencies too long. If an `abortOn` rule stopped the run, the stop must be
 * certain too.
 */
function isDelayHarmless({ generator, thresholds, stop, delaysLoad }: Findings): boolean {
  const isStopSure = !stop?.aborted || stop.aborted.certain
  return generator.result !== 'bound' && isStopSure && areSameIfShorter(thresholds, delaysLoad)
}

function isFound({ search }: Findings): boolean {
  return search !== undefined && resultOfSearch(search.plan, search.steps) === 'found'
}

function allOf(findings: Findings): Finding[] {
  const { failure, delivery, search } = findings
  // If the run failed and its load ended before the planned end, the failure explains why load is missing.
  const isEndExplained = failure !== null && partOf(delivery) !== ''
  return [
    ...ofTheRun(findings),
    ...ofCompleteness(findings),
    ...ofTheWork(findings),
    // A search judges the load and the generator for each step. The findings of the search therefore replace the findings about the load and the
    // generator of the whole run.
    ...(search ? searchFindings(search) : ofTheLoad(findings, isEndExplained)),
  ]
}

function ofTheLoad(findings: Findings, isEndExplained: boolean): Finding[] {
  const { delivery, unended, work } = findings
  const ended = work.requests + work.recorded + work.steps > 0
  return [
    ...deliveryFindings(delivery, isEndExplained),
    // Omits unended requests if no request, recorded sample or step ended, because another finding already states that none of the sent requests
    // ended.
    ...(ended ? unendedFindings(unended) : []),
    ...ofGenerator(findings),
  ]
}

/**
 * Returns the reason that determines the exit code. With `--fail-on-inconclusive`, an inconclusive run has exit code 96, except if a finding with a
 * higher precedence exists.
 */
function exitReason(
  weightiest: ExitReason,
  result: Verdict['result'],
  { failOnInconclusive }: Pick<Findings, 'failOnInconclusive'>,
): ExitReason {
  if (!failOnInconclusive || result !== 'inconclusive') return weightiest
  return weightiest === 'ok' || weightiest === 'thresholdFailed' ? 'inconclusive' : weightiest
}

/**
 * Returns whether the run failed before its load began. In this case, the verdict contains only the findings about the run itself (its failure and
 * its stop) and the warnings.
 */
function neverBegan({ failure, work }: Findings): boolean {
  return failure !== null && work.requests + work.recorded === 0 && work.usersStarted === 0
}

/**
 * Returns the position of a finding in the list. A failure of the run with the result `failed` comes first, then findings with `foremost`, then
 * findings with the same result as the run, and then all other findings.
 */
function place({ reason, result, foremost }: Finding, verdict: Verdict['result']): number {
  if (result === 'failed' && (reason === 'runFailed' || reason === 'scenarioThrew')) return 0
  if (foremost === true) return 1
  return result === verdict ? 2 : 3
}

/** The names of the exit codes, in order of precedence. `ok` is the exception: it comes first, but has the lowest precedence. */
const precedence = Object.keys(exitCodes)

function weight({ reason }: Finding): number {
  return reason === 'ok' ? precedence.length : precedence.indexOf(reason)
}

/**
 * Returns the result. The result is `failed` if the finding about the failure of the run has the result `failed`, or if the target certainly failed.
 * Doubts about the generator do not change this result. In all other cases, doubts about the measurements take precedence over failed thresholds, and
 * failed thresholds take precedence over an early stop by a person.
 */
function resultOf(found: readonly Finding[], judged: boolean): Verdict['result'] {
  const has = (result: Finding['result'], ...reasons: ExitReason[]): boolean =>
    found.some((one) => one.result === result && (reasons.length === 0 || reasons.includes(one.reason)))
  if (has('failed', 'scenarioThrew', 'runFailed') || found.some((one) => one.certain)) return 'failed'
  if (has('inconclusive', 'runFailed', 'incomplete', 'ok')) return 'inconclusive'
  if (has('failed')) return 'failed'
  if (has('inconclusive')) return 'inconclusive'
  return judged ? 'passed' : 'unjudged'
}

function ofTheRun(findings: Findings): Finding[] {
  const { failure, stop, allWorkersLost } = findings
  const found = failure ? [failed(failure, findings)] : []
  if (!failure && !stop && allWorkersLost) {
    found.push({
      reason: 'runFailed',
      result: 'failed',
      sentence: 'all workers ended before the planned end of the load',
    })
  }
  return [...found, ...ofTheStop(findings)]
}

function ofTheStop(findings: Findings): Finding[] {
  const { stop } = findings
  if (stop?.aborted) return [abortion(stop, stop.aborted)]
  const byPerson = personsStop(findings)
  if (!byPerson) return []
  const sentence = `stopped by a person at ${moment(byPerson.atS)} (${shortened(byPerson.reason)})`
  return [{ reason: 'stopped', result: byPerson.early ? 'inconclusive' : null, sentence }]
}

function abortion({ atS, reason }: NonNullable<Findings['stop']>, { certain }: { certain: boolean }): Finding {
  const sentence = `stopped at ${moment(atS)}: ${shortened(reason)}`
  return { reason: 'thresholdFailed', result: 'failed', sentence, certain, foremost: true }
}

/**
 * Returns the finding about a failed run. If the infrastructure failed after the load had begun, the result is `inconclusive`, because the report
 * contains the measurements up to the failure. The result is `failed` if the scenario threw an error, if the load never began, or if all workers were
 * lost.
 */
function failed({ reason, message }: NonNullable<Findings['failure']>, findings: Findings): Finding {
  const partial = reason === 'runFailed' && !findings.allWorkersLost && !neverBegan(findings)
  if (!partial) return { reason, result: 'failed', sentence: shortened(message) }
  return { reason, result: 'inconclusive', sentence: `${shortened(message)}${partOf(findings.delivery)}` }
}

/** Returns the part of a sentence that compares the end of the load with the planned end. */
function partOf({ endedAtS, plannedS }: Delivery): string {
  if (plannedS === null || endedAtS >= plannedS) return ''
  return `; the load ended at ${moment(endedAtS)} instead of ${moment(plannedS)}`
}

/**
 * Returns the stop if a person caused the stop; otherwise null. burst itself stops a run in three cases: the run fails (the failure is then the
 * reason of the stop), an `abortOn` rule fails, or a search ends.
 */
function personsStop({ failure, stop }: Pick<Findings, 'failure' | 'stop'>): Findings['stop'] {
  return stop !== null && (stop.aborted || stop.searched || stop.reason === failure?.message) ? null : stop
}

function ofCompleteness({ completeness }: Findings): Finding[] {
  const { complete, lost } = completeness
  if (complete) return []
  const more = lost.length > 1 ? ` (and ${counted(lost.length - 1, 'more gap')})` : ''
  return [
    {
      reason: 'incomplete',
      result: 'inconclusive',
      sentence: `incomplete: ${lost[0] ?? 'something is missing'}${more}`,
    },
  ]
}

/**
 * Returns the findings about the generator. By default these findings have no exit code. The counts are exact, but they may describe the generator
 * more than the target. Latencies that may be too long are not a finding if shorter latencies would not change the result of the thresholds.
 */
function ofGenerator(findings: Findings): Finding[] {
  const { bound, inaccurate } = generatorFindings(findings.generator)
  return [bound, isDelayHarmless(findings) ? null : inaccurate]
    .filter((sentence) => sentence !== null)
    .map((sentence) => ({ reason: 'ok', result: 'inconclusive', sentence }))
}
