import { givenBytesCap, givenReport, unreadableSeries } from '../../core/compare/given-report.ts'
import { BurstError, invalidInput } from '../../core/errors.ts'
import { spelledOut, visibleField } from '../../core/report/html/markup.ts'
import { type RunModel, modelOf } from '../model/model.ts'

/**
 * Reads the run from the report.json or report.html that the user chose. The content is only data: it is not executed and not inserted as markup.
 * @throws BurstError when the file cannot be compared; the message gives the reason in one sentence
 */
export async function modelOfFile(file: File): Promise<RunModel> {
  const name = spelledOut(file.name)
  if (file.size > givenBytesCap) throw invalidInput(`${name} is too large to be a report`)
  const text = await file.text().catch((cause: unknown) => {
    throw invalidInput(`${name} cannot be read`, { cause })
  })
  const report = givenReport(text, name, visibleField)
  return modelOf(report).catch((cause: unknown) => {
    throw unreadableSeries(name, cause)
  })
}

/** Returns the message that the page shows for an error. */
export function problemOf(error: unknown): string {
  if (!(error instanceof BurstError)) return `The file cannot be compared: ${String(error)}.`
  return `${error.message}${error.hint === undefined ? '' : `: ${error.hint}`}.`
}
