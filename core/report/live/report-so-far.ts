import { exitCodes } from '../../errors.ts'
import { moment } from '../../words.ts'
import type { Control } from '../../fleet/control.ts'
import { type Deflate, buildReport } from '../build-report.ts'
import { wholeSeconds } from './live-report.ts'
import type { Report } from '../report.ts'
import type { RunData } from '../gather/run-data.ts'
import type { ShardState } from '../../shard/shard.ts'

/** The data of a run in progress. */
export interface SoFar extends Omit<RunData, 'control' | 'soFarMs' | 'shards'> {
  shards: readonly ShardState[]
  control: Control
  /** Epoch milliseconds. */
  nowMs: number
}

/**
 * Returns the report on a run in progress, to be saved in a file. The report covers the seconds that all workers have reported. Both the verdict
 * (`inconclusive`, exit code 98) and `completeness` contain a sentence about the run in progress, so a program can distinguish this report from the
 * final report.
 */
export function reportSoFar(data: SoFar, deflate: Deflate): Report {
  const untilS = wholeSeconds(data)
  const report = buildReport({ ...data, soFarMs: untilS * 1000 }, deflate)
  const sentence = `the run is still in progress: this report contains the values until ${moment(untilS)}; the verdict follows at the end of the run`
  return {
    ...report,
    verdict: { ...report.verdict, result: 'inconclusive', reasons: [sentence], exitCode: exitCodes.incomplete },
    completeness: { ...report.completeness, complete: false, lost: [sentence] },
    seconds: report.seconds.slice(0, untilS),
  }
}
