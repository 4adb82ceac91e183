import type { Control } from '../../../core/fleet/control.ts'
import { fleetAt } from '../../../core/fleet/fleet.ts'
import { levelAt } from '../../../core/plan/load/load.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { mergeWindow } from '../../../core/window/merge-windows.ts'
import { type RequestCell, type Window, emptyWindow } from '../../../core/window/window.ts'
import { intervalOf } from '../../fixtures/run.ts'

/**
 * Returns the requests that a worker sends in the given second of the run. `users` is the number of users that are planned for the worker in this
 * second.
 */
export type Serves = (second: number, users: number) => RequestCell[]

/** Returns the actual number of users of a worker. The argument is the planned number. */
export type Present = (users: number) => number

/** The counts of a worker in one message, and the window of these counts. */
export interface Cut {
  window: number
  content: Window
}

interface Attempt {
  slice: number
  attempt: number
}

/** Makes the counts of workers, second by second, from the requests that a test defines for each worker. */
export class Served {
  readonly #plan: RunPlan
  readonly #serves = new Map<string, { serves: Serves; present: Present }>()
  readonly #next = new Map<string, number>()

  constructor(plan: RunPlan) {
    this.#plan = plan
  }

  begin({ slice, attempt }: Attempt, serves: Serves, present: Present = (users) => users): void {
    this.#serves.set(`${slice}-${attempt}`, { serves, present })
  }

  /**
   * Returns the counts since the last message, up to and including the given second of the run. Returns undefined if the test does not define the
   * requests of the attempt.
   */
  cut({ slice, attempt }: Attempt, second: number, control: Control): Cut | undefined {
    const key = `${slice}-${attempt}`
    const known = this.#serves.get(key)
    if (!known) return undefined
    const { serves, present } = known
    const from = this.#next.get(key) ?? Math.max(0, second - 4)
    this.#next.set(key, second + 1)
    const fleet = fleetAt(this.#plan, control)
    const content = emptyWindow()
    for (let at = from; at <= second; at++) {
      const users = Math.round(levelAt(fleet.profile, at * 1000) / fleet.slices.length)
      mergeWindow(content, intervalOf({ slice, attempt, second: at, users: present(users), cells: serves(at, users) }))
    }
    content.users.startedByClass.set('Shopper', from === 0 ? 1 : 0)
    return { window: Math.floor((from * 1000) / this.#plan.windowMs), content }
  }
}
