import type { Wanted } from '../../../core/fleet/changes/scale.ts'
import { CostNotAccepted } from '../runs/cost-not-accepted.ts'
import { decodeControl } from '../../../core/fleet/control.ts'
import { BurstError } from '../../../core/errors.ts'
import type { RunOptions } from '../../../core/plan/options.ts'
import type { PlanStatement } from '../../../core/report/live/ui-protocol.ts'
import { stopRun } from '../../../functions/control/change-control.ts'
import { type OutputFile, keys } from '../../../functions/keys.ts'
import type { Cloud } from '../../aws/cloud.ts'
import type { Share } from '../../aws/capacity.ts'
import type { PauseStep } from '../../run/pause-step.ts'
import type { Prepared } from '../../aws/running/prepare.ts'
import { type ScenarioBundle, bundleScenario } from '../../bundle/bundle.ts'
import type { WatchedRun } from '../runs/live-run.ts'
import type { ObservedRuns } from '../runs/observed-runs.ts'
import type { ScenarioPlace } from '../scenario-place.ts'
import { type CloudList, RunList } from './run-list.ts'
import type { CloudPlace } from './settings.ts'
import { StackLink } from './stack-link.ts'

const lookEveryMs = 2000
/** burst tolerates temporary errors (`isTemporary`) for this time in milliseconds. The run on AWS does not need this process and continues. */
const patienceMs = 5 * 60_000

/** The values of the form for a run on AWS. */
export interface CloudRequest {
  options: RunOptions
  share: Share
  budgetUsd: number | undefined
}

/** The runs of one stack, on AWS or on an emulator. */
export class CloudRuns {
  /** The name of the stack in the form. */
  readonly name: string
  readonly #place: ScenarioPlace
  readonly #link: StackLink
  readonly #list: RunList
  readonly #observed: ObservedRuns

  constructor({ flags, name }: CloudPlace, place: ScenarioPlace, observed: ObservedRuns) {
    this.name = name
    this.#place = place
    this.#observed = observed
    this.#link = new StackLink(flags, place.cwd)
    this.#list = new RunList(this.#link)
  }

  /**
   * Returns the plan and the price of a run. Does not start the run.
   * @throws BurstError when the run cannot be planned
   */
  async plan(bundle: ScenarioBundle, request: CloudRequest): Promise<PlanStatement> {
    const [prepared, { quoteWords }] = await Promise.all([
      this.#link.useFresh(async (cloud) => preparedOn(cloud, bundle, request)),
      import('../../aws/running/run-on-aws.ts'),
    ])
    return { words: prepared.plan.words, notes: [...bundle.warnings, ...prepared.notes], price: quoteWords(prepared) }
  }

  /**
   * Starts a run, which then continues without this process. Returns when the coordinator of the run has begun.
   * @returns the name of the run
   * @throws BurstError when the run cannot be planned or started
   */
  async start(file: string, request: CloudRequest): Promise<string> {
    const bundle = await bundleScenario(file, this.#place)
    const [{ launch }, { Beginning }, { remoteRun }] = await Promise.all([
      import('../../aws/running/launch.ts'),
      import('../../aws/running/beginning.ts'),
      import('../../aws/running/remote-run.ts'),
    ])
    return this.#link.useFresh(async (cloud) => {
      const { plan } = await preparedOn(cloud, bundle, request)
      await launch(cloud, plan, bundle)
      this.#list.add(plan)
      const { store, clock } = cloud
      this.#observed.add({ plan, store, nowMs: () => clock.nowMs() }, () => remoteRun(cloud, plan).done)
      await new Beginning(cloud, plan).wait()
      return plan.run
    })
  }

  async list(): Promise<CloudList> {
    return this.#list.now()
  }

  /**
   * Returns a run in the stack, even if another process started it. If the coordinator of the run is lost, `ending` of the returned run starts
   * another coordinator, as `burst watch` does.
   * @throws BurstError (104) when the stack does not have the run, (97) when the run was never started
   */
  async watched(run: string): Promise<WatchedRun> {
    const [{ startedPlan }, { isTemporary }, { cloudProblem }, { Rescue }, { unmarkReported }] = await Promise.all([
      import('../../aws/running/watch.ts'),
      import('../../aws/running/remote-run.ts'),
      import('../../aws/cloud-problem.ts'),
      import('../../aws/running/rescue.ts'),
      import('../../aws/running/active-runs.ts'),
    ])
    return this.#link.use(async (cloud) => {
      const { store, clock, place } = cloud
      const plan = await startedPlan(cloud, run)
      const rescue = new Rescue(cloud, plan)
      return {
        plan,
        store,
        nowMs: () => clock.nowMs(),
        everyMs: lookEveryMs,
        patienceMs,
        isTemporary: (error) => !(error instanceof BurstError) && isTemporary(error),
        inWords: (error) => cloudProblem(error, place),
        ending: async () => {
          if (await store.get(keys.output(run, 'report.json'))) {
            await unmarkReported(cloud, run)
            return 'over'
          }
          const control = await store.get(keys.control(run))
          await rescue.look(control && decodeControl(control.body))
          return undefined
        },
      }
    })
  }

  /**
   * Stops a run.
   * @param now `true` cuts off requests in flight
   * @returns false when the run has already ended
   * @throws BurstError (104) when the stack does not have the run
   */
  async stop(run: string, reason: string, now: boolean): Promise<boolean> {
    const [{ planInStack }, { reportInStack }] = await Promise.all([
      import('../../aws/cloud.ts'),
      import('../../aws/running/remote-run.ts'),
    ])
    return this.#link.use(async (cloud) => {
      await planInStack(cloud, run)
      if (await reportInStack(cloud, run)) return false
      await stopRun(cloud, run, reason, now)
      return true
    })
  }

  /**
   * Changes the load of a run in progress.
   * @param agreed `true` if the user has accepted the cost
   * @returns a message about the change
   * @throws BurstError when the load can't be changed; `CostNotAccepted` when the additional cost is above $1 and `agreed` is false
   */
  async scale(run: string, wanted: Wanted, agreed: boolean): Promise<string> {
    const { scaleInCloud } = await import('../../aws/running/scale.ts')
    const agree = (question: string): Promise<boolean> =>
      agreed ? Promise.resolve(true) : Promise.reject(new CostNotAccepted(question))
    return this.#link.use(async (cloud) => scaleInCloud(cloud, run, { wanted, agree }))
  }

  /**
   * Pauses or continues a run in progress.
   * @returns a message about the change
   * @throws BurstError (104) when the run can't be paused, or when `step` is `continue` and the run is not paused
   */
  async pause(run: string, step: PauseStep): Promise<string> {
    const { pauseInCloud } = await import('../../aws/running/pause.ts')
    return this.#link.use(async (cloud) => pauseInCloud(cloud, run, step))
  }

  /**
   * Returns a file of a run; undefined when the file does not exist yet.
   * @throws BurstError (104) when the stack does not have the run
   */
  async file(run: string, name: OutputFile): Promise<string | undefined> {
    const { planInStack } = await import('../../aws/cloud.ts')
    return this.#link.use(async (cloud) => {
      const stored = await cloud.store.get(keys.output(run, name))
      if (!stored) await planInStack(cloud, run)
      return stored?.body
    })
  }
}

async function preparedOn(cloud: Cloud, bundle: ScenarioBundle, request: CloudRequest): Promise<Prepared> {
  const { checkStack, prepareRun } = await import('../../aws/running/prepare.ts')
  await checkStack(cloud)
  return prepareRun(cloud, { bundle, ...request })
}
