import { BurstError } from '../../core/errors.ts'
import type { RunOptions } from '../../core/plan/options.ts'
import { stopRun } from '../../functions/change-control.ts'
import { type OutputFile, keys } from '../../functions/keys.ts'
import type { Cloud } from '../aws/cloud.ts'
import type { PlaceFlags } from '../aws/place.ts'
import type { Prepared } from '../aws/running/prepare.ts'
import { type ScenarioBundle, bundleScenario } from '../bundle/bundle.ts'
import type { RunEntry } from '../../core/ui.ts'
import type { WatchedRun } from './live-run.ts'

/** The list of runs on AWS is asked for anew after so long, milliseconds. */
const listEveryMs = 10_000
const lookEveryMs = 2000

/** Runs on AWS, or on an emulator of it: the stack that the flags and the settings of the folder name. It is looked for when it is first needed. */
export class CloudRuns {
  readonly #flags: PlaceFlags
  readonly #cwd: string
  #cloud: Promise<Cloud> | undefined
  #listed: { atMs: number; runs: Promise<RunEntry[]> } | undefined

  constructor(flags: PlaceFlags, cwd: string) {
    this.#flags = flags
    this.#cwd = cwd
  }

  /** As the form names it. */
  get name(): string {
    return this.#flags.localstack
      ? 'LocalStack'
      : `AWS${this.#flags.region === undefined ? '' : `, ${this.#flags.region}`}`
  }

  /** @throws BurstError with what stands in the way */
  async prepare(bundle: ScenarioBundle, options: RunOptions): Promise<Prepared> {
    const { checkStack, prepareRun } = await import('../aws/running/prepare.ts')
    return this.#on(async (cloud) => {
      await checkStack(cloud)
      const share = { fit: false, take: undefined }
      return prepareRun(cloud, { bundle, options, share, budgetUsd: undefined })
    })
  }

  /**
   * Starts a run, which then needs this process no more.
   * @returns its name
   */
  async start(file: string, options: RunOptions): Promise<string> {
    const bundle = await bundleScenario(file, { cwd: this.#cwd })
    const { plan } = await this.prepare(bundle, options)
    const { launch } = await import('../aws/running/prepare.ts')
    await this.#on(async (cloud) => launch(cloud, plan, bundle))
    this.#listed = undefined
    return plan.run
  }

  /** The runs that are on. Empty while the stack cannot be reached: the form says why. */
  async list(): Promise<RunEntry[]> {
    // Who has not asked for the stack yet is not kept waiting for it.
    if (!this.#cloud) return []
    if (!this.#listed || performance.now() - this.#listed.atMs > listEveryMs) {
      this.#listed = { atMs: performance.now(), runs: this.#active().catch(() => []) }
    }
    return this.#listed.runs
  }

  async #active(): Promise<RunEntry[]> {
    const { activeRuns } = await import('../aws/running/active-runs.ts')
    const { startedPlan } = await import('../aws/running/watch.ts')
    return this.#on(async (cloud) => {
      const alive = (await activeRuns(cloud)).filter((one) => one.alive)
      const plans = await Promise.all(alive.map(async ({ run }) => startedPlan(cloud, run)))
      const unknown = { requests: null, failures: null, p95: null, tookMs: null }
      return plans.map(({ run, name, createdAt, host, users }) => {
        return { run, name, state: 'running', startedAt: createdAt, host, users, ...unknown }
      })
    })
  }

  /** Undefined when the stack has no such run. */
  async watched(run: string): Promise<WatchedRun | undefined> {
    const { startedPlan } = await import('../aws/running/watch.ts')
    const { reportIn } = await import('../aws/running/remote-run.ts')
    return this.#on(async (cloud) => {
      const plan = await startedPlan(cloud, run)
      const ending = async (): Promise<'over' | undefined> => ((await reportIn(cloud, run)) ? 'over' : undefined)
      return { plan, store: cloud.store, nowMs: () => cloud.clock.nowMs(), everyMs: lookEveryMs, ending }
    })
  }

  async stop(run: string, reason: string): Promise<void> {
    await this.#on(async (cloud) => stopRun(cloud, run, reason))
  }

  async file(run: string, name: OutputFile): Promise<string | undefined> {
    return this.#on(async ({ store }) => (await store.get(keys.output(run, name)))?.body)
  }

  async #on<T>(act: (cloud: Cloud) => Promise<T>): Promise<T> {
    const { onAws } = await import('../aws/place.ts')
    this.#cloud ??= this.#open()
    try {
      const cloud = await this.#cloud
      return await onAws(cloud.place, async () => act(cloud))
    } catch (error) {
      // A stack that is deployed meanwhile is found at the next try.
      if (error instanceof BurstError) this.#cloud = undefined
      throw error
    }
  }

  async #open(): Promise<Cloud> {
    const [{ choosePlace }, { openCloud }] = await Promise.all([import('../aws/place.ts'), import('../aws/cloud.ts')])
    return openCloud(await choosePlace(this.#flags, this.#cwd))
  }
}
