import { deflateRawSync } from 'node:zlib'
import { decodeControl } from '../../../core/fleet/control.ts'
import { fleetAt } from '../../../core/fleet/fleet.ts'
import type { Report } from '../../../core/report/report.ts'
import { reportSoFar } from '../../../core/report/live/report-so-far.ts'
import { decodeShardState } from '../../../core/shard/shard-codec.ts'
import { ArchiveReader } from '../../../functions/archives/archive-reader.ts'
import { keys } from '../../../functions/keys.ts'
import { gather } from '../../../functions/reducer/finalise.ts'
import { storedEvents } from '../../run/progress.ts'
import type { WatchedRun } from './live-run.ts'

/** Returns the report of a run in progress, made from all data in its store; undefined before the run has begun. */
export async function readSoFar(run: WatchedRun): Promise<Report | undefined> {
  const { plan, store } = run
  const [stored, coordinator] = await Promise.all([
    store.get(keys.control(plan.run)),
    store.get(keys.coordinator(plan.run)),
  ])
  if (!stored) return undefined
  const control = decodeControl(stored.body)
  const numbers = Array.from({ length: fleetAt(plan, control).shards }, (_, shard) => shard)
  const states = await Promise.all(numbers.map(async (shard) => store.get(keys.shard(plan.run, shard))))
  const unread: string[] = []
  const archives = new ArchiveReader(store, 0)
  const found = states.flatMap((one) => (one ? [decodeShardState(one.body)] : []))
  const shards = await Promise.all(found.map(async (shard) => archives.whole(shard, unread)))
  const { windowMs, profile } = plan
  const gathered = await gather({ shards, windowMs, endMs: profile.endMs, store, unread })
  const known = { plan, control, shards, gathered, ...storedEvents(coordinator?.body) }
  return reportSoFar(
    { ...known, late: 0, unreadable: 0, unread, began: true, skew: null, nowMs: run.nowMs() },
    deflateRawSync,
  )
}
