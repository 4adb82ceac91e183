import { decodeControl } from '../../../core/fleet/control.ts'
import { BurstError } from '../../../core/errors.ts'
import type { LiveSnapshot } from '../../../core/report/live/snapshot.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import type { Report } from '../../../core/report/report.ts'
import { stopRun } from '../../../functions/control/change-control.ts'
import { keys } from '../../../functions/keys.ts'
import { LiveReader } from '../../run/live-reader.ts'
import { reportInStore } from '../../run/outputs/stored-report.ts'
import type { FollowedRun } from '../../run/follow.ts'
import type { Cloud } from '../cloud.ts'
import { needsSignIn } from '../cloud-problem.ts'
import { onAws } from '../place.ts'
import { unmarkReported } from './active-runs.ts'
import { Beginning } from './beginning.ts'
import { Rescue } from './rescue.ts'

/** The time in milliseconds between two checks whether the report exists. */
const reportPollMs = 1000
/** The minimum time in milliseconds between two reads of the run's state. */
const snapshotMs = 2000
/** The time in milliseconds for which temporary errors (`isTemporary`) are tolerated. A laptop may lose its network while the run continues. */
const patienceMs = 5 * 60_000

/**
 * Returns the view of a run on AWS. The run does not need this process.
 * @param beginning makes sure that the coordinator begins; set only by the process that has just launched the run
 */
export function remoteRun(cloud: Cloud, plan: RunPlan, beginning?: Beginning): FollowedRun {
  const leaving = {
    note: 'press Ctrl-C again to close this view while the run stops',
    error: new BurstError('stopped', 'the run continues without this terminal', {
      hint: `burst watch ${plan.run} shows the run again`,
    }),
    withTerminal: true,
  } as const
  const done = onAws(cloud.place, async () => reportOf(cloud, plan, beginning))
  // After the person has closed the view, a failure of the run must not end this process.
  done.catch(() => undefined)
  return {
    snapshot: snapshots(cloud, plan),
    stop: async (reason) => onAws(cloud.place, async () => void (await stopRun(cloud, plan.run, reason))),
    kill: async () => undefined,
    done,
    leaving,
  }
}

/**
 * Returns the report of the run; undefined until the report exists.
 * @throws BurstError (104) when the report is not a report of this version of burst
 */
export async function reportInStack({ store }: Pick<Cloud, 'store'>, run: string): Promise<Report | undefined> {
  return reportInStore(store, run)
}

/**
 * Returns a function that returns the current state of the run. The function reads the shards only every two seconds. Between two reads, the elapsed
 * time follows the local clock.
 */
function snapshots({ store, clock }: Cloud, plan: RunPlan): () => Promise<LiveSnapshot | undefined> {
  const live = new LiveReader(store, plan)
  let last: { at: number; shown: LiveSnapshot | undefined } | undefined
  return async () => {
    const nowMs = clock.nowMs()
    if (!last || nowMs - last.at >= snapshotMs) last = { at: nowMs, shown: await live.read(nowMs) }
    const { at, shown } = last
    return shown && { ...shown, elapsedS: shown.elapsedS + (nowMs - at) / 1000 }
  }
}

async function reportOf(cloud: Cloud, plan: RunPlan, beginning?: Beginning): Promise<Report> {
  const rescue = new Rescue(cloud, plan)
  let wellAt = cloud.clock.nowMs()
  for (;;) {
    try {
      const report = await progressOf(cloud, plan, { rescue, beginning })
      if (report) return report
      wellAt = cloud.clock.nowMs()
    } catch (error) {
      if (error instanceof BurstError || cloud.clock.nowMs() - wellAt > patienceMs || !isTemporary(error)) throw error
    }
    await cloud.clock.sleep(reportPollMs)
  }
}

/** Returns the report of a run. Without a report, makes sure that the run has a coordinator, and returns undefined. */
async function progressOf(
  cloud: Cloud,
  { run }: RunPlan,
  { rescue, beginning }: { rescue: Rescue; beginning: Beginning | undefined },
): Promise<Report | undefined> {
  if (beginning && !(await beginning.look())) return undefined
  const report = await reportInStack(cloud, run)
  if (report) {
    await unmarkReported(cloud, run)
    return report
  }
  const control = await cloud.store.get(keys.control(run))
  await rescue.look(control && decodeControl(control.body))
  return undefined
}

/**
 * Returns true if a repeated call may succeed. This is true for an error with the HTTP status 429 or a status of 500 and above, and for an error
 * without a status, such as a network error. Returns false for any other status. Also returns false if the credentials are missing or have expired,
 * because only a person can renew them.
 */
export function isTemporary(error: unknown): boolean {
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode
  return !needsSignIn(error) && (status === undefined || status >= 500 || status === 429)
}
