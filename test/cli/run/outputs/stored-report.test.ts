import { expect, test } from 'vitest'
import { parseReport } from '../../../../cli/run/outputs/stored-report.ts'
import type { BurstError } from '../../../../core/errors.ts'
import { syntheticReport } from '../../../fixtures/reports/synthetic-run.ts'

const report = syntheticReport({ seconds: 5 })

function refusal(changed: object): Pick<BurstError, 'exitCode' | 'message' | 'hint'> | undefined {
  try {
    parseReport(JSON.stringify(changed), 'report.json')
    return undefined
  } catch (error) {
    const { exitCode, message, hint } = error as BurstError
    return { exitCode, message, hint }
  }
}

test.each([
  ['verdict.exitCode', { ...report, verdict: { ...report.verdict, exitCode: -1.5 } }],
  ['verdict.exitCode', { ...report, verdict: { ...report.verdict, exitCode: 256 } }],
  ['run.startedAt', { ...report, run: { ...report.run, startedAt: -1e300 } }],
  ['run.endedAt', { ...report, run: { ...report.run, endedAt: 1e300 } }],
])(
  'a report is refused if the value of %s is outside its valid range, and the error names the field',
  (field, changed) => {
    expect(refusal(report)).toBeUndefined()
    expect(refusal(changed)).toEqual({
      exitCode: 104,
      message: 'report.json is not a report of this version of burst',
      hint: `${field} is missing or not valid`,
    })
  },
)
