import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Comparison } from '../../../core/compare/compare-reports.ts'
import { renderHtml } from '../../../core/report/html/html.ts'
import { readPageAssets } from '../../../functions/reducer/assets.ts'
import { syntheticReport } from '../../fixtures/reports/synthetic-run.ts'
import { type Ended, burst, emptyFolder } from '../command-line.ts'

const shape = { seconds: 90, names: 3, perSecond: 20 }
const older = syntheticReport(shape)
const alike = syntheticReport({ ...shape, seed: 2 })
const troubled = syntheticReport({ ...shape, trouble: true, seed: 3 })
/** A small string of compressed data that becomes 65 MiB when it is decompressed. */
const bomb = deflateRawSync(Buffer.alloc(65 * 2 ** 20)).toString('base64')
let folder: string

beforeAll(async () => {
  folder = await emptyFolder()
  await mkdir(join(folder, 'burst-results', 'r-alike'), { recursive: true })
  await mkdir(join(folder, 'troubled'))
  await mkdir(join(folder, 'empty'))
  await writeFile(join(folder, 'old.json'), JSON.stringify(older))
  await writeFile(join(folder, 'burst-results', 'r-alike', 'report.json'), JSON.stringify(alike))
  await writeFile(join(folder, 'troubled', 'report.html'), renderHtml(troubled, await readPageAssets()))
  await writeFile(join(folder, 'broken.json'), JSON.stringify({ ...older, series: { ...older.series, data: 'AAAA' } }))
  await writeFile(join(folder, 'bomb.json'), JSON.stringify({ ...older, series: { ...older.series, data: bomb } }))
  await writeFile(join(folder, 'package.json'), '{"name":"x"}')
})
afterAll(() => rm(folder, { recursive: true }))

const compare = (...args: string[]): Promise<Ended> => burst(['compare', ...args], folder, { NO_COLOR: '1' })

test('two runs that differ only by chance show no evidence of a change, and --fail-on-regression does not fail', async () => {
  const { code, stdout } = await compare('old.json', 'r-alike', '--fail-on-regression', '10%')
  expect(code).toBe(0)
  expect(stdout).toMatch(
    /all requests\n {2}p50 +[\d.]+ ms +[\d.]+ ms +[+−±][\d.]+ ms +[+−±][\d.]+ % .* no evidence of a change\n/,
  )
  expect(stdout.trimEnd()).toMatch(/There is no evidence of a change\.$/)
  // eslint-disable-next-line no-control-regex
  expect(stdout).not.toMatch(/\u001B|\u00A0/)
})

test('if a request became slower, the last line of the comparison names the request, and --fail-on-regression sets exit code 99', async () => {
  const { code, stdout, stderr } = await compare('old.json', 'troubled', '--fail-on-regression', '10%')
  expect(code).toBe(99)
  expect(stdout).toMatch(/POST \/cart\n {2}p50 .*\n {2}p95 +[\d.]+ ms +[\d.]+ ms .* slower\n/)
  expect(stdout.trimEnd()).toMatch(/Worse: .* of POST \/cart rose from [^\n]*$/)
  expect(stderr).toMatch(/^burst: worse by more than 10%: .*POST \/cart/)
  expect((await compare('troubled', 'old.json', '--fail-on-regression', '10%')).code).toBe(0)
})

test('a comparison can be printed as Markdown and as JSON', async () => {
  const [markdown, md, json] = await Promise.all([
    compare('old.json', 'troubled', '--format', 'markdown'),
    compare('old.json', 'troubled', '--format', 'md'),
    compare('old.json', 'troubled/report.html', '--format', 'json'),
  ])
  expect(markdown.stdout).toMatch(/^\*\*❌ Worse: .*\*\*\n/)
  expect(md.stdout).toBe(markdown.stdout)
  expect(markdown.stdout).toMatch(/\n\| POST \/cart \| p50 \|/)
  const comparison = JSON.parse(json.stdout) as Comparison
  expect(comparison.rows.map(({ name }) => name)).toEqual(['', '/', '/product/:id', '/cart'])
  expect(comparison.rows[3]?.measures.p95Ms).toMatchObject({ change: 'higher', unjudged: null })
})

test('a report can be compared with itself, and the comparison shows no difference', async () => {
  const { code, stdout } = await compare('old.json', './old.json', '--fail-on-regression', '0%')
  expect(code).toBe(0)
  expect(stdout).toContain('Both reports are of the same run: there is no difference.')
})

test('a report that cannot be compared is refused with exit code 104 and a one-sentence reason', async () => {
  const cases: [args: string[], message: RegExp][] = [
    [['old.json', 'missing'], /there is no report at 'missing'/],
    [['old.json', 'empty'], /empty contains no report\.json and no report\.html/],
    [['package.json', 'old.json'], /package\.json is not a burst report/],
    [['old.json', 'broken.json'], /the series of \S+broken\.json cannot be read/],
    [['old.json', 'bomb.json'], /the series of \S+bomb\.json cannot be read/],
    [['old.json', 'old.json', '--fail-on-regression', '10'], /--fail-on-regression is '10'/],
    [['old.json', 'old.json', '--format', 'xml'], /--format/],
    [['old.json'], /missing required argument 'new'/],
  ]
  const ended = await Promise.all(cases.map(([args]) => compare(...args)))
  for (const [k, [, message]] of cases.entries()) {
    expect(ended[k]).toMatchObject({ code: 104, stdout: '', stderr: expect.stringMatching(message) })
  }
})
