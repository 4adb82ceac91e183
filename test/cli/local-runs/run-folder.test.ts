import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FileStore } from '../../../cli/embedded/file-store.ts'
import { askToStop, knownRun, knownRuns, openRun } from '../../../cli/local-runs/run-folder.ts'
import { sweepStale } from '../../../cli/local-runs/starting/sweep.ts'
import { keys } from '../../../functions/keys.ts'
import { ownFolder, placeBundle, processSpace } from '../../../functions/files/temporary.ts'
import { planOf } from '../../fixtures/run.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'burst-runs-'))
  vi.stubEnv('TMPDIR', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

const open = async (run = 'r1', keepStore = false) =>
  openRun(planOf({ run, createdAt: Date.now() }), { out: join(folder, 'out'), keepStore })

/** Changes the record of the run: the record then names a process that has ended. Returns the folder of the run. */
async function orphan(run: string): Promise<string> {
  const known = await knownRun(run)
  const path = join(known?.folder ?? '', 'run.json')
  const { pid } = spawnSync('true')
  const { run: name, out, keepStore, createdAt } = known ?? {}
  writeFileSync(
    path,
    JSON.stringify({ v: 1, run: name, pid, space: processSpace(), processStart: 1, out, keepStore, createdAt }),
  )
  return known?.folder ?? ''
}

test('another process can find and stop a run while the folder of the run exists', async () => {
  const one = await open()
  expect(await knownRuns()).toMatchObject([{ run: 'r1', active: true, out: join(folder, 'out') }])
  expect(await one.stopAsked()).toBeUndefined()
  const known = await knownRun('r1')
  await askToStop(known as NonNullable<typeof known>, 'enough')
  expect(await one.stopAsked()).toEqual({ reason: 'enough', now: false })
  await askToStop(known as NonNullable<typeof known>, 'more than enough', true)
  expect(await one.stopAsked()).toEqual({ reason: 'more than enough', now: true })
  await one.remove()
  expect(await knownRuns()).toEqual([])
})

test('a kept store contains no secret variables, and contains the bundle only if --keep-store was given', async () => {
  for (const [run, keepStore] of [
    ['counts', false],
    ['all', true],
  ] as const) {
    const one = await open(run, keepStore)
    const known = await knownRun(run)
    await known?.store.put('bundles/b.mjs', 'rows of accounts.csv')
    await known?.store.put('runs/x/shards/0.json', '{}')
    await known?.store.put(keys.variables(run), '{}')
    await (keepStore ? one.keepAll() : one.keepCounts())
  }
  const kept = await Promise.all((await knownRuns()).map(async ({ run, store }) => [run, await store.list('')]))
  expect(Object.fromEntries(kept)).toEqual({
    all: ['bundles/b.mjs', 'runs/x/shards/0.json'],
    counts: ['runs/x/shards/0.json'],
  })
})

test('the next start of burst deletes the files of killed runs, except files in use and counts from the last week', async () => {
  await open('alive')
  await open('killed')
  await open('old')
  for (const run of ['killed', 'old']) {
    const { store } = (await knownRun(run)) as NonNullable<Awaited<ReturnType<typeof knownRun>>>
    await store.put('bundles/b.mjs', 'rows')
    await store.put(keys.variables(run), '{}')
  }
  const killed = await orphan('killed')
  const old = await orphan('old')
  const weekAgo = Date.now() / 1000 - 8 * 24 * 3600
  utimesSync(old, weekAgo, weekAgo)
  const used = await placeBundle('export default 1')
  const left = join(await ownFolder(), `${spawnSync('true').pid}-${processSpace()}-abc`)
  mkdirSync(left)
  await sweepStale(Date.now())
  expect((await knownRuns()).map(({ run, active }) => [run, active])).toEqual(
    expect.arrayContaining([
      ['alive', true],
      ['killed', false],
    ]),
  )
  expect(readdirSync(killed).toSorted()).toEqual(['run.json', 'store'])
  expect(await new FileStore(join(killed, 'store')).list('')).toEqual([])
  expect([old, left, used.file].map(existsSync)).toEqual([false, false, true])
})

test('burst does not mistake a new process for a killed process that had the same process id', async () => {
  await open()
  const known = await knownRun('r1')
  writeFileSync(
    join(known?.folder ?? '', 'run.json'),
    JSON.stringify({
      v: 1,
      run: 'r1',
      pid: process.ppid,
      space: processSpace(),
      processStart: 1,
      out: '/',
      keepStore: false,
      createdAt: 1,
    }),
  )
  expect((await knownRun('r1'))?.active).toBe(process.platform !== 'linux')
})

test.each(['../x', '', '/etc', 'a/b'])('%j is not accepted as the name of a run', async (run) => {
  expect(await knownRun(run)).toBeUndefined()
})

test('a folder with an unreadable record does not count as a run', async () => {
  const one = join(await ownFolder(), 'runs', 'r2')
  mkdirSync(one, { recursive: true })
  for (const text of ['', '{}', '{"v":1,"run":"../../etc"}', '[]']) {
    writeFileSync(join(one, 'run.json'), text)
    expect(await knownRuns()).toEqual([])
  }
})

test.skipIf(process.platform === 'win32')(
  'only the owner of the temporary folder can read it, and burst refuses a symbolic link as the temporary folder',
  async () => {
    const own = await ownFolder()
    chmodSync(own, 0o777)
    await ownFolder()
    expect(statSync(own).mode & 0o777).toBe(0o700)
    rmSync(own, { recursive: true })
    mkdirSync(join(folder, 'elsewhere'))
    symlinkSync(join(folder, 'elsewhere'), own)
    await expect(ownFolder()).rejects.toMatchObject({
      exitCode: 97,
      hint: 'set TMPDIR to a folder that can be written',
    })
  },
)

test('the error for a temporary folder that does not exist names the folder', async () => {
  vi.stubEnv('TMPDIR', join(folder, 'nowhere'))
  await expect(placeBundle('')).rejects.toMatchObject({
    exitCode: 97,
    message: expect.stringMatching(
      /^cannot write to the temporary folder .*nowhere\/burst-\w+: the folder is missing$/,
    ),
  })
})
