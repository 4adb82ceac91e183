import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { planOfKnownRun } from '../../../cli/local-runs/find-run.ts'
import { type KnownRun, knownRun, openRun } from '../../../cli/local-runs/run-folder.ts'
import { putPlan } from '../../../functions/variables.ts'
import { planOf } from '../../fixtures/run.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'burst-find-run-'))
  vi.stubEnv('TMPDIR', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true, force: true })
})

const plan = planOf({ run: 'r1', createdAt: Date.now() })
const open = () => openRun(plan, { out: join(folder, 'out'), keepStore: true })

test('if a run has just started, its plan is returned as soon as the run has stored the plan', async () => {
  await open()
  const known = (await knownRun('r1')) as KnownRun
  const found = planOfKnownRun(known)
  await sleep(200)
  await putPlan(known.store, plan)
  expect(await found).toMatchObject(plan)
})

test('if a run without a plan ends, the error names the folder of its store', async () => {
  const started = await open()
  const known = (await knownRun('r1')) as KnownRun
  const found = planOfKnownRun(known)
  await started.remove()
  await expect(found).rejects.toThrow(`the store of run r1 has no plan (${known.storeDir})`)
})
