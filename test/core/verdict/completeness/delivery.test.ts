import { expect, test } from 'vitest'
import { type Delivery, deliveryFindings } from '../../../../core/verdict/completeness/delivery.ts'
import { goodDelivery } from '../../../fixtures/findings.ts'

const said = (changes: Partial<Delivery>): string[] =>
  deliveryFindings({ ...goodDelivery, ...changes }).map(({ sentence }) => sentence)

test('if users were missing, the finding says how often onStart failed, but failures of onStart alone are not a finding', () => {
  const users = { plannedS: 1200, deliveredS: 300, short: [] }
  expect(said({ users, onStart: { failed: 37, unserved: 0 } })).toEqual([
    'part of the planned load did not happen: users were active for 300 of 1,200 planned user-seconds (25 %); onStart failed 37 times',
  ])
  expect(said({ onStart: { failed: 3, unserved: 0 } })).toEqual([])
})

test('arrivals without a row of data are a finding if they exceed 1 %, but users without a row of data are not a finding', () => {
  const arrivals = { offered: 2000, dropped: { pool: 0, generator: 0, lost: 0 } }
  expect(said({ exhausted: 1000 })).toEqual([])
  expect(said({ users: null, arrivals, exhausted: 20 })).toEqual([])
  expect(said({ users: null, arrivals, exhausted: 1500 })).toEqual([
    '1,500 of 2,000 arrivals (75 %) ended early, because no row was left in a unique() feed: add rows, or use unique({ recycle: true })',
  ])
})

test('arrivals without an iteration are a finding if they exceed 1 %', () => {
  const arrivals = { offered: 2000, dropped: { pool: 0, generator: 0, lost: 0 } }
  expect(said({ users: null, arrivals, onStart: { failed: 20, unserved: 20 } })).toEqual([])
  expect(said({ users: null, arrivals, onStart: { failed: 40, unserved: 21 } })).toEqual([
    '21 of 2,000 arrivals (1.05 %) ran no iteration, because onStart of their users failed (40 times in the run)',
  ])
})

test('a finding shows enough digits to tell its percentage from the limit', () => {
  const users = { plannedS: 384, deliveredS: 380.009, short: [] }
  expect(said({ users })).toEqual([
    'part of the planned load did not happen: users were active for 380 of 384 planned user-seconds (98.96 %)',
  ])
  const arrivals = { offered: 100_000, dropped: { pool: 1001, generator: 0, lost: 0 } }
  expect(said({ users: null, arrivals })).toEqual([expect.stringContaining('1,001 of 100,000 arrivals (1.001 %)')])
})
