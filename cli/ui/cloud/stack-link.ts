import { setTimeout as sleep } from 'node:timers/promises'
import { BurstError } from '../../../core/errors.ts'
import type { Clock } from '../../../functions/ports.ts'
import type { Cloud } from '../../aws/cloud.ts'
import type { PlaceFlags } from '../../aws/place.ts'

/**
 * The maximum age in milliseconds of the data about the stack when a run is planned. The age is limited because someone may deploy the stack again.
 */
const freshMs = 5000

/**
 * The clock for the runs of the stack. It also advances while the machine sleeps. If the clock stopped during sleep, a run that starts later would
 * get a start time in the past.
 */
const wallClock: Clock = { nowMs: () => Date.now(), sleep: async (ms) => sleep(ms) }

/**
 * The connection to one stack. burst looks up the stack when a call first needs it. If AWS or the look-up fails, the next call looks up the stack
 * again.
 */
export class StackLink {
  readonly #flags: PlaceFlags
  readonly #cwd: string
  #opened: { atMs: number; cloud: Promise<Cloud> } | undefined

  constructor(flags: PlaceFlags, cwd: string) {
    this.#flags = flags
    this.#cwd = cwd
  }

  /**
   * Calls `act` with the stack.
   * @throws the error of `act` or of the look-up. An error of AWS becomes a BurstError with the message that the terminal would show.
   */
  async use<T>(act: (cloud: Cloud) => Promise<T>): Promise<T> {
    const { onAws } = await import('../../aws/place.ts')
    this.#opened ??= { atMs: performance.now(), cloud: this.#open() }
    const opened = this.#opened
    try {
      const cloud = await opened.cloud
      return await onAws(cloud.place, async () => act(cloud))
    } catch (error) {
      // If AWS or the look-up of the stack failed, the next call looks up the stack again. If only the operation on a run failed, the next call uses
      // the same stack.
      if (!(await isOpen(opened.cloud)) || !(error instanceof BurstError) || error.cause !== undefined) {
        if (this.#opened === opened) this.#opened = undefined
      }
      throw error
    }
  }

  /** Calls `act` as `use` does, but with data about the stack that is at most `freshMs` old. */
  async useFresh<T>(act: (cloud: Cloud) => Promise<T>): Promise<T> {
    const { opened, nowMs } = { opened: this.#opened, nowMs: performance.now() }
    if (opened && nowMs - opened.atMs > freshMs) this.#opened = { atMs: nowMs, cloud: refreshed(opened.cloud) }
    return this.use(act)
  }

  async #open(): Promise<Cloud> {
    const [{ choosePlace }, { openCloud }] = await Promise.all([
      import('../../aws/place.ts'),
      import('../../aws/cloud.ts'),
    ])
    return { ...(await openCloud(await choosePlace(this.#flags, this.#cwd))), clock: wallClock }
  }
}

/** Keeps the existing clients if the stack has not changed. */
async function refreshed(before: Promise<Cloud>): Promise<Cloud> {
  const [{ onAws }, { deployedStack }, { cloudOf }] = await Promise.all([
    import('../../aws/place.ts'),
    import('../../aws/find-stack.ts'),
    import('../../aws/cloud.ts'),
  ])
  const cloud = await before
  const stack = await onAws(cloud.place, async () => deployedStack(cloud.place))
  if (JSON.stringify(stack) === JSON.stringify(cloud.stack)) return cloud
  return { ...(await cloudOf(cloud.place, stack)), clock: wallClock }
}

async function isOpen(cloud: Promise<Cloud>): Promise<boolean> {
  return cloud.then(
    () => true,
    () => false,
  )
}
