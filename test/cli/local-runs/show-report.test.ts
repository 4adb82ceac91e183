import { mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { outputFiles } from '../../../functions/keys.ts'
import { renderOutput } from '../../../functions/reducer/render-output.ts'
import { syntheticReport } from '../../fixtures/reports/synthetic-run.ts'
import { burst, emptyFolder } from '../command-line.ts'

const report = syntheticReport({ seconds: 20, trouble: true })
const ofWorkers = ['worker-0-1.cpuprofile', 'worker-0.samples.ndjson']
let cwd: string
beforeEach(async () => {
  cwd = await emptyFolder()
  await mkdir(join(cwd, 'run'))
  for (const name of [...ofWorkers, 'notes.txt']) await writeFile(join(cwd, 'run', name), `the text of ${name}`)
  for (const name of outputFiles) await writeFile(join(cwd, 'run', name), await renderOutput(report, name))
})

test('burst report --out copies the result files and the files that the workers wrote, but no other files', async () => {
  const { code, stderr } = await burst(['report', 'run', '--out', 'copy'], cwd)
  expect([code, stderr]).toEqual([report.verdict.exitCode, ''])
  expect((await readdir(join(cwd, 'copy'))).toSorted()).toEqual([...outputFiles, ...ofWorkers].toSorted())
  for (const name of ofWorkers) expect(await readFile(join(cwd, 'copy', name), 'utf8')).toBe(`the text of ${name}`)
  await burst(['report', 'run', '--out', 'run'], cwd)
  expect((await readdir(join(cwd, 'run'))).toSorted()).toEqual([...outputFiles, ...ofWorkers, 'notes.txt'].toSorted())
})

test('for a renamed report, burst report --out copies the files of the workers, unless the folder also contains a report.json', async () => {
  const copy = async (): Promise<string[]> => {
    await burst(['report', 'run/renamed.json', '--out', 'copy'], cwd)
    return (await readdir(join(cwd, 'copy'))).toSorted()
  }
  await rename(join(cwd, 'run', 'report.json'), join(cwd, 'run', 'renamed.json'))
  expect(await copy()).toEqual([...outputFiles, ...ofWorkers].toSorted())
  await writeFile(join(cwd, 'run', 'report.json'), '{}')
  expect(await copy()).toEqual([...outputFiles].toSorted())
})

test('if a path contains no report, burst report says what is missing', async () => {
  await mkdir(join(cwd, 'empty'))
  await mkdir(join(cwd, 'page'))
  await mkdir(join(cwd, 'table'))
  await mkdir(join(cwd, 'burst-results', 'cut-off'), { recursive: true })
  await rename(join(cwd, 'run', 'report.html'), join(cwd, 'page', 'report.html'))
  await rename(join(cwd, 'run', 'stats.csv'), join(cwd, 'table', 'stats.csv'))
  const wanted = 'name the folder with the files of a run, or its report.json'
  const refused: [args: string[], sentence: string, hint: string][] = [
    [['empty'], 'empty contains no report.json', `the folder is empty; ${wanted}`],
    [['./empty'], './empty contains no report.json', `the folder is empty; ${wanted}`],
    [['page'], 'page contains no report.json', 'burst ui page/report.html shows the report in the browser'],
    [['table'], 'table contains no report.json', `it contains stats.csv; ${wanted}`],
    [['.'], '. contains no report.json', 'name one of its runs: run'],
    [['cut-off', '--local'], 'burst-results/cut-off contains no report.json', `the folder is empty; ${wanted}`],
    [['./none'], 'there is no file or folder ./none', 'burst list --local names the runs'],
    [['none.json'], 'there is no file or folder none.json', 'burst list --local names the runs'],
    [
      ['page/report.html'],
      'page/report.html is not a report.json',
      'burst ui page/report.html shows a report.html in the browser',
    ],
    [
      ['table/stats.csv'],
      `${join(cwd, 'table', 'stats.csv')} is not valid JSON`,
      'the file may be incomplete; use the report.json of a run',
    ],
  ]
  for (const [args, sentence, hint] of refused) {
    const { code, stdout, stderr } = await burst(['report', ...args], cwd)
    expect([args, code, stdout, stderr]).toEqual([args, 104, '', `burst: ${sentence}\n  ${hint}\n`])
  }
})
