import { BurstError } from '../../../core/errors.ts'
import type { RunOptions } from '../../../core/plan/options.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { keys, outputFiles } from '../../../functions/keys.ts'
import { buildIdentity } from '../../../build/identity.ts'
import { type ScenarioBundle, bundleScenario } from '../../bundle/bundle.ts'
import { type LocalRun, startLocalRun } from '../../embedded/local-run.ts'
import { heedStops } from '../../local-runs/starting/run-locally.ts'
import { newPlan } from '../../run/new-plan.ts'
import type { ScenarioPlace } from '../scenario-place.ts'
import type { ObservedRuns } from './observed-runs.ts'
import { keepAfter } from '../../local-runs/starting/keep.ts'
import { remakeReport } from '../../local-runs/remake.ts'
import { type OpenRun, knownRun, openRun, removeKept } from '../../local-runs/run-folder.ts'
import { sweepStale } from '../../local-runs/starting/sweep.ts'
import { outputFolder, prepareOutputs, writeOutputs } from '../../run/outputs/result-files.ts'

interface OwnRun {
  run: LocalRun
  /** Resolves when the run has written its files or has failed. */
  over: Promise<void>
  killed: boolean
}

/** The runs that this process carries out for the page. burst commands in other terminals list these runs as ordinary local runs. */
export class OwnRuns {
  readonly #place: ScenarioPlace
  readonly #say: (line: string) => void
  readonly #observed: ObservedRuns | undefined
  readonly #runs = new Map<string, OwnRun>()
  readonly #failures = new Map<string, BurstError>()

  constructor(place: ScenarioPlace, say: (line: string) => void, observed?: ObservedRuns) {
    this.#place = place
    this.#say = say
    this.#observed = observed
  }

  /** Returns the reason why a run of this process has no report; undefined if the run has not failed. */
  failureOf(run: string): BurstError | undefined {
    return this.#failures.get(run)
  }

  /**
   * Plans a run and starts it.
   * @returns its name
   * @throws BurstError when the run cannot be planned or started
   */
  async start(file: string, options: RunOptions): Promise<string> {
    await sweepStale(Date.now())
    const bundle = await bundleScenario(file, this.#place)
    const plan = newPlan(options, bundle, { backend: 'local', region: 'local', build: await buildIdentity() })
    const folder = outputFolder({ cwd: this.#place.cwd, out: undefined }, plan.run)
    await prepareOutputs(folder)
    const open = await openRun(plan, { out: folder, keepStore: false })
    try {
      await this.#begin({ plan, bundle, open, folder })
    } catch (error) {
      throw await keepAfter(error, { plan, open, keepStore: false })
    }
    return plan.run
  }

  async #begin(begun: Begun): Promise<void> {
    const { plan, bundle, open, folder } = begun
    const { storeDir, workFolder, anchor } = open
    const { environment } = this.#place
    const run = await startLocalRun({
      plan,
      bundle,
      storeDir,
      workFolder,
      anchor,
      ...(environment && { environment }),
      print: this.#say,
    })
    const own: OwnRun = { run, over: Promise.resolve(), killed: false }
    this.#runs.set(plan.run, own)
    this.#say(`run ${plan.run} has started`)
    this.#observed?.add({ plan, store: run.store, nowMs: () => run.clock.nowMs() }, () => run.done)
    heedStops(run, open, this.#say).catch((error: Error) => this.#say(`the run could not be stopped: ${error.message}`))
    own.over = this.#finish(begun, own)
      .then(() => this.#say(`run ${plan.run} has ended; its files are in ${folder}`))
      .catch((error: unknown) => this.#failed(plan.run, error))
      .finally(() => this.#runs.delete(plan.run))
  }

  async #finish({ plan, open, folder }: Begun, own: OwnRun): Promise<void> {
    try {
      await own.run.done
      await writeOutputs(folder, await own.run.outputs())
      await open.remove()
    } catch (error) {
      if (own.killed && (await reportOfCounts(plan.run, folder))) return
      throw await keepAfter(error, { plan, open, keepStore: false })
    }
  }

  #failed(run: string, error: unknown): void {
    const known =
      error instanceof BurstError ? error : new BurstError('bug', `this is a bug in burst: ${String(error)}`)
    this.#failures.set(run, known)
    this.#say(`run ${run} has failed: ${known.message}${known.hint === undefined ? '' : `; ${known.hint}`}`)
  }

  /** Ends a run immediately and cuts off requests in flight. The report contains the counts up to this time. */
  async #endAtOnce(run: string): Promise<void> {
    const own = this.#runs.get(run)
    if (!own) return
    own.killed = true
    await own.run.kill()
  }

  /** Stops all runs gracefully and waits for their reports. */
  async stopAll(reason: string): Promise<void> {
    const runs = [...this.#runs.values()]
    await Promise.all(runs.map(async ({ run }) => run.stop(reason)))
    await Promise.all(runs.map(async ({ over }) => over))
  }

  /** Ends all runs immediately, and waits until each run has written its files or has failed. */
  async endAll(): Promise<void> {
    const runs = [...this.#runs]
    await Promise.all(runs.map(async ([run]) => this.#endAtOnce(run)))
    await Promise.all(runs.map(async ([, { over }]) => over))
  }

  get names(): string[] {
    return [...this.#runs.keys()]
  }
}

interface Begun {
  plan: RunPlan
  bundle: ScenarioBundle
  open: OpenRun
  folder: string
}

/** @returns true if a report could be made */
async function reportOfCounts(run: string, folder: string): Promise<boolean> {
  const known = await knownRun(run)
  if (!known || (await known.store.list(keys.shards(run))).length === 0) return false
  await remakeReport(known)
  const files = await Promise.all(
    outputFiles.map(async (name) => [name, (await known.store.get(keys.output(run, name)))?.body] as const),
  )
  await writeOutputs(
    folder,
    Object.fromEntries(files.flatMap(([name, body]) => (body === undefined ? [] : [[name, body]]))),
  )
  await removeKept(known)
  return true
}
