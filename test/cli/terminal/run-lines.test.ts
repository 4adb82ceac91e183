import { expect, test } from 'vitest'
import { renderDoubt } from '../../../cli/terminal/run-lines.ts'
import { plainStyle } from '../../../cli/terminal/style.ts'

const lag = 'generator-bound: 10.8 % of requests were sent late'
const slow = "threshold 'p99 < 300ms' failed: it was 729 ms"

test.each([
  [
    'inconclusive',
    0,
    [lag],
    `? inconclusive, exit code 0: ${lag}; with --fail-on-inconclusive the exit code would be 96`,
  ],
  ['inconclusive', 96, [lag, slow], `? inconclusive, exit code 96: ${lag}`],
  ['inconclusive', 99, [lag, slow], `? inconclusive, exit code 99: ${slow}; the run is inconclusive: ${lag}`],
  ['inconclusive', 105, ['stopped by a person', slow], '? inconclusive, exit code 105: stopped by a person'],
  ['failed', 99, [slow], ''],
] as const)(
  'only an inconclusive run has a last line, which names the cause of the exit code: %s, exit code %i',
  (...[result, exitCode, reasons, line]) => {
    expect(renderDoubt({ result, exitCode, reasons: [...reasons], stoppedBy: null }, plainStyle)).toBe(line)
  },
)
