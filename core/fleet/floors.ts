import type { Control, Floor } from './control.ts'

/**
 * Returns the control file with the given floors added. Only the highest floor of each slice is kept. Returns undefined if no floor becomes higher.
 */
export function withFloors(control: Control, raised: readonly Floor[]): Control | undefined {
  const floors = new Map(control.floors?.map((floor) => [floor.slice, floor]))
  let changed = false
  for (const floor of raised) {
    const known = floors.get(floor.slice)
    if (known && known.attempt >= floor.attempt) continue
    floors.set(floor.slice, floor)
    changed = true
  }
  if (!changed) return undefined
  return { ...control, floors: [...floors.values()].toSorted((a, b) => a.slice - b.slice) }
}

/**
 * Returns whether an attempt was replaced without a hand-over. In this case, a later attempt runs the slice at `nowMs` (epoch milliseconds), and this
 * later attempt did not take over the users of the replaced attempt.
 * @param one the attempt; `untilMs` is the time at which the attempt hands its users over, in milliseconds since the start. If the later attempt
 * begins exactly at `untilMs`, the attempt was not replaced.
 */
export function isReplaced(
  { startAt, floors = [] }: Pick<Control, 'startAt' | 'floors'>,
  { slice, attempt, untilMs = null }: { slice: number; attempt: number; untilMs?: number | null },
  nowMs: number,
): boolean {
  const floor = floors.find((one) => one.slice === slice)
  if (floor === undefined || floor.attempt <= attempt || floor.sinceMs === untilMs) return false
  return nowMs >= startAt + floor.sinceMs
}
