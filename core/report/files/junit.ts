import type { ThresholdEntry } from '../../verdict/results.ts'
import { isShort } from '../../verdict/completeness/delivery.ts'
import { generatorFindings } from '../../verdict/generator/doubts.ts'
import { exitCodes } from '../../errors.ts'
import { escapeHtml } from '../html/markup.ts'
import type { Report } from '../report.ts'
import { measuredValue } from '../../thresholds/measured-value.ts'
import { isoInstant } from '../../words.ts'

interface Case {
  name: string
  /** The reason why the test case did not pass; absent when the test case passed. */
  problem?: { kind: 'failure' | 'skipped'; message: string; details?: readonly string[] }
}

/**
 * Returns the verdict as JUnit XML: a test case for each threshold and a test case for completeness. Problems add at most three test cases: one for
 * the generator and the load, one for the accuracy of the latencies, and one for the run itself. The test case for the run itself fails. The other
 * two test cases are skipped, or fail if the exit code is 96 (`--fail-on-inconclusive`). If the run is inconclusive, the test case of a threshold
 * that held is skipped. At least one test case fails if the exit code is not 0. With exit code 0, no test case fails.
 */
export function junitXml(report: Report): string {
  const { run } = report
  const cases = casesOf(report)
  const counts = attributes({
    name: run.name,
    tests: cases.length,
    failures: cases.filter(({ problem }) => problem?.kind === 'failure').length,
    errors: 0,
    skipped: cases.filter(({ problem }) => problem?.kind === 'skipped').length,
    time: ((run.endedAt - run.startedAt) / 1000).toFixed(3),
  })
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${counts}>`,
    `  <testsuite${counts}${attributes({ timestamp: isoInstant(run.startedAt) })}>`,
    '    <properties>',
    ...properties(report).map((property) => `      <property${attributes(property)}/>`),
    '    </properties>',
    ...cases.flatMap((one) => element(one, run.name)),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function properties({ run, verdict }: Report): { name: string; value: string | number }[] {
  return Object.entries({
    run: run.id,
    scenario: run.scenario,
    host: run.host,
    seed: run.seed,
    build: run.build,
    result: verdict.result,
    exitCode: verdict.exitCode,
  }).map(([name, value]) => ({ name, value }))
}

function casesOf(report: Report): Case[] {
  const told = [...report.thresholds.map((one) => thresholdCase(one, report)), completenessCase(report)]
  const cases = [...told, ...trustCases(report)]
  return isTold(report) ? cases : [...cases, runCase(report)]
}

/** Returns whether another test case already reports the exit code. */
function isTold({ verdict: { exitCode }, thresholds, completeness }: Report): boolean {
  if (exitCode === exitCodes.thresholdFailed) return thresholds.some(({ passed }) => !passed)
  if (exitCode === exitCodes.inconclusive) return true
  return exitCode === exitCodes.ok || (exitCode === exitCodes.incomplete && !completeness.complete)
}

function thresholdCase({ expression, value, unit, passed, note }: ThresholdEntry, { verdict }: Report): Case {
  const measured = value === null ? 'no value' : measuredValue({ expression, value, unit })
  const was = value === null ? (note ?? 'there was no value to measure') : `it was ${measured}`
  const details = value === null || note === null ? [] : [note]
  if (!passed) return { name: expression, problem: { kind: 'failure', message: was, details } }
  if (verdict.result !== 'inconclusive') return { name: expression }
  const message = `the threshold held with ${measured}, but the run is inconclusive`
  return { name: expression, problem: { kind: 'skipped', message, details: verdict.reasons } }
}

function completenessCase({ completeness }: Report): Case {
  const name = 'the report contains all counts'
  if (completeness.complete) return { name }
  const [message = 'counts are missing from the report', ...details] = completeness.lost
  return { name, problem: { kind: 'failure', message, details } }
}

/**
 * Returns the test cases for problems that are not caused by the target: the generator limited the run, the load differed from the plan, or the
 * latencies may be inaccurate. By default, these problems do not change the exit code.
 */
function trustCases(report: Report): Case[] {
  const { verdict, generator } = report
  const { bound, inaccurate } = generatorFindings(generator)
  const kind = verdict.exitCode === exitCodes.inconclusive ? 'failure' : 'skipped'
  // If shorter latencies would not change the result, the reason is only a remark.
  const matters = inaccurate !== null && verdict.reasons.includes(inaccurate)
  const figures = generator.reasons.filter((reason) => reason !== inaccurate && reason !== bound)
  const others = otherDoubts(report, [bound, inaccurate])
  const [message, ...details] =
    bound === null ? whyDoubted(report, { inaccurate, matters }) : [bound, ...figures, ...others]
  const beside = message === undefined ? others : []
  const ofTheLoad = { name: 'the generator kept up and the load was as planned' }
  const ofTheLatencies = { name: 'the latencies are accurate' }
  return [
    ...(message === undefined ? [] : [{ ...ofTheLoad, problem: { kind, message, details } as const }]),
    ...(inaccurate === null
      ? []
      : [
          {
            ...ofTheLatencies,
            problem: {
              kind: matters ? kind : 'skipped',
              message: inaccurate,
              details: [...figures, ...beside],
            } as const,
          },
        ]),
  ]
}

/** Returns whether a reason of the verdict begins with one of the `known` reasons. The verdict may add a remark to a reason. */
function isKnown(reason: string, known: readonly (string | null)[]): boolean {
  return known.some((one) => one !== null && reason.startsWith(one))
}

/** Returns the reasons why a run is inconclusive, without the `known` reasons, and without failed thresholds, which have their own test cases. */
function otherDoubts({ verdict }: Report, known: readonly (string | null)[]): string[] {
  if (verdict.result !== 'inconclusive') return []
  return verdict.reasons.filter((reason) => !isKnown(reason, known) && !reason.startsWith("threshold '"))
}

/**
 * Returns the reasons why a run is inconclusive, without the reason about inaccurate latencies. The list is empty in three cases: the run is
 * conclusive; the exit code is not 0, 96 or 99; or inaccurate latencies may change the result (`matters`) and the planned load happened (`isShort` is false).
 */
function whyDoubted(
  { verdict, load, arrivals }: Report,
  { inaccurate, matters }: { inaccurate: string | null; matters: boolean },
): string[] {
  const { ok, inconclusive, thresholdFailed } = exitCodes
  const codes: number[] = [ok, inconclusive, thresholdFailed]
  if (verdict.result !== 'inconclusive' || !codes.includes(verdict.exitCode)) return []
  if (matters && !isShort({ load, arrivals })) return []
  const reasons = verdict.reasons.filter((reason) => inaccurate === null || !reason.startsWith(inaccurate))
  return reasons.length > 0 ? reasons : ['the run is inconclusive']
}

/**
 * Returns the test case for an exit code that no other test case reports, for example after a stop, a failure of the run, or a run without a
 * successful request.
 */
function runCase({ verdict }: Report): Case {
  const [message = `the exit code is ${verdict.exitCode}`, ...details] = verdict.reasons
  return { name: 'the run ended well', problem: { kind: 'failure', message, details } }
}

function element({ name, problem }: Case, suite: string): string[] {
  const named = attributes({ classname: suite, name })
  if (!problem) return [`    <testcase${named}/>`]
  const { kind, message, details = [] } = problem
  const told = attributes(kind === 'failure' ? { message, type: 'burst' } : { message })
  const text = details.map(escapeXml).join('\n')
  return [`    <testcase${named}>`, `      <${kind}${told}>${text}</${kind}>`, '    </testcase>']
}

function attributes(values: Record<string, string | number>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value)).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`)
    .join('')
}

/**
 * Escapes a string for XML. XML 1.0 forbids control characters, halves of surrogate pairs, U+FFFE and U+FFFF, even in escaped form. These characters
 * are replaced with their character codes.
 */
function escapeXml(text: string): string {
  return escapeHtml(text).replaceAll(/[\ufffe\uffff]/g, (char) => `\\u{${char.charCodeAt(0).toString(16)}}`)
}
