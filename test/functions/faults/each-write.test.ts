import { expect, test } from 'vitest'
import type { Chosen } from './chosen.ts'
import { noFate } from './fate.ts'
import { noFaults } from './faulty-ports.ts'
import { type Story, check, storyOf } from './story.ts'

type FailedWrite = { number: number; takesEffect: boolean } | null

/** Runs 40 s of load with a hand-over and two coordinators. The only fault is that one conditional write is answered with an error. */
async function runWith(failedWrite: FailedWrite): Promise<Story> {
  const chosen: Chosen = {
    kinds: [],
    faults: { ...noFaults, failedWrite },
    fate: noFate,
    loadMs: 40_000,
    intervalMs: 30_000,
    runs: 1,
    coordinatorMs: 125_000,
  }
  return storyOf(chosen, { seed: 1 })
}

const writesOf = ({ runs }: Story): readonly string[] => runs[0]?.ports.conditionalWrites ?? []
const launchesOf = ({ runs }: Story): string[] => [...new Set(runs[0]?.launched)].toSorted()

/** Returns a description of the problem that the failed write causes. Returns undefined if the run has the same result as the run without faults. */
async function problemOf(failedWrite: NonNullable<FailedWrite>, calm: Story): Promise<string | undefined> {
  const story = await runWith(failedWrite)
  const key = writesOf(story)[failedWrite.number]
  try {
    await check(story)
    const report = await story.runs[0]?.report()
    expect(report?.completeness).toMatchObject({ complete: true, lost: [], unreadable: 0 })
    expect(report?.verdict.exitCode).toBe(0)
    // If a worker cannot claim its slice, the worker ends, and the slice is launched again.
    const launches = key?.includes('/claims/') ? launchesOf(story) : launchesOf(calm)
    expect(launchesOf(story)).toEqual(launches)
    return undefined
  } catch (error) {
    return `write ${failedWrite.number} of ${key}: ${String(error)}`
  }
}

test.each([
  ['fails', false],
  ['takes effect but is answered with an error', true],
] as const)(
  'if a single conditional write of a run %s, no count is missing, and no worker that has claimed its slice is replaced',
  async (_, takesEffect) => {
    const calm = await runWith(null)
    const writes = writesOf(calm)
    const kinds = new Set(writes.map((key) => key.replace(/^runs\/r1\//, '').replace(/[\d/-].*$/, '')))
    expect([...kinds].toSorted()).toEqual([
      'claims',
      'control.json',
      'coordinator.json',
      'ending.json',
      'plan.json',
      'shards',
      'windows',
    ])
    const problems: string[] = []
    for (const number of writes.keys()) {
      const problem = await problemOf({ number, takesEffect }, calm)
      if (problem !== undefined) problems.push(problem)
    }
    expect(problems).toEqual([])
  },
  300_000,
)
