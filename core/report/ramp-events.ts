import type { Profile, ProfilePoint } from '../plan/load/load.ts'
import type { RunPlan } from '../plan/plan.ts'
import { counted, perSecond } from '../words.ts'
import type { Report } from './report.ts'

type Told = Report['events'][number]

/** The maximum number of events about ramps in a report. */
const most = 20

/**
 * Returns an event for the end of each ramp, and for the beginning of each ramp-down that does not begin at the first point of the profile. Returns
 * at most 20 events. Consecutive ramps in the same direction count as one ramp. A ramp that was cut off before its end has no event for the end.
 * @param untilMs milliseconds since the start; an event at this time or at a later time is omitted
 */
export function rampEvents(model: RunPlan['model'], { points }: Profile, untilMs: number): Told[] {
  const told = points.slice(1).flatMap((point, k): Told[] => {
    const [before, after] = [points[k] as ProfilePoint, points[k + 2]]
    if (point.atMs >= untilMs) return []
    const texts = turnsAt(slope(before, point), after ? slope(point, after) : 0, inWords(model, point.level))
    return texts.map((text) => ({ at: Math.round(point.atMs / 100) / 10, text, planned: true }))
  })
  return told.slice(0, most)
}

/** Returns 1 if the level rises, −1 if the level falls, and 0 if the level stays constant or jumps. */
function slope(a: ProfilePoint, b: ProfilePoint): number {
  return b.atMs > a.atMs ? Math.sign(b.level - a.level) : 0
}

function turnsAt(before: number, after: number, level: string): string[] {
  if (before === after) return []
  return [
    ...(before > 0 ? [`the ramp-up to ${level} ends`] : []),
    ...(before < 0 ? [`the ramp-down to ${level} ends`] : []),
    ...(after < 0 ? [`the ramp-down from ${level} begins`] : []),
  ]
}

function inWords(model: RunPlan['model'], level: number): string {
  return model === 'users' ? counted(Math.round(level), 'user') : `${perSecond(level)} arrivals per second`
}
