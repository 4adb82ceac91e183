import { measuredValue } from '../thresholds/measured-value.ts'
import { counted, milliseconds, percent } from '../words.ts'
import type { Finding } from './finding.ts'
import type { ThresholdEntry } from './results.ts'

/** The counts of the requests, steps and iterations of all users in the whole run. */
export interface Work {
  requests: number
  failures: number
  /** The number of hops of the requests that burst cut off because their users or their engine ended. */
  interrupted: number
  /** The number of failures that burst itself caused. */
  generatorFailures: number
  /** The samples that the scenario recorded with `this.record`. */
  recorded: number
  recordedFailed: number
  steps: number
  stepsFailed: number
  iterations: number
  iterationsFailed: number
  checksFailed: number
  /** The number of exceptions of user code. */
  exceptions: number
  usersStarted: number
  failedToStart: number
  /** `true` if the run began, and the planned load is above 0 at some time of the run. */
  usersPlanned: boolean
  /** `true` if the run began and `usersStarted` may be too low: counts are missing, burst terminated the engine of a worker, or a worker was lost. */
  startsUnknown: boolean
  /** The 95th percentile of the latency in milliseconds; null when no latency was measured. */
  p95Ms: number | null
}

export interface JudgedThreshold extends ThresholdEntry {
  /**
   * `true` if the threshold is on errors, and would also have failed without the failures that burst itself caused. False for every other threshold,
   * because lag may have changed its value.
   */
  certain: boolean
  /**
   * `true` if the threshold would have the same result with shorter latencies. burst's own delay only makes latencies longer, so the result is then
   * correct even if latencies may be inaccurate.
   */
  sameIfShorter: boolean
}

/**
 * Returns whether the thresholds as a whole have a correct result even if latencies may be too long. There are two cases: one of the thresholds would
 * fail even with shorter latencies, or all of them would have the same result with shorter latencies. Returns false without thresholds.
 * @param delaysLoad `true` if the delays also lowered the load. Thresholds that hold are then not certain, because the target had less to do.
 */
export function areSameIfShorter(thresholds: readonly JudgedThreshold[], delaysLoad: boolean): boolean {
  if (thresholds.some(({ passed, sameIfShorter }) => !passed && sameIfShorter)) return true
  return !delaysLoad && thresholds.length > 0 && thresholds.every(({ sameIfShorter }) => sameIfShorter)
}

interface Worked {
  work: Work
  thresholds: readonly JudgedThreshold[]
  failOnError: boolean
}

/** Returns the findings that follow from the counts. */
export function ofTheWork({ work, thresholds, failOnError }: Worked): Finding[] {
  return [
    ...nothingWorked(work),
    ...thresholds.filter((one) => !one.passed).map(failedThreshold),
    ...(failOnError ? notAllowed(work) : []),
  ]
}

function finding(sentence: string, certain = false): Finding {
  return { reason: 'thresholdFailed', result: 'failed', sentence, certain }
}

function nothingWorked(work: Work): Finding[] {
  return [...nothingDone(work), ...nothingSucceeded(work)]
}

function nothingDone(work: Work): Finding[] {
  const { requests, interrupted, recorded, steps, usersStarted } = work
  // A request, a recorded sample or a step shows that a user started. `noneStarted` therefore uses `done` if `usersStarted` may be too low.
  const done = requests + recorded + steps
  if (interrupted > 0 && done === 0) return [noneEnded(interrupted)]
  if (usersStarted > 0) return done === 0 ? [finding('no request was made')] : []
  return noneStarted(work, done)
}

function noneStarted({ failedToStart, usersPlanned, startsUnknown }: Work, done: number): Finding[] {
  if (startsUnknown && failedToStart === 0) return done === 0 ? [finding('no request was reported')] : []
  if (!usersPlanned) return []
  const why = failedToStart > 0 ? `: onStart failed ${counted(failedToStart, 'time')}` : ''
  return [finding(`no user ever started${why}`)]
}

function noneEnded(interrupted: number): Finding {
  return finding(`${counted(interrupted, 'request')} ${interrupted === 1 ? 'was' : 'were'} sent, but none ended`)
}

function nothingSucceeded(work: Work): Finding[] {
  const { requests, failures, recorded, recordedFailed, steps, stepsFailed, iterations, iterationsFailed } = work
  const found: Finding[] = []
  const all = (count: number, failed: number, sentence: string, certain = true): void => {
    if (count > 0 && failed === count) found.push({ ...finding(sentence, certain), foremost: true })
  }
  const target = ofTheTarget(work)
  all(requests, failures, `no request succeeded: all ${counted(requests, 'request')} failed`, target)
  // Judges recorded samples only in a run without requests. In a run with requests, only thresholds and `--fail-on-error` judge the recorded samples.
  const alone = requests === 0 ? recorded : 0
  all(alone, recordedFailed, `no recorded sample succeeded: ${counted(recorded, 'failure')}`)
  const onlySteps = requests + recorded === 0 ? steps : 0
  all(onlySteps, stepsFailed, `no step succeeded: all ${counted(steps, 'step')} failed`)
  all(iterations, iterationsFailed, `no iteration succeeded: all ${counted(iterations, 'iteration')} failed`, target)
  return found
}

/** Returns false if burst itself caused all failures. */
function ofTheTarget({ failures, generatorFailures }: Work): boolean {
  return failures === 0 || failures > generatorFailures
}

function notAllowed(work: Work): Finding[] {
  const { requests, failures, exceptions, recordedFailed } = work
  const found: Finding[] = []
  if (failures > 0 && failures < requests) {
    found.push(
      finding(`${counted(failures, 'request')} failed, but --fail-on-error allows no failure`, ofTheTarget(work)),
    )
  }
  if (recordedFailed > 0) {
    found.push(finding(`${counted(recordedFailed, 'recorded failure')}, but --fail-on-error allows no failure`, true))
  }
  if (exceptions > 0) {
    found.push(
      finding(`user code threw ${counted(exceptions, 'exception')}, but --fail-on-error allows no exception`, true),
    )
  }
  return found
}

function failedThreshold({ expression, value, unit, note, certain }: JudgedThreshold): Finding {
  if (value === null) return finding(`threshold '${expression}' failed: ${note ?? 'there was no value to measure'}`)
  return finding(
    `threshold '${expression}' failed: it was ${measuredValue({ expression, value, unit })}${note === null ? '' : `, ${note}`}`,
    certain,
  )
}

/**
 * Describes the main counts of the run. If the run has no findings, and no search found the highest load, this description is the reason of the
 * verdict.
 */
export function inFigures({ work, thresholds }: Pick<Worked, 'work' | 'thresholds'>): string {
  const held = thresholds.length === 1 ? 'the threshold held' : `all ${thresholds.length} thresholds held`
  return thresholds.length === 0
    ? `${done(work).join(', ')}; no thresholds were set`
    : `${held}; ${done(work).join(', ')}`
}

function done(work: Work): string[] {
  const { requests, failures, recorded, recordedFailed, steps, p95Ms } = work
  const said: string[] = []
  if (requests > 0) said.push(counted(requests, 'request'), failedShare(failures, requests))
  if (p95Ms !== null) said.push(`p95 ${milliseconds(p95Ms)}`)
  if (recorded > 0) said.push(`${counted(recorded, 'recorded sample')}, ${failedShare(recordedFailed, recorded)}`)
  if (said.length === 0) said.push(`${counted(steps, 'step')}, ${failedShare(work.stepsFailed, steps)}`)
  return [...said, ...troubles(work)]
}

function failedShare(failed: number, all: number): string {
  return failed === 0 ? 'none failed' : `${percent(failed / all)} failed`
}

function troubles({ iterations, iterationsFailed, checksFailed, exceptions }: Work): string[] {
  const said: string[] = []
  if (iterationsFailed > 0) said.push(`${percent(iterationsFailed / iterations)} of iterations failed`)
  if (checksFailed > 0) said.push(`${counted(checksFailed, 'check')} failed`)
  if (exceptions > 0) said.push(counted(exceptions, 'exception'))
  return said
}
