import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FileStore } from '../../../../cli/embedded/file-store.ts'
import { openRun } from '../../../../cli/local-runs/run-folder.ts'
import { Catalogue } from '../../../../cli/ui/runs/catalogue.ts'
import { keys } from '../../../../functions/keys.ts'
import { planOf } from '../../../fixtures/run.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'burst-catalogue-'))
  vi.stubEnv('TMPDIR', folder)
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await rm(folder, { recursive: true })
})

/** Stores `body` as the plan of a run that ended before its report was made. */
async function keep(run: string, body: string): Promise<void> {
  const plan = planOf({ run })
  const { storeDir } = await openRun(plan, { out: folder, keepStore: true })
  await new FileStore(storeDir).put(keys.plan(run), body, { ifAbsent: true })
}

test.each([
  ['is not JSON', '{"name": "sh'],
  ['is null', 'null'],
  ['has a name that is not a string', JSON.stringify({ ...planOf({}), run: 'r2', name: 7 })],
])('if the stored plan of a run %s, the list shows its id as its name and still has all runs', async (_, damaged) => {
  await keep('r1', JSON.stringify(planOf({ run: 'r1', name: 'shop' })))
  await keep('r2', damaged)
  const { runs } = await new Catalogue(join(folder, 'burst-results')).list()
  const names = runs.map(({ run, name, users }) => ({ run, name, users }))
  expect(names).toContainEqual({ run: 'r1', name: 'shop', users: planOf({}).users })
  expect(names).toContainEqual({ run: 'r2', name: 'r2', users: 0 })
})
