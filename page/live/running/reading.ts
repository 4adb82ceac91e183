import { givenReport, unreadableSeries } from '../../../core/compare/given-report.ts'
import { BurstError, invalidInput } from '../../../core/errors.ts'
import { visibleField } from '../../../core/report/html/markup.ts'
import { type RunModel, modelOf } from '../../model/model.ts'
import { Refusal, fetchText } from '../calls.ts'

/**
 * Returns the saved report of a run.
 * @throws Refusal when the report cannot be shown; the message gives the reason in one sentence
 */
export async function savedRun(run: string): Promise<RunModel> {
  return read(run, (report, what) =>
    modelOf(report).catch((cause: unknown) => {
      throw unreadableSeries(what, cause)
    }),
  )
}

/**
 * Returns the saved report of a run, without unpacking its series.
 * @throws Refusal when the report cannot be read; the message gives the reason in one sentence
 */
export async function savedReport(run: string): Promise<RunModel['report']> {
  return read(run, async (report) => report)
}

async function read<T>(run: string, use: (report: RunModel['report'], what: string) => Promise<T>): Promise<T> {
  const text = await fetchText(`/api/runs/${run}/files/report.json`)
  const what = `the report of ${run}`
  try {
    return await use(reportIn(text, what), what)
  } catch (error) {
    if (!(error instanceof BurstError)) throw error
    const { message, hint } = error
    throw new Refusal([{ field: 'form', message, ...(hint !== undefined && { hint }) }])
  }
}

function reportIn(text: string, what: string): RunModel['report'] {
  try {
    return givenReport(text, what, visibleField)
  } catch (cause) {
    if (cause instanceof BurstError) throw cause
    // The error is not a BurstError if, for example, the JSON is nested too deeply. Such an error is replaced with a BurstError.
    throw invalidInput(`${what} is not a burst report`, { cause })
  }
}
