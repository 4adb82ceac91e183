import { expect, test } from 'vitest'
import type { Case } from '../../../bench/verdict/cases.ts'
import { judgeTruth } from '../../../bench/verdict/judge-truth.ts'

const one: Case = {
  id: 0,
  users: 1,
  codeMs: 2,
  targetMs: 20,
  wait: { kind: 'constant', ms: 100 },
  workers: 1,
  seconds: 60,
}
const floorMs = 0.2

interface Delays {
  /** The time between the arrival of an answer and the moment at which burst reads it. */
  readMs?: number
  /** How much longer than planned the user's code takes, in milliseconds. */
  codeMs?: number
  /** How late the next request is sent, in milliseconds. */
  sendMs?: number
}

/** Returns the evidence of one user with 400 requests. The delays apply to one request in ten. */
function evidenceWith({ readMs = 0, codeMs = 0, sendMs = 0 }: Delays): Parameters<typeof judgeTruth>[1] {
  const [log, samples]: [number[], number[]] = [[], []]
  let atMs = 1_000
  for (let k = 0; k < 400; k++) {
    const part = k % 10 === 0 ? 1 : 0
    const tookCodeMs = one.codeMs + part * codeMs
    const errorMs = floorMs + part * readMs
    log.push(0, atMs, one.targetMs)
    samples.push(atMs + one.targetMs + errorMs, errorMs, k, tookCodeMs)
    atMs += one.targetMs + errorMs + 100 + tookCodeMs + part * sendMs
  }
  return { log: Float64Array.from(log), samples: Float64Array.from(samples), floorMs }
}

test('a run without delays is healthy', () => {
  const truth = judgeTruth(one, evidenceWith({}))
  expect(truth).toMatchObject({ verdict: 'healthy', uncertainShare: 0, lateShare: 0 })
  expect(truth.loadShare).toBeCloseTo(1)
})

test('if burst reads an answer late, the latency is too long, but the next request is not late', () => {
  const truth = judgeTruth(one, evidenceWith({ readMs: 30 }))
  expect(truth).toMatchObject({ verdict: 'inaccurate', lateShare: 0 })
  expect(truth.uncertainShare).toBeCloseTo(0.1, 2)
})

test('a request that burst sends late is judged late, and the run is judged generator-bound', () => {
  const truth = judgeTruth(one, evidenceWith({ sendMs: 30 }))
  expect(truth).toMatchObject({ verdict: 'bound', uncertainShare: 0 })
  expect(truth.lateShare).toBeCloseTo(0.1, 2)
})

test('user code that takes longer than planned does not make the next request late', () => {
  expect(judgeTruth(one, evidenceWith({ codeMs: 30 }))).toMatchObject({ verdict: 'healthy', lateShare: 0 })
})
