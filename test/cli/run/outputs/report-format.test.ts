import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { outputFiles } from '../../../../functions/keys.ts'
import { renderOutput } from '../../../../functions/reducer/render-output.ts'
import { syntheticReport } from '../../../fixtures/reports/synthetic-run.ts'
import { startCountingTarget } from '../../../targets/counting-target.ts'
import { burst, emptyFolder } from '../../command-line.ts'
import { project } from '../../journey.ts'

const report = syntheticReport({ seconds: 20, trouble: true })
let folder: string
beforeAll(async () => {
  folder = await emptyFolder()
  await mkdir(join(folder, 'burst-results', 'r1'), { recursive: true })
  await writeFile(join(folder, 'burst-results', 'r1', 'report.json'), await renderOutput(report, 'report.json'))
  await writeFile(join(folder, 'copy.json'), await renderOutput(report, 'report.json'))
})

test('burst report --format can print each result file of a finished run from report.json alone', async () => {
  const formats = [
    ['html', 'report.html'],
    ['markdown', 'report.md'],
    ['junit', 'junit.xml'],
    ['csv', 'stats.csv'],
    ['csv-history', 'history.csv'],
    ['csv-failures', 'failures.csv'],
    ['csv-exceptions', 'exceptions.csv'],
    ['hlog', 'latency.hlog'],
    ['json', 'report.json'],
  ] as const
  expect(formats.map(([, file]) => file).toSorted()).toEqual([...outputFiles].toSorted())
  for (const [format, file] of formats) {
    const { code, stdout, stderr } = await burst(['report', 'copy.json', '--format', format], folder)
    expect([format, code, stderr]).toEqual([format, report.verdict.exitCode, ''])
    expect(stdout === (await renderOutput(report, file)), `${format} is ${file}`).toBe(true)
  }
  const { stdout } = await burst(['report', 'copy.json', '--format', 'md'], folder)
  expect(stdout === (await renderOutput(report, 'report.md')), 'md is markdown').toBe(true)
  expect((await readdir(folder)).toSorted()).toEqual(['burst-results', 'copy.json'])
})

test.each([
  ['its name, with --local', ['r1', '--local']],
  ['its folder', [join('burst-results', 'r1')]],
  ['its report.json', [join('.', 'burst-results', 'r1', 'report.json')]],
])('burst report finds a finished run by %s', async (_, args) => {
  const { code, stdout, stderr } = await burst(['report', ...args, '--format', 'text'], folder)
  expect([code, stderr]).toEqual([report.verdict.exitCode, ''])
  expect(stdout).toMatch(/POST \/cart.*thresholds.*checkout-peak/s)
  expect(await readdir(join(folder, 'burst-results', 'r1'))).toEqual(['report.json'])
})

test.each([
  [['copy.json', '--format', 'pdf'], '--format is "pdf"', 'give one of text, html, markdown, junit'],
  [['copy.json', '--format', 'csv', '--out', 'x'], '--out cannot be used with --format', 'remove one of these flags'],
  [['copy.json', '--format', 'csv', '--region', 'eu-west-1'], '--region cannot be used with --local', ''],
])('burst report %j is refused', async (args, sentence, hint) => {
  const { code, stdout, stderr } = await burst(['report', ...args], folder)
  expect([code, stdout]).toEqual([104, ''])
  expect(stderr).toContain(sentence)
  expect(stderr).toContain(hint)
})

test('burst report refuses a path of --out that cannot be used, and prints only the error', async () => {
  const { code, stdout, stderr } = await burst(['report', 'copy.json', '--out', 'copy.json/below'], folder)
  expect([code, stdout]).toEqual([104, ''])
  expect(stderr).toMatch(/^burst: cannot write results to .*: a part of the path is a file, not a folder\n/)
})

test('burst report --format refuses an incomplete or damaged report in one sentence that names the invalid part', async () => {
  const { errors: _, ...less } = report
  const cut = await project({
    'less.json': JSON.stringify(less),
    'damaged.json': JSON.stringify({ ...report, series: { ...report.series, data: 'AAAA' } }),
    'newer.json': JSON.stringify({ ...report, schemaVersion: 2 }),
    'other.json': '{"name":"x"}',
    'half.json': JSON.stringify(report).slice(0, 5000),
  })
  const other = 'is not a report of this version of burst'
  const refused: [file: string, formats: string[], sentence: string][] = [
    ['less.json', ['html', 'json'], `less.json ${other} errors is missing or not valid`],
    ['damaged.json', ['html'], 'damaged.json cannot be read: the file is damaged'],
    ['newer.json', ['csv'], `newer.json ${other} the report has version 2, but this release of burst reads version 1`],
    ['other.json', ['junit'], `other.json ${other} use the report.json of a run`],
    ['half.json', ['text'], 'half.json is not valid JSON the file may be incomplete; use the report.json of a run'],
  ]
  for (const [file, formats, sentence] of refused) {
    for (const format of formats) {
      const { code, stdout, stderr } = await burst(['report', `./${file}`, '--format', format], cut)
      expect([file, format, code, stdout]).toEqual([file, format, 104, ''])
      expect(stderr.replaceAll(/\s+/g, ' ')).toContain(sentence)
    }
  }
})

test('a run appends its summary once to the job summary of GitHub Actions, and warns if it cannot write the summary', async () => {
  const target = await startCountingTarget()
  const here = await project({
    'some.burst.ts': `import { HttpUser, constant, scenario } from 'burst'
class Visitor extends HttpUser {
  wait = constant('50ms')
  tasks = { visit: 1 }
  async visit() { await this.http.get('/') }
}
export default scenario({ host: '${target.origin}', users: [Visitor] })
`,
    'summary.md': 'what an earlier step said\n',
  })
  const run = (summary: string, out: string) =>
    burst(['run', '--local', '-t', '1s', '--out', out], here, { GITHUB_STEP_SUMMARY: summary })
  const { code } = await run(join(here, 'summary.md'), 'out')
  await burst(['report', './out', '--format', 'text'], here, { GITHUB_STEP_SUMMARY: join(here, 'summary.md') })
  const made = await readFile(join(here, 'out', 'report.md'), 'utf8')
  expect(code).toBe(0)
  expect(made).toContain('`GET /`')
  expect(await readFile(join(here, 'summary.md'), 'utf8')).toBe(`what an earlier step said\n${made}\n`)
  const unwritable = await run(here, 'again')
  await target.close()
  expect(unwritable.code).toBe(0)
  expect(unwritable.stderr).toMatch(/^burst: the summary could not be written to GITHUB_STEP_SUMMARY: .*EISDIR/m)
})
