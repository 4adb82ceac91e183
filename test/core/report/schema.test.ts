import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { reportJsonSchema } from '../../../build/report-schema.ts'
import { failingReport } from '../../fixtures/reports/failing-report.ts'
import { hostileReport } from '../../fixtures/reports/hostile-report.ts'
import { makeReport } from '../../fixtures/reports/report.ts'

const schema = JSON.parse(readFileSync(new URL('../../../core/report/report.schema.json', import.meta.url), 'utf8'))
const isReport = new Ajv2020({ allErrors: true, strictRequired: false, allowUnionTypes: true }).compile(schema)
const failures = (value: unknown): unknown => (isReport(value) ? [] : isReport.errors)

const open = {
  ...failingReport({ windows: 2 }),
  arrivals: { offered: 100, started: 97, dropped: { pool: 1, generator: 1, lost: 1 } },
  cost: { estimateUsd: 1.8, actualUsd: 1.79, lines: [{ what: 'Lambda', usd: 1.79 }] },
  completeness: { ...failingReport().completeness, complete: false, lost: ['slice 3 is missing from 1:05 on'] },
}

test('the JSON Schema file equals the output of `npm run schema`', () => {
  expect(schema).toEqual(reportJsonSchema())
})

test('a complete report of each kind matches the schema', () => {
  for (const report of [makeReport(), failingReport(), hostileReport(), open]) expect(failures(report)).toEqual([])
})

test('a field that version 1 does not define is accepted', () => {
  expect(failures({ ...makeReport({ windows: 1 }), later: true })).toEqual([])
})

/** Returns the path of every field of the report. The first entry of a list represents all entries of the list. */
function paths(value: unknown, at: string[] = []): string[][] {
  if (Array.isArray(value)) return value.length === 0 ? [] : paths(value[0], at.concat('0'))
  if (typeof value !== 'object' || value === null) return []
  if (['statuses', 'byClass'].includes(at.at(-1) ?? '')) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const here = at.concat(key)
    return key === 'body' ? [] : [here].concat(paths(inner, here))
  })
}

function changed(path: string[], change: (holder: Record<string, unknown>, key: string) => void): unknown {
  const report: unknown = structuredClone(open)
  const holder = path.slice(0, -1).reduce((inner, key) => (inner as Record<string, unknown>)[key], report)
  change(holder as Record<string, unknown>, path.at(-1) ?? '')
  return report
}

describe('every field', () => {
  const all = paths(open)

  test('the sample report has more than 150 fields', () => {
    expect(all.length).toBeGreaterThan(150)
  })

  test.each(all.map((path) => [path.join('.'), path] as const))('the field %s is required', (_, path) => {
    expect(isReport(changed(path, (holder, key) => Reflect.deleteProperty(holder, key)))).toBe(false)
  })

  test.each(all.map((path) => [path.join('.'), path] as const))('the schema gives the field %s a type', (_, path) => {
    const wrong = changed(path, (holder, key) => (holder[key] = [[]]))
    expect(isReport(wrong)).toBe(false)
  })
})

test.each([
  ['totals.requests', -1],
  ['totals.failures', 0.5],
  ['totals.failureShare', 1.2],
  ['totals.latencyMs.p99', -0.1],
  ['totals.histogram', 'not base64!'],
  ['totals.statuses.OK', 3],
  ['verdict.result', 'fine'],
  ['verdict.reasons', []],
  ['schemaVersion', 2],
  ['users.byClass.Shopper', -1],
])('the field %s cannot be %j', (path, value) => {
  expect(isReport(changed(path.split('.'), (holder, key) => (holder[key] = value)))).toBe(false)
})

test('a report with more than 720 windows is refused', () => {
  const report = makeReport({ windows: 2 })
  const [window] = report.windows
  expect(isReport({ ...report, windows: Array.from({ length: 721 }, () => window) })).toBe(false)
})
