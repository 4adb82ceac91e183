import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { RunPlan } from '../../core/plan/plan.ts'
import { exitCodes } from '../../core/errors.ts'
import type { Verdict } from '../../core/verdict/results.ts'
import { clean, type Style } from './style.ts'

/** Returns the summary of the plan, one line for each fact, and the warnings. */
export function renderPlan(plan: RunPlan, warnings: readonly string[], style: Style): string {
  const title = `${style.bold(clean(plan.name))}${style.dim(` on ${clean(plan.host)}`)}`
  const words = plan.words.map((line) => `  ${clean(line)}`)
  return [title, ...words, ...warnings.map((line) => style.yellow(`  note: ${clean(line)}`))].join('\n')
}

/** Returns a line with the id of a run on this machine, and the commands to which the user can give this id. */
export function renderRunId(run: string): string {
  return `  run ${run}; in another terminal: burst watch, stop or report ${run} --local`
}

/** Returns two lines: the URL of the report, which the user can click in most terminals, and the folder of the results. */
export function renderFiles(folder: string, shown: string, style: Style): string {
  const report = pathToFileURL(join(folder, 'report.html')).href
  const place = shown === '' || shown.startsWith('..') ? folder : shown
  return `${style.dim('report')}  ${report}\n${style.dim('files ')}  ${clean(place)}`
}

/**
 * Returns the last line of the output of an inconclusive run: the exit code, and the reason why the run is inconclusive. If the exit code comes from
 * a failed threshold, the line also names this threshold. Returns an empty string for any other run.
 */
export function renderDoubt({ result, reasons, exitCode }: Verdict, style: Style): string {
  if (result !== 'inconclusive') return ''
  const [reason = ''] = reasons
  const failed = exitCode === exitCodes.thresholdFailed && reasons.find((one) => one.startsWith("threshold '"))
  const cause = failed && failed !== reason ? `${failed}; the run is inconclusive: ${reason}` : reason
  const hint = exitCode === exitCodes.ok ? '; with --fail-on-inconclusive the exit code would be 96' : ''
  return `${style.bold(style.yellow('? inconclusive'))}, exit code ${exitCode}: ${clean(cause)}${hint}`
}
