import { expect, test } from 'vitest'
import { hookResult, decodeHookFailure, encodeHookFailure } from '../../functions/hooks/hook-records.ts'
import { keys } from '../../functions/keys.ts'
import { findPlan, readPlan } from '../../functions/read-plan.ts'
import { withVariables } from '../../functions/variables.ts'
import { BurstError } from '../../core/errors.ts'
import { planOf } from '../fixtures/run.ts'
import { MemoryStore } from '../stores/memory-store.ts'

test('a plan is the same after it was stored and read, and the error for a missing plan names the run', async () => {
  const store = new MemoryStore()
  await expect(readPlan(store, 'r1')).rejects.toThrow('there is no run called r1')
  expect(await findPlan(store, 'r1')).toBeUndefined()
  await store.put(keys.plan('r1'), JSON.stringify(planOf()))
  expect(await readPlan(store, 'r1')).toEqual(planOf())
})

test.each([
  ['not json', 'the plan of a run cannot be read: it is not valid JSON'],
  ['null', 'the plan of a run cannot be read: Invalid type: Expected Object but received null'],
  [JSON.stringify({ ...planOf(), users: 'many' }), 'the plan of a run cannot be read: users: '],
  [JSON.stringify(planOf({ run: 'r2' })), 'the plan stored for run r1 is the plan of run r2'],
])('the plan %s is refused with the exit code of a failed run', async (body, sentence) => {
  const store = new MemoryStore()
  await store.put(keys.plan('r1'), body)
  const refused = await readPlan(store, 'r1').catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(BurstError)
  expect(refused).toMatchObject({ reason: 'runFailed', message: expect.stringContaining(sentence) as string })
})

test('stored variables, hook results and hook failures are validated when they are read', async () => {
  const store = new MemoryStore()
  await store.put(keys.variables('r1'), '{"vars":{"a":1}}')
  const hidden = planOf({ vars: { a: '***' } })
  await expect(withVariables(store, hidden)).rejects.toThrow(
    'the file with the variables of a run cannot be read: vars.a',
  )
  expect(await hookResult(store, 'r1')).toBeUndefined()
  await store.put(keys.hook('r1', 'beforeRun'), '{"token":')
  await expect(hookResult(store, 'r1')).rejects.toThrow('the result of beforeRun cannot be read: it is not valid JSON')
  expect(() => decodeHookFailure('{"reason":"passed","message":""}')).toThrow('the failure of a hook cannot be read: ')
  const long = new BurstError('scenarioThrew', 'x'.repeat(100_000))
  expect(decodeHookFailure(encodeHookFailure(long))).toEqual({ reason: 'scenarioThrew', message: 'x'.repeat(65_536) })
})
