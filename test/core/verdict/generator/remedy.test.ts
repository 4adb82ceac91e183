import { expect, test } from 'vitest'
import { judgeGenerator } from '../../../../core/verdict/generator/generator.ts'
import { GeneratorWatch } from '../../../../core/verdict/generator/watch.ts'
import { GeneratorLag } from '../../../../core/verdict/generator/lag.ts'
import type { WorkerCell } from '../../../../core/window/window.ts'
import { judged, workerOf } from '../../../fixtures/generator-run.ts'

test.each([
  [1, 4, 0.9, 'this machine has 4 cores, but the run had 1 worker: use --workers 4, or do less'],
  [4, 4, 0.9, 'this machine has 4 cores, but the run had 4 workers: use fewer users or a machine with more cores'],
  [1, 1, 0.9, 'this machine has 1 core, but the run had 1 worker: use fewer users or a machine with more cores'],
  [8, 4, 0.9, 'this machine has 4 cores, but the run had 8 workers: use fewer users or a machine with more cores'],
  [
    1,
    4,
    0.12,
    'the workers were late, although they were busy for only 12 % of the time. The system resumed the workers late',
  ],
])(
  'the remedy fits a run with %d local workers on %d cores if the event loops are busy for %d of the time',
  (workers, cores, used, words) => {
    const late = { ...workerOf({ seconds: { 1: { late: 50 } } }), loopUtilization: used }
    expect(judged([late], { machine: { cores, workers } }).reasons[1]).toContain(words)
  },
)

test.each([
  [
    2,
    2,
    0.23,
    'the workers waited for a core for 23 % of the time in which they were late, because other processes used all cores: end these',
  ],
  [2, 2, 0.09, 'this machine has 2 cores, but the run had 2 workers: use fewer users'],
  [4, 2, 0.23, 'this machine has 2 cores, but the run had 4 workers: use fewer users'],
])(
  'if %d local workers on %d cores waited for a core for %d of the time, the remedy names what used the cores',
  (workers, cores, coreWaitShare, words) => {
    const late = { ...workerOf({ seconds: { 1: { late: 50 } } }), loopUtilization: 0.9, coreWaitShare }
    expect(judged([late], { machine: { cores, workers } }).reasons[1]).toContain(words)
  },
)

test('the remedy depends on how long the workers waited for a core while requests were late, and not on the longest wait of the run', () => {
  const windowOf = (coreWaitShare: number, late: number): WorkerCell => ({
    ...workerOf({ seconds: { 1: { late } } }),
    loopUtilization: 0.9,
    coreWaitShare,
  })
  const [watch, lag] = [new GeneratorWatch(), new GeneratorLag()]
  const windows = [windowOf(0.9, 0), windowOf(0.02, 40), windowOf(0.04, 40)]
  watch.see(windows)
  lag.see(windows)
  expect(watch.copy().waitShare).toBe(0.03)
})

test('the remedy depends on how busy the event loop was while requests were late, and not on the busiest window of the run', () => {
  const windowOf = (loopUtilization: number, late: number): WorkerCell => ({
    ...workerOf({ seconds: { 1: { late } } }),
    loopUtilization,
  })
  const remedy = (windows: WorkerCell[]): string | undefined => {
    const [watch, lag] = [new GeneratorWatch(), new GeneratorLag()]
    watch.see(windows)
    lag.see(windows)
    const busiest = { ...workerOf(), loopUtilization: Math.max(...windows.map((cell) => cell.loopUtilization)) }
    const run = { watch: watch.copy(), lag, workers: new Map([['0-0', busiest]]), errors: [], userMs: 1_000_000 }
    return judgeGenerator({ ...run, arrivals: null, machine: { cores: 4, workers: 1 } }).reasons[1]
  }
  expect(remedy([windowOf(0.95, 0), windowOf(0.1, 40), windowOf(0.2, 40)])).toMatch(
    /^the workers were late, although they were busy for only 15 %/,
  )
  expect(remedy([windowOf(0.1, 0), windowOf(0.9, 40), windowOf(0.1, 1)])).toMatch(/^this machine has 4 cores/)
})
