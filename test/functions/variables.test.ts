import { expect, test } from 'vitest'
import { keys } from '../../functions/keys.ts'
import { putPlan, withVariables } from '../../functions/variables.ts'
import { journey, plan as planFor } from '../fixtures/planning.ts'
import { MemoryStore } from '../stores/memory-store.ts'

test('secret variables are not in the plan, but the stages that run the plan receive them', async () => {
  const store = new MemoryStore()
  const plan = {
    ...planFor(journey),
    vars: { region: 'eu', password: 's3cr3t' },
    env: { GREETING: 'hello there' },
    hostUserinfo: 'ann:pw',
  }
  await putPlan(store, plan)
  const text = (await store.get(keys.plan(plan.run)))?.body ?? ''
  expect(text).not.toMatch(/s3cr3t|hello there|ann:pw/)
  const stored = JSON.parse(text) as typeof plan
  expect([stored.vars, stored.env]).toEqual([{ region: 'eu', password: '***' }, { GREETING: '***' }])
  expect(await withVariables(store, stored)).toEqual(plan)
  await store.delete(keys.variables(plan.run))
  await expect(withVariables(store, stored)).rejects.toThrow(`the variables of run ${plan.run} are not in the store`)
})

test("the plan does not contain the host's user name and password, even if there are no other secrets", async () => {
  const store = new MemoryStore()
  const plan = { ...planFor(journey), vars: {}, env: {}, hostUserinfo: 'ann:pw' }
  await putPlan(store, plan)
  const stored = JSON.parse((await store.get(keys.plan(plan.run)))?.body ?? '') as typeof plan
  expect(stored).toEqual({ ...plan, hostUserinfo: '***' })
  expect(await withVariables(store, stored)).toEqual(plan)
})

test('a plan without secrets is stored unchanged, without a second file', async () => {
  const store = new MemoryStore()
  const plan = { ...planFor(journey), vars: { region: 'eu' }, env: {} }
  await putPlan(store, plan)
  expect(await store.list(`runs/${plan.run}/`)).toEqual([keys.plan(plan.run)])
  expect(JSON.parse((await store.get(keys.plan(plan.run)))?.body ?? '')).toEqual(plan)
})
