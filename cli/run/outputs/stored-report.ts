import * as v from 'valibot'
import { invalidInput } from '../../../core/errors.ts'
import { moment, upTo } from '../../../core/input/bounds.ts'
import type { Report } from '../../../core/report/report.ts'
import { keys } from '../../../functions/keys.ts'
import type { Store } from '../../../functions/ports.ts'

/** The highest possible exit code. The operating system keeps only one byte of an exit code. */
const greatestExitCode = 255
const maybe = v.nullable(v.number())
/** All commands need these fields of a report. The summary needs additional fields. */
const reportSchema = v.looseObject({
  schemaVersion: v.literal(1),
  run: v.looseObject({
    id: v.string(),
    host: v.string(),
    startedAt: moment,
    endedAt: moment,
    plan: v.looseObject({ users: v.number() }),
  }),
  verdict: v.looseObject({ result: v.string(), exitCode: upTo(greatestExitCode) }),
  totals: v.looseObject({ requests: v.number(), failures: v.number(), latencyMs: v.looseObject({ p95: maybe }) }),
})

/**
 * Returns the report in the store of a run; undefined until the report exists.
 * @throws BurstError (104) when the report is not a report of this version of burst
 */
export async function reportInStore(store: Pick<Store, 'get'>, run: string): Promise<Report | undefined> {
  const stored = await store.get(keys.output(run, 'report.json'))
  return stored && parseReport(stored.body, `the report of run ${run}`)
}

/**
 * Parses a stored report. Checks only the fields that all commands need.
 * @param path names the report in error messages
 * @throws BurstError (104) when the report is not a report of this version of burst
 */
export function parseReport(text: string, path: string): Report {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson()), text)
  const checked = v.safeParse(reportSchema, parsed.output)
  // Returns the parsed JSON and not the result of the validation, because the validation changes the order of the fields.
  if (parsed.success && checked.success) return parsed.output as Report
  if (!parsed.success)
    throw invalidInput(`${path} is not valid JSON`, { hint: `the file may be incomplete; ${wantedFile}` })
  throw invalidInput(`${path} is not a report of this version of burst`, {
    hint: hintFor(parsed.output, checked.issues),
  })
}

const wantedFile = 'use the report.json of a run'

function hintFor(value: unknown, issues: readonly v.BaseIssue<unknown>[] = []): string {
  const version = v.safeParse(v.looseObject({ schemaVersion: v.union([v.number(), v.string()]) }), value)
  if (!version.success) return wantedFile
  const given = version.output.schemaVersion
  if (given !== 1)
    return `the report has version ${JSON.stringify(given).slice(0, 20)}, but this release of burst reads version 1`
  return `${(issues[0] && v.getDotPath(issues[0])) ?? 'a field'} is missing or not valid`
}
