import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { newestRun } from '../../../cli/local-runs/find-run.ts'
import { pastRuns } from '../../../cli/local-runs/past.ts'
import { comparedRun } from '../../fixtures/reports/compared-run.ts'
import { emptyFolder } from '../command-line.ts'

test('the newest runs of a folder are the runs that started most recently, regardless of the names of their folders', async () => {
  const cwd = await emptyFolder()
  await expect(newestRun(cwd, false)).rejects.toThrow('this folder has no finished run')
  const { report } = comparedRun({ seed: 1, names: [{ name: '/a' }] })
  const write = async (name: string, content: string): Promise<void> => {
    const folder = join(cwd, 'burst-results', name)
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'report.json'), content)
  }
  const startedAt = (ms: number): string => JSON.stringify({ ...report, run: { ...report.run, startedAt: ms } })
  await mkdir(join(cwd, 'burst-results', '20261123-120000-shop-0000'), { recursive: true })
  await write('20261121-120000-shop-1111', startedAt(1000))
  await write('20261122-120000-cart-2222', startedAt(2000))
  await write('baseline', startedAt(1500))
  expect(await newestRun(cwd, false)).toBe('burst-results/20261122-120000-cart-2222')
  await write('today', startedAt(3000))
  expect(await newestRun(cwd, false)).toBe('burst-results/today')
  const listed = await pastRuns(cwd, 2)
  expect(listed.runs.map(({ folder }) => basename(folder))).toEqual(['today', '20261122-120000-cart-2222'])
  await write('cut-off', startedAt(4000).slice(0, 100))
  await expect(newestRun(cwd, false)).rejects.toThrow('burst-results/cut-off contains no readable report')
})

test('if burst cannot read the folder burst-results, the result is an error and not an empty list of runs', async () => {
  const cwd = await emptyFolder()
  await writeFile(join(cwd, 'burst-results'), '')
  const message = `cannot read ${join(cwd, 'burst-results')}: a part of the path is a file, not a folder`
  await expect(pastRuns(cwd, 2)).rejects.toThrow(message)
  await expect(newestRun(cwd, false)).rejects.toThrow(message)
})
