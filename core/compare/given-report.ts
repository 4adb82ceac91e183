import * as v from 'valibot'
import { invalidInput } from '../errors.ts'
import { bucketCap } from '../window/histograms/compact.ts'
import type { Report } from '../report/report.ts'
import { seriesNames } from '../report/series.ts'

/** The maximum number of bytes of a report file (128 MiB), and of the decompressed series in the file (64 MiB). */
export const givenBytesCap = 128 * 2 ** 20
export const seriesBytesCap = 64 * 2 ** 20

const rowsCap = 10_000
/** The maximum number of seconds that a report may cover: the seconds of a week. */
const secondsCap = 604_800

const gauge = v.pipe(v.number(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER))
const length = v.nullable(gauge)
const row = {
  requests: gauge,
  failures: gauge,
  failureShare: v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
  rps: gauge,
  latencyMs: v.looseObject({ p50: length, p95: length, p99: length }),
}
const moment = v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e15))

/** The schema of the report fields that a comparison reads. */
const comparable = v.looseObject({
  run: v.looseObject({
    id: v.string(),
    name: v.string(),
    host: v.string(),
    startedAt: moment,
    endedAt: moment,
    plan: v.looseObject({ model: v.string(), users: gauge }),
  }),
  totals: v.looseObject(row),
  requests: v.pipe(v.array(v.looseObject({ method: v.string(), name: v.string(), ...row })), v.maxLength(rowsCap)),
  errors: v.pipe(v.array(v.unknown()), v.maxLength(rowsCap)),
  seconds: v.pipe(v.array(v.looseObject({ plannedUsers: gauge })), v.maxLength(secondsCap)),
  completeness: v.looseObject({ complete: v.boolean() }),
  generator: v.looseObject({ result: v.string() }),
})
const seriesFacts = v.looseObject({
  stepS: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(secondsCap)),
  buckets: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(bucketCap)),
  names: v.pipe(v.number(), v.safeInteger(), v.minValue(0), v.maxValue(seriesNames)),
  data: v.string(),
})

/**
 * Reads a report from the content of a `report.json` or `report.html`. Checks that all fields that a comparison needs are present and within their
 * limits.
 * @param what names the file in errors
 * @param spelled returns the replacement for a string of the report. The first argument is the string. The second argument is the key of the string's
 * field; '' for an item of a list. The series are not replaced.
 * @throws BurstError (104) when the report cannot be compared; the message gives the reason in one sentence
 */
export function givenReport(text: string, what: string, spelled?: (text: string, key: string) => string): Report {
  const value = parsed(text)
  if (!isObject(value) || !('schemaVersion' in value)) throw notAReport(what, text, value)
  if (value['schemaVersion'] !== 1) {
    const version = JSON.stringify(value['schemaVersion']).slice(0, 20)
    throw invalidInput(`${what} is a version ${version} report; this release of burst reads version 1`)
  }
  if (!isObject(value['series'])) {
    throw invalidInput(`${what} has no time series, which burst needs to estimate the noise of a run`, {
      hint: 'run the scenario again with this version of burst',
    })
  }
  const issue = issueOf(comparable, value) ?? issueOf(seriesFacts, value['series'], 'series.')
  if (issue) throw invalidInput(`${what} is not a complete burst report: ${issue}`, { hint })
  const { series, seconds, ...rest } = value
  return { ...(spelled ? eachText(rest, spelled) : rest), series, seconds } as unknown as Report
}

const hint = 'give the report.json or report.html of a run'

function notAReport(what: string, text: string, value: unknown): Error {
  const isCutOff = value === undefined && text.startsWith('{')
  const fault = isCutOff ? 'is not valid JSON, so the file may be incomplete' : 'is not a burst report'
  return invalidInput(`${what} ${fault}`, { hint })
}

function eachText<T>(value: T, spelled: (text: string, key: string) => string, key = ''): T {
  if (typeof value === 'string') return spelled(value, key) as T
  if (Array.isArray(value)) return value.map((item: unknown) => eachText(item, spelled)) as T
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, eachText(item, spelled, name)])) as T
}

/** Returns the error for a report with damaged series. */
export function unreadableSeries(what: string, cause: unknown): Error {
  return invalidInput(`the series of ${what} cannot be read: the file is damaged`, { cause })
}

const inPage = /<script type="application\/json" id="report">([^<]*)<\/script>/

/** Parses the report without `windows`. This field is the largest field of the report, and the series contain the same data. */
function parsed(text: string): unknown {
  const json = /^\s*</.test(text) ? inPage.exec(text)?.[1] : text
  try {
    const value: unknown = JSON.parse(json ?? '')
    return isObject(value) && 'windows' in value ? { ...value, windows: [] } : value
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function issueOf(schema: v.GenericSchema, value: unknown, prefix = ''): string | undefined {
  const result = v.safeParse(schema, value, { abortEarly: true })
  if (result.success) return undefined
  const [issue] = result.issues
  const path = prefix + (v.getDotPath(issue) ?? '').slice(0, 100)
  return issue.received === 'undefined' ? `${path} is missing` : `${path} is not valid`
}
