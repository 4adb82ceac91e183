import { type ExitReason, exitCodes } from '../errors.ts'
import type { Completeness, GeneratorVerdict, ThresholdEntry, Verdict } from './results.ts'
import { counted, milliseconds, moment, percent } from '../words.ts'

/** Everything that the verdict on a run rests on. */
export interface Findings {
  failure: { reason: 'runFailed' | 'scenarioThrew'; message: string } | null
  /** A person's stop; `atS` is seconds since the start. `early`: the plan had more to do. */
  stop: { reason: string; atS: number; early: boolean } | null
  /** Every worker gave up or reported nothing. */
  allWorkersLost: boolean
  completeness: Pick<Completeness, 'complete' | 'lost'>
  generator: Pick<GeneratorVerdict, 'result' | 'reasons'>
  thresholds: readonly ThresholdEntry[]
  requests: number
  failures: number
  usersStarted: number
  failedToStart: number
  /** The plan asks for users at some moment. */
  usersPlanned: boolean
  failOnError: boolean
  /** Exceptions of user code. */
  exceptions: number
}

/** One thing that speaks for or against the run; the list of them is in order of weight. */
interface Finding {
  reason: ExitReason
  result: Verdict['result']
  sentence: string
}

/** The verdict: the exit code of the weightiest finding, the result, and every finding in words. */
export function judgeRun(findings: Findings): Verdict {
  const found = neverBegan(findings)
    ? ofTheRun(findings)
    : [...ofTheRun(findings), ...ofCompleteness(findings), ...ofTheLoad(findings), ...ofGenerator(findings)]
  const ordered = found.toSorted((a, b) => weight(a) - weight(b))
  return {
    result: resultOf(found),
    reasons: ordered.length > 0 ? ordered.map((one) => one.sentence) : [inGoodOrder(findings)],
    exitCode: exitCodes[ordered[0]?.reason ?? 'ok'],
    stoppedBy: stoppedByPerson(findings) ? (findings.stop?.reason ?? null) : null,
  }
}

/** Of a run that failed before anything happened there is no more to say than why. */
function neverBegan({ failure, requests, usersStarted }: Findings): boolean {
  return failure !== null && requests === 0 && usersStarted === 0
}

/** Exit codes stand in order of precedence, but for `ok`, which comes first and weighs least. */
const precedence = Object.keys(exitCodes)

function weight({ reason }: Finding): number {
  return reason === 'ok' ? precedence.length : precedence.indexOf(reason)
}

/** A run that failed as such has failed; else doubt about the numbers outweighs what the numbers say. */
function resultOf(found: readonly Finding[]): Verdict['result'] {
  const has = (result: Verdict['result'], ...reasons: ExitReason[]): boolean =>
    found.some((one) => one.result === result && (reasons.length === 0 || reasons.includes(one.reason)))
  if (has('failed', 'scenarioThrew', 'runFailed')) return 'failed'
  if (has('inconclusive', 'incomplete', 'ok')) return 'inconclusive'
  if (has('failed')) return 'failed'
  return has('inconclusive') ? 'inconclusive' : 'passed'
}

function ofTheRun({ failure, stop, allWorkersLost }: Findings): Finding[] {
  const found: Finding[] = []
  if (failure) found.push({ reason: failure.reason, result: 'failed', sentence: failure.message })
  if (!failure && !stop && allWorkersLost) {
    found.push({ reason: 'runFailed', result: 'failed', sentence: 'no worker carried its part of the load to the end' })
  }
  if (stop && stoppedByPerson({ failure, stop })) {
    const sentence = `stopped by a person at ${moment(stop.atS)} (${stop.reason})`
    found.push({ reason: 'stopped', result: stop.early ? 'inconclusive' : 'passed', sentence })
  }
  return found
}

/** A run that failed is stopped by burst itself, for the reason it failed for. */
function stoppedByPerson({ failure, stop }: Pick<Findings, 'failure' | 'stop'>): boolean {
  return stop !== null && stop.reason !== failure?.message
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

function ofTheLoad(findings: Findings): Finding[] {
  const sentences = [...nothingWorked(findings), ...findings.thresholds.filter((one) => !one.passed).map(failed)]
  if (findings.failOnError && findings.failures > 0 && findings.failures < findings.requests) {
    sentences.push(`${counted(findings.failures, 'request')} failed, and --fail-on-error allows none`)
  }
  if (findings.failOnError && findings.exceptions > 0) {
    sentences.push(`user code threw ${counted(findings.exceptions, 'exception')}, and --fail-on-error allows none`)
  }
  return sentences.map((sentence) => ({ reason: 'thresholdFailed', result: 'failed', sentence }))
}

function nothingWorked({ requests, failures, usersStarted, failedToStart, usersPlanned }: Findings): string[] {
  const said: string[] = []
  if (usersStarted === 0 && usersPlanned) {
    said.push(
      failedToStart > 0
        ? `no user ever started: onStart failed ${counted(failedToStart, 'time')}`
        : 'no user ever started',
    )
  }
  if (requests === 0 && usersStarted > 0) said.push('no request was made')
  if (requests > 0 && failures === requests)
    said.push(`no request succeeded: all ${counted(requests, 'request')} failed`)
  return said
}

function failed({ expression, value, unit, note }: ThresholdEntry): string {
  if (value === null) return `threshold '${expression}' failed: ${note ?? 'there was nothing to measure'}`
  return `threshold '${expression}' failed: it was ${measured(value, unit)}`
}

function measured(value: number, unit: string): string {
  if (unit === 'ms') return milliseconds(value)
  return unit === '%' ? percent(value / 100) : `${Number(value.toPrecision(4))} ${unit}`
}

/** No exit code of its own: the numbers are exact, but they may tell more of the generator than of the target. */
function ofGenerator({ generator }: Findings): Finding[] {
  if (generator.result !== 'bound') return []
  return [{ reason: 'ok', result: 'inconclusive', sentence: generator.reasons[0] ?? 'generator-bound' }]
}

function inGoodOrder({ thresholds, requests, failures }: Findings): string {
  const share = failures === 0 ? 'none failed' : `${percent(failures / requests)} failed`
  const held = thresholds.length === 1 ? 'the threshold held' : `all ${thresholds.length} thresholds held`
  const judged = thresholds.length === 0 ? 'no thresholds were set' : held
  return `${judged}; ${counted(requests, 'request')}, ${share}`
}
