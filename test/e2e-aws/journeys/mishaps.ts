import { expect, test } from 'vitest'
import type { Report } from '../../../core/report/report.ts'
import { keys } from '../../../functions/keys.ts'
import { type ChildTarget, runInChild } from '../../targets/child.ts'
import type { Counts } from '../../targets/counting-target.ts'
import type { Account } from '../account.ts'
import type { Cloud } from '../emulators/cloud.ts'
import { isConnectedTo } from '../emulators/processes.ts'
import { type Person, writeScenario } from '../person.ts'
import { until } from '../until.ts'

export interface Deployed {
  cloud: Cloud
  account: Account
  person: Person
}

/** `true` if the suite uses an endpoint that it did not start. The suite cannot find the processes of that endpoint. */
const elsewhere = Boolean(process.env['BURST_E2E_ENDPOINT'])

/** Defines tests on a deployed stack: they check the reports of runs that lose an object, a worker or a coordinator. */
export function testMishaps(deployed: () => Deployed): void {
  test('a run stops immediately if its control file or plan is deleted, and burst stop --all blocks new runs until burst resume allows them', async () => {
    const { person, account } = deployed()
    await withTarget(async (target, scenario) => {
      const flags = ['--yes', '--detach', '-u', '10', '-r', '10', '-t', '10m', '--workers', '2']
      const runs = await Promise.all(
        ['a', 'b', 'c', 'd'].map(async (name) => begin(person, scenario, [...flags, '--name', name])),
      )
      for (const run of runs) await merged(account, run)
      const [withoutControl = '', withoutPlan = '', ...others] = runs
      await Promise.all([account.remove(keys.control(withoutControl)), account.remove(keys.plan(withoutPlan))])
      // The coordinator restores the deleted object and writes a stop request into the run's control file.
      for (const run of [withoutControl, withoutPlan]) await stopOf(account, run)
      const { stdout } = await person.manages('stop', '--all')
      for (const run of others) expect(stdout).toContain(run)
      const refused = await person.burst('run', scenario, ...flags)
      expect([refused.code, refused.stderr]).toEqual([97, expect.stringContaining('halted')])
      const broken = await Promise.all(
        [
          [withoutControl, 'control.json'],
          [withoutPlan, 'plan.json'],
        ].map(async ([run = '', file = '']) => endedWithout(file, await watched(person, run))),
      )
      const reports = await Promise.all(others.map(async (run) => watched(person, run)))
      for (const { completeness, verdict, users } of reports) {
        expect({ complete: completeness.complete, users: users.started }).toEqual({ complete: true, users: 10 })
        expect(verdict.stoppedBy).not.toBeNull()
      }
      expect(await unaccounted(target, [...broken, ...reports])).toBe(0)
      // The list of active runs contains neither ended nor refused runs. `burst watch` would treat a refused run in this list as a run that was
      // started.
      expect(await account.keys('active/')).toEqual([keys.halt])
      await person.manages('resume')
    })
  })

  test('burst doctor confirms that a stack works, and names a target that does not answer', async () => {
    const { person, cloud } = deployed()
    await withTarget(async (target) => {
      const [well, ill] = await Promise.all(
        [addressOf(target), `http://${cloud.targetHost}:1`].map((host) => person.burst('doctor', '-H', host)),
      )
      const [good, bad] = ['which answered with status 200', 'a worker could not reach http']
      expect([well?.code, well?.stdout]).toEqual([0, expect.stringContaining(good)])
      expect([ill?.code, ill?.stdout]).toEqual([97, expect.stringContaining(bad)])
    })
  })

  test.skipIf(elsewhere)(
    'a killed worker is replaced and named in the report, and the counts of the other workers are complete',
    async () => {
      const { person, cloud, account } = deployed()
      await withTarget(async (target, scenario) => {
        const flags = ['--yes', '--detach', '-u', '10', '-r', '10', '-t', '60s', '--workers', '2']
        const run = await begin(person, scenario, flags)
        await merged(account, run)
        const port = Number(new URL(target.origin).port)
        const pids = await cloud.processesOf('burst-worker')
        const busy = await Promise.all(pids.map((pid) => isConnectedTo(pid, port)))
        const worker = pids.find((_, k) => busy[k])
        kill([worker])
        const { verdict, completeness, workers, load, events } = await watched(person, run)
        expect([verdict.result, verdict.exitCode]).toEqual(['inconclusive', 98])
        expect(load?.deliveredShare).toBeLessThan(0.99)
        expect(completeness.lost.join('\n')).toMatch(/^worker [01] .* attempt 1 continued$/m)
        expect(workers.map(({ attempts }) => attempts).toSorted((a, b) => a - b)).toEqual([1, 2])
        expect(events.map(({ text }) => text).join('\n')).toMatch(
          /^the users of worker [01] were missing from .* until .*, when attempt 1 continued: .* user-seconds of the plan$/m,
        )
      })
    },
  )

  test.skipIf(elsewhere)('a run whose coordinator is killed has a report with all counts of the workers', async () => {
    const { person, cloud, account } = deployed()
    await withTarget(async (target, scenario) => {
      const flags = ['--yes', '--detach', '-u', '10', '-r', '10', '-t', '20s', '--workers', '2']
      const run = await begin(person, scenario, flags)
      await merged(account, run)
      kill(await cloud.processesOf('burst-coordinator'))
      const report = await watched(person, run)
      expect(report.completeness.lost).toEqual([])
      expect(await unaccounted(target, [report])).toBe(0)
      expect(report.events.map(({ text }) => text).join('\n')).toContain('coordinator')
    })
  })

  /** Calls `work` with a new target and a scenario that sends requests to this target. */
  async function withTarget(work: (target: ChildTarget, scenario: string) => Promise<void>): Promise<void> {
    const target = await runInChild('counting-target.ts')
    try {
      await work(target, await writeScenario(deployed().person.folder, addressOf(target), '500ms'))
    } finally {
      await target.close()
    }
  }

  function addressOf(target: ChildTarget): string {
    return `http://${deployed().cloud.targetHost}:${new URL(target.origin).port}`
  }
}

async function begin(person: Person, scenario: string, flags: string[]): Promise<string> {
  const { stdout } = await person.manages('run', scenario, ...flags)
  return stdout.trim().split('\n').at(-1) ?? ''
}

/**
 * Waits until burst has merged a message from each of these attempts, or from a later attempt of the same slice. An attempt is written as
 * `slice-attempt`. By default, waits for the first attempt of slice 0 and the first attempt of slice 1.
 */
export async function merged(account: Account, run: string, ...attempts: string[]): Promise<void> {
  const awaited = attempts.length > 0 ? attempts : ['0-0', '1-0']
  const areMerged = async (): Promise<true | undefined> => {
    const [shard] = await account.keys(keys.shards(run))
    const state = shard === undefined ? '' : await account.object(shard)
    const found = [...state.matchAll(/"(\d+)-(\d+)"/g)].map(([, slice, attempt]) => [Number(slice), Number(attempt)])
    const isMerged = ([slice, attempt]: number[]): boolean =>
      found.some(([of, latest]) => of === slice && Number(latest) >= Number(attempt))
    return awaited.every((one) => isMerged(one.split('-').map(Number))) ? true : undefined
  }
  await until(areMerged, `the attempts ${awaited.join(', ')} of ${run} did not send a message that was merged`)
}

/** Waits until the run has been stopped. */
export async function stopOf(account: Account, run: string): Promise<void> {
  const isStopped = async (): Promise<true | undefined> => {
    if ((await account.keys(keys.control(run))).length === 0) return undefined
    const { stop } = JSON.parse(await account.object(keys.control(run))) as { stop: unknown }
    return stop === null ? undefined : true
  }
  await until(isStopped, `${run} was not stopped`)
}

/**
 * Checks the report of a run whose `file` was deleted. The report must name the deletion once, and the counts must be complete. The run was planned
 * for ten minutes and must have ended earlier.
 */
function endedWithout(file: string, report: Report): Report {
  const { verdict, completeness, events, run } = report
  expect([verdict.exitCode, completeness.complete]).toEqual([97, true])
  const told = [...verdict.reasons, ...events.map(({ text }) => text)].filter((text) => text.includes('deleted'))
  expect(told).toEqual([expect.stringContaining(`the run was stopped because its ${file} had been deleted`)])
  expect(run.endedAt - run.startedAt).toBeLessThan(5 * 60_000)
  return report
}

async function watched(person: Person, run: string): Promise<Report> {
  return JSON.parse((await person.burst('watch', run, '--json')).stdout) as Report
}

/** Returns how many of the requests that the target received are not in any report. */
async function unaccounted(target: ChildTarget, reports: readonly Report[]): Promise<number> {
  const { received } = await target.ask<Counts>('counts')
  return reports.reduce((left, { totals }) => left - totals.exchanges - totals.interrupted, received)
}

function kill(pids: readonly (number | undefined)[]): void {
  expect(pids.length).toBeGreaterThan(0)
  for (const pid of pids) {
    if (pid === undefined) throw new Error('the process to kill was not found')
    process.kill(pid, 'SIGKILL')
  }
}
