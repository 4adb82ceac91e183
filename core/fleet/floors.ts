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

/** Returns whether an attempt later than `attempt` runs the slice at the time `nowMs`, given in epoch milliseconds. */
export function isReplaced(
  { startAt, floors = [] }: Pick<Control, 'startAt' | 'floors'>,
  { slice, attempt }: { slice: number; attempt: number },
  nowMs: number,
): boolean {
  const floor = floors.find((one) => one.slice === slice)
  return floor !== undefined && floor.attempt > attempt && nowMs >= startAt + floor.sinceMs
}
