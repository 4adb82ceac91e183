import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '../..')

/** The titles that `.ci/run` looks for in the test results, each with its test file. */
const files: Record<string, string> = {
  'the report in a browser': 'test/page/report.test.ts',
  'at the end of a run, the values in a real Prometheus equal the report': 'test/e2e/monitoring/prometheus.test.ts',
  'the values that a real Prometheus has received by OTLP': 'test/e2e/monitoring/otlp.test.ts',
}

test('each test title that .ci/run requires is the title of an existing test', () => {
  const script = readFileSync(join(root, '.ci/run'), 'utf8')
  const titles = [...script.matchAll(/"title":"([^"']+)'|"ancestorTitles":\\\["([^"]+)"/g)].map(
    ([, a, b]) => a ?? b ?? '',
  )
  expect(new Set(titles)).toEqual(new Set(Object.keys(files)))
  for (const [title, file] of Object.entries(files))
    expect(readFileSync(join(root, file), 'utf8')).toContain(`'${title}`)
})
