import { mkdtemp, readFile, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { ownIdentity } from '../../../../cli/ending/process-identity.ts'
import { claimFolder } from '../../../../cli/run/outputs/claimed-folder.ts'
import type { BurstError } from '../../../../core/errors.ts'

const file = '.burst-run.json'
let folder: string
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'burst-claim-'))))

test('an output folder can be claimed again only after it is released', async () => {
  const release = await claimFolder(folder, 'first')
  await expect(claimFolder(folder, 'second')).rejects.toMatchObject({
    exitCode: 104,
    message: `run first (process ${process.pid}) is in progress and writes its results to ${folder}`,
  })
  await release()
  expect(await readdir(folder)).toEqual([])
  const again = await claimFolder(folder, 'second')
  expect(JSON.parse(await readFile(join(folder, file), 'utf8'))).toMatchObject({ run: 'second', pid: process.pid })
  await again()
})

test.each([
  ['of a process that has ended', JSON.stringify({ run: 'old', ...ownIdentity(), pid: 2 ** 30 })],
  [
    'of a process whose number another process has now',
    JSON.stringify({ run: 'old', ...ownIdentity(), processStart: 1 }),
  ],
  ['of a process in another container', JSON.stringify({ run: 'old', ...ownIdentity(), space: '1' })],
  ['that was not written completely', '{"run":"ol'],
])('in an output folder, the claim %s is replaced by a new claim', async (_, claim) => {
  await writeFile(join(folder, file), claim)
  const release = await claimFolder(folder, 'new')
  expect(JSON.parse(await readFile(join(folder, file), 'utf8'))).toMatchObject({ run: 'new' })
  await release()
})

test('if many runs claim an output folder at the same time, exactly one run succeeds, even if the folder has the claim of a process that has ended', async () => {
  await writeFile(join(folder, file), JSON.stringify({ run: 'old', ...ownIdentity(), pid: 2 ** 30 }))
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, async (_, k) => {
      const run = `run-${k}`
      return claimFolder(folder, run).then(
        (release) => ({ run, release }),
        (error: BurstError) => error.exitCode,
      )
    }),
  )
  const claimed = outcomes.filter((outcome) => typeof outcome === 'object')
  expect(outcomes.filter((outcome) => outcome === 104)).toHaveLength(19)
  expect(claimed).toHaveLength(1)
  expect(JSON.parse(await readFile(join(folder, file), 'utf8'))).toMatchObject({ run: claimed[0]?.run })
  expect(await readdir(folder)).toEqual([file])
  await claimed[0]?.release()
  expect(await readdir(folder)).toEqual([])
})

test('if another run has replaced a claim, the end of the old claim does not remove the new claim', async () => {
  const release = await claimFolder(folder, 'first')
  const other = JSON.stringify({ run: 'other', ...ownIdentity() })
  await writeFile(join(folder, file), other)
  await release()
  expect(await readFile(join(folder, file), 'utf8')).toBe(other)
})

test('if an output folder cannot be written, the error says so', async () => {
  await expect(claimFolder(join(folder, 'missing'), 'new')).rejects.toMatchObject({
    exitCode: 97,
    message: expect.stringContaining('cannot write results to') as string,
  })
})
