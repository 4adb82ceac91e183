import { expect, expectTypeOf, test } from 'vitest'
import type { InferOutput } from 'valibot'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { decodePlan, decodeVariables, type planSchema } from '../../../core/plan/plan-schema.ts'
import { arrivals } from '../../../core/authoring/load-stages.ts'
import { journey, plan, staged } from '../../fixtures/planning.ts'
import { planOf } from '../../fixtures/run.ts'

const full: RunPlan = planOf({
  hostUserinfo: '***',
  cores: 2,
  classes: [
    { name: 'A', weight: 1, count: 3, tags: ['x'], unpaced: true, tasks: [{ name: 't', weight: 1, tags: [] }] },
  ],
  handOver: { intervalMs: 600_000, aheadMs: 10_000, waitMs: 5_000 },
  iterations: 3,
  thresholds: [{ expression: 'p95 < 300', at: 'shop.burst.ts:3' }],
  env: { PASSWORD: '***' },
  signed: true,
  billing: { workerMb: 1769, architecture: 'arm64', estimateUsd: 0.02 },
})

test('the schema of a stored plan agrees with the TypeScript type of a plan', () => {
  expectTypeOf<InferOutput<typeof planSchema>>().toEqualTypeOf<RunPlan>()
})

test('a stored plan is unchanged when it is read', () => {
  for (const plan of [planOf(), full]) expect(decodePlan(JSON.stringify(plan))).toEqual(plan)
})

/** Returns a copy of the plan with this value in the field at the path; undefined removes the field. */
function changed(path: string, value: unknown): string {
  const plan = structuredClone(full) as unknown as Record<string, unknown>
  const names = path.split('.')
  const last = names.pop() as string
  const inner = names.reduce((at, name) => at[name] as Record<string, unknown>, plan)
  inner[last] = value
  return JSON.stringify(plan)
}

test.each<[string, unknown]>([
  ['run', '../other'],
  ['run', undefined],
  ['name', 'x'.repeat(20_000)],
  ['bundle', '../../etc/passwd'],
  ['backend', 'azure'],
  ['createdAt', -1],
  ['model', 'both'],
  ['users', '10'],
  ['users', 1e12],
  ['users', 1.5],
  ['freshUser', 'no'],
  ['classes', []],
  ['classes.0.weight', null],
  ['classes.0.count', -1],
  ['classes.0.unpaced', false],
  ['classes.0.tasks.0.name', 7],
  ['slices', []],
  ['slices.1.slice', 7],
  ['slices.1.slice', 0],
  ['slices.0.stride', 0],
  ['slices.0.count', -1],
  ['slicesPerShard', 0],
  ['windowMs', 0],
  ['flushMs', null],
  ['timing.controlPollMs', 0],
  ['timing.leaseMs', -1],
  ['timing.drainMs', 'soon'],
  ['profile', null],
  ['profile.endMs', -1],
  ['profile.points.0.level', -1],
  ['profile.points.0.atMs', 1e9],
  ['handOver.intervalMs', 0],
  ['iterations', 0],
  ['thresholds.0.at', 5],
  ['connections', 'none'],
  ['vars', { a: 1 }],
  ['env', []],
  ['failOnError', 0],
  ['signed', 'yes'],
  ['hooks.beforeRun', null],
  ['billing.architecture', 'z80'],
  ['words', ['x'.repeat(100_000)]],
  ['unknown', 1],
  ['timing.unknown', 1],
])('a plan whose %s is %j is refused, and the error message is one sentence that names the field', (path, value) => {
  const sentence = new RegExp(`^the plan of a run cannot be read: ${path.split('.')[0]}[^\n]{1,300}$`)
  expect(() => decodePlan(changed(path, value))).toThrow(sentence)
})

test('a stored plan is refused if it has an unsupported version, is not JSON, or is too long', () => {
  expect(() => decodePlan(changed('schemaVersion', 2))).toThrow('its version is 2, but this build reads version 1')
  expect(() => decodePlan('{"schemaVersion":1')).toThrow('the plan of a run cannot be read: it is not valid JSON')
  expect(() => decodePlan(' '.repeat(64 * 1024 * 1024 + 1))).toThrow('it has 67108865 characters, more than 67108864')
})

test('stored variables are unchanged when they are read, and a file that contains anything else is refused', () => {
  const variables = { vars: { user: 'x' }, env: { PASSWORD: 'y' }, hostUserinfo: 'a:b' }
  expect(decodeVariables(JSON.stringify(variables))).toEqual(variables)
  for (const wrong of ['null', '{"vars":{"a":1}}', '{"vars":{},"host":"x"}', '']) {
    expect(() => decodeVariables(wrong)).toThrow('the file with the variables of a run cannot be read: ')
  }
})

test('a stored plan with any options can be read', () => {
  const aws = { backend: 'aws', region: 'eu-central-1' } as const
  const plans = [
    plan(journey),
    plan(journey, { users: 10_000_000, usersPerWorker: 900, runTimeMs: 60_000, seed: '', vars: { A: 'b' } }, aws),
    plan(journey, { spawnRate: 0.001, users: 7, iterations: 5, stopTimeoutMs: 0 }),
    plan(staged(arrivals(200, '1m')), { rate: 0.5 }),
    plan({ ...journey, thresholds: ['p95 < 1s'] }, { runTimeMs: 1.5, intervalMs: 5_000 }),
  ]
  for (const one of plans) expect(decodePlan(JSON.stringify(one))).toEqual(one)
})
