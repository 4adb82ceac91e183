import { type Command, Option } from 'commander'
import { BurstError, exitCodes, invalidInput } from '../../core/errors.ts'
import type { Comparison } from '../../core/compare/compare-reports.ts'
import type { ComparedRun } from '../../core/compare/paired-rows.ts'
import { addDebugFlag, addFlags } from '../flags/flags.ts'

interface Flags {
  format: 'terminal' | 'markdown' | 'md' | 'json'
  failOnRegression?: string
}

/**
 * `burst compare`: compares two finished runs and shows the differences. A difference makes the command fail only if `--fail-on-regression` is set.
 */
export function addCompare(program: Command, done: (exitCode: number) => void): void {
  const command = program
    .command('compare')
    .description('compare two finished runs: what became slower, and whether the difference exceeds the noise')
    .argument('<old>', 'report.json, report.html, the folder of a run, or the name of a run on this machine')
    .argument('<new>', 'the run to compare with <old>; accepts the same values as <old>')
  addFlags(command, 'Result:', [
    new Option('--format <format>', 'the output format')
      .choices(['terminal', 'markdown', 'md', 'json'])
      .default('terminal'),
    new Option(
      '--fail-on-regression <percent>',
      'exit 99 if a latency percentile or the share of errors got worse by more than this percentage and by more than the noise',
    ),
  ])
  addDebugFlag(command)
  command.addHelpText('after', examples)
  command.action(async (older: string, newer: string, flags: Flags) => {
    const most = flags.failOnRegression === undefined ? undefined : shareIn(flags.failOnRegression)
    const [{ compareRuns }, { readRun }, { visibleField }] = await Promise.all([
      import('../../core/compare/compare-reports.ts'),
      import('../compare/read-run.ts'),
      import('../../core/report/html/markup.ts'),
    ])
    // In JSON, burst does not replace any characters of the names, because programs read JSON.
    const read = async (named: string): Promise<ComparedRun> =>
      readRun(named, process.cwd(), flags.format === 'json' ? undefined : visibleField)
    const comparison = compareRuns(await read(older), await read(newer))
    process.stdout.write(`${await rendered(comparison, flags.format)}\n`)
    if (most !== undefined) await judge(comparison, most, flags.failOnRegression as string)
    done(exitCodes.ok)
  })
}

async function rendered(comparison: Comparison, format: Flags['format']): Promise<string> {
  if (format === 'json') return JSON.stringify(comparison, null, 2)
  if (format === 'markdown' || format === 'md') {
    const { comparisonMarkdown } = await import('../compare/comparison-markdown.ts')
    return comparisonMarkdown(comparison)
  }
  const [{ renderComparison }, { screenFor }] = await Promise.all([
    import('../compare/comparison-terminal.ts'),
    import('../terminal/display.ts'),
  ])
  const { width, style } = screenFor(process.stdout, false)
  return renderComparison(comparison, width(), style)
}

/**
 * Judges the comparison.
 * @param most the largest allowed regression as a fraction: 0.1 for 10%
 * @param given the value of `--fail-on-regression` as typed
 * @throws BurstError (99) when a compared value became worse by more than `most` and by more than the noise; (104) when no value could be judged:
 * `--fail-on-regression` must not pass without a judgement
 */
async function judge(comparison: Comparison, most: number, given: string): Promise<void> {
  const { regressionWords, regressions } = await import('../../core/compare/comparison-words.ts')
  const worse = regressions(comparison, most)
  if (worse.length > 0) throw new BurstError('thresholdFailed', regressionWords(worse, given).replaceAll('\u00A0', ' '))
  if (comparison.judged === 0) {
    throw invalidInput('--fail-on-regression could not compare the runs: they are too short or have too few requests')
  }
}

function shareIn(text: string): number {
  const percent = /^(\d{1,6}(?:\.\d{1,6})?)\s*%$/.exec(text)?.[1]
  if (percent === undefined) {
    throw invalidInput(`--fail-on-regression is '${text}'`, { hint: 'give a percentage, such as 10%' })
  }
  return Number(percent) / 100
}

const examples = `
Examples:
  burst compare before/report.json after/report.html
  burst compare 20261121-104411-shop-7f3a 20261122-091502-shop-1c9e
  burst compare baseline.json burst-results/today --fail-on-regression 10%
  burst compare baseline.json report.json --format markdown >> "$GITHUB_STEP_SUMMARY"`
