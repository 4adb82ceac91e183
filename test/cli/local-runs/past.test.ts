import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, test } from 'vitest'
import { newestPast, pastRuns } from '../../../cli/local-runs/past.ts'
import { comparedRun } from '../../fixtures/reports/compared-run.ts'
import { emptyFolder } from '../command-line.ts'

test('the newest run of a folder is the one that started last, whatever its folder is called', async () => {
  const cwd = await emptyFolder()
  expect(await newestPast(cwd)).toBeUndefined()
  const { report } = comparedRun({ seed: 1, names: [{ name: '/a' }] })
  const write = async (name: string, startedAt: number): Promise<void> => {
    const folder = join(cwd, 'burst-results', name)
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'report.json'), JSON.stringify({ ...report, run: { ...report.run, startedAt } }))
  }
  await mkdir(join(cwd, 'burst-results', '20261123-120000-shop-0000'), { recursive: true })
  await write('20261121-120000-shop-1111', 1000)
  await write('20261122-120000-cart-2222', 2000)
  await write('baseline', 1500)
  expect(await newestPast(cwd)).toEqual({
    folder: join(cwd, 'burst-results', '20261122-120000-cart-2222'),
    startedAt: 2000,
  })
  await write('today', 3000)
  expect((await newestPast(cwd))?.folder).toBe(join(cwd, 'burst-results', 'today'))
  const listed = await pastRuns(cwd, 2)
  expect(listed.runs.map(({ folder }) => basename(folder))).toEqual(['today', '20261122-120000-cart-2222'])
})
