import { expect, test } from 'vitest'
import { Lease } from '../../../../functions/worker/engine/lease.ts'

/** Returns a lease that ends at 30 s, on a clock that the test sets. The wall clock and the clock of the engine show the same time. */
function leaseOf() {
  const clock = { now: 0, nowMs: () => clock.now, atWall: (epochMs: number) => epochMs }
  const lease = new Lease(clock, 30_000)
  /** Lets time pass while the event loop runs every 250 ms. */
  const pass = (untilMs: number): void => {
    while (clock.now < untilMs) {
      clock.now = Math.min(untilMs, clock.now + 250)
      lease.beat()
    }
  }
  return { clock, lease, pass }
}

test('users may send requests until the lease ends, and later requests are refused because the coordinator is lost', () => {
  const { lease, pass } = leaseOf()
  pass(29_999)
  expect(lease.refusal()).toBeUndefined()
  pass(30_000)
  expect(lease.refusal()).toMatch(/^the lease has ended: the coordinator was lost/)
  lease.hear({ leaseUntil: 60_000, readAt: 30_000 })
  expect(lease.refusal()).toBeUndefined()
})

test('after the event loop was blocked for more than 5 s, users may send requests only after the worker has read the control file again', () => {
  const { clock, lease, pass } = leaseOf()
  pass(10_000)
  lease.hear({ leaseUntil: 40_000, readAt: 10_000 })
  clock.now = 15_000
  expect(lease.refusal()).toBeUndefined()
  clock.now = 21_000
  const blocked = /^the process of the worker was blocked for more than 5 s/
  expect(lease.refusal()).toMatch(blocked)
  // This control file was read before the event loop was blocked.
  lease.hear({ leaseUntil: 40_000, readAt: 15_000 })
  expect(lease.refusal()).toMatch(blocked)
  lease.hear({ leaseUntil: 40_000, readAt: 21_000 })
  expect(lease.refusal()).toBeUndefined()
})

test('if the lease ends while the event loop is blocked, requests are refused first because of the block and later because of the lost coordinator', () => {
  const { clock, lease, pass } = leaseOf()
  pass(1_000)
  clock.now = 50_000
  expect(lease.refusal()).toMatch(/blocked/)
  lease.hear({ leaseUntil: 30_000, readAt: 50_000 })
  expect(lease.refusal()).toMatch(/the coordinator was lost/)
})
