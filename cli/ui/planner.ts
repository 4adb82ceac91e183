import { readdir } from 'node:fs/promises'
import { BurstError, invalidInput } from '../../core/errors.ts'
import { withoutUserinfo } from '../../core/hosts/userinfo.ts'
import type { PlanStatement, ScenarioFacts } from '../../core/report/live/ui-protocol.ts'
import { buildIdentity } from '../../build/identity.ts'
import { type ScenarioBundle, bundleScenario } from '../bundle/bundle.ts'
import { newPlan } from '../run/new-plan.ts'
import { knownRuns } from '../local-runs/run-folder.ts'
import { scenarioEnding } from '../flags/scenario-argument.ts'
import type { ScenarioPlace } from './scenario-place.ts'
import { Refused, fieldError } from './serving/answers.ts'
import type { CloudRuns } from './cloud/cloud-runs.ts'
import { type StartForm, accountIn, asFieldErrors, optionsIn } from './start-form.ts'

/**
 * The time in milliseconds for which a bundle is reused. The scenario file rarely changes between two key presses in the form, but may change later.
 */
const freshMs = 3000

/** Describes the scenarios of a folder and plans runs. Does not start runs. */
export class Planner {
  readonly #place: ScenarioPlace
  readonly #named: string | undefined
  readonly #cloud: CloudRuns | undefined
  /** The newest bundle of each file. burst never bundles the same file twice at the same time, so a slow file uses only one process. */
  readonly #bundles = new Map<string, { madeAtMs: number; bundle: Promise<ScenarioBundle> }>()

  /** @param named a scenario that is offered even if it is not in the folder */
  constructor(place: ScenarioPlace, named: string | undefined, cloud: CloudRuns | undefined) {
    this.#place = place
    this.#named = named
    this.#cloud = cloud
  }

  /** Returns the scenarios that a person can choose in the form. The scenario from the command line comes first. */
  async scenarios(): Promise<string[]> {
    const found = (await readdir(this.#place.cwd)).filter((file) => scenarioEnding.test(file)).toSorted()
    return this.#named === undefined ? found : [this.#named, ...found.filter((file) => file !== this.#named)]
  }

  /**
   * Returns the file if it is one of `scenarios`.
   * @throws Refused (422) if it is not
   */
  async checked(file: string): Promise<string> {
    if ((await this.scenarios()).includes(file)) return file
    throw new Refused(422, [fieldError('file', invalidInput(`${file} is not a scenario in this folder`))])
  }

  /** @throws Refused (422) when the file is not one of `scenarios` or is not valid; the error belongs to the field `file` */
  async describe(file: string): Promise<ScenarioFacts> {
    const { description, warnings } = await this.#bundle(file)
    const { host, classes, load } = description
    const tags = new Set(classes.flatMap(({ tasks }) => tasks.flatMap((task) => task.tags)))
    return {
      file,
      // The page shows the host, so the host must not contain a password.
      host: withoutUserinfo(host ?? ''),
      classes: classes.map(({ name, weight, count }) => ({ name, weight, count })),
      tags: [...tags].toSorted(),
      isOpen: load.kind === 'stages' && load.stages.some(({ kind }) => kind === 'arrivals'),
      warnings,
    }
  }

  /** @throws Refused (422) when the form or the file is not valid, or when AWS does not allow the run; the error names the wrong field */
  async plan(form: StartForm): Promise<PlanStatement> {
    const options = optionsIn(form)
    const bundle = await this.#bundle(form.file)
    if (form.where === 'aws') return this.#cloudPlan(form, bundle)
    try {
      const plan = newPlan(options, bundle, { backend: 'local', region: 'local', build: await buildIdentity() })
      const beside = (await knownRuns()).filter(({ active }) => active).length
      const notes = beside === 0 ? [] : ['another run is in progress on this machine and uses the same cores']
      return {
        words: wordsFor(form, plan.words),
        notes: [...bundle.warnings, ...notes],
        price: 'the run costs nothing, because it runs on this machine',
      }
    } catch (error) {
      throw asFieldErrors(error, 'form')
    }
  }

  async #cloudPlan(form: StartForm, bundle: ScenarioBundle): Promise<PlanStatement> {
    if (!this.#cloud) throw new Refused(422, [fieldError('where', invalidInput('no stack on AWS is configured here'))])
    const request = { options: optionsIn(form), ...(await accountIn(form)) }
    try {
      const statement = await this.#cloud.plan(bundle, request)
      return { ...statement, words: wordsFor(form, statement.words) }
    } catch (error) {
      throw asFieldErrors(error, 'where')
    }
  }

  #newBundle(file: string): Promise<ScenarioBundle> {
    for (const [other, { madeAtMs }] of this.#bundles)
      if (performance.now() - madeAtMs > freshMs) this.#bundles.delete(other)
    const bundle = bundleScenario(file, this.#place)
    const entry = { madeAtMs: Number.POSITIVE_INFINITY, bundle }
    const made = (): void => void (entry.madeAtMs = performance.now())
    bundle.then(made, made)
    this.#bundles.set(file, entry)
    return bundle
  }

  async #bundle(file: string): Promise<ScenarioBundle> {
    await this.checked(file)
    const known = this.#bundles.get(file)
    const bundle = known && performance.now() - known.madeAtMs <= freshMs ? known.bundle : this.#newBundle(file)
    try {
      return await bundle
    } catch (error) {
      if (error instanceof BurstError) throw new Refused(422, [fieldError('file', error)])
      throw error
    }
  }
}

/**
 * Returns the sentences that describe the plan. Omits the seed if the person has not typed a seed, because the run draws a new seed when it starts.
 */
function wordsFor({ seed }: StartForm, words: readonly string[]): string[] {
  return words.filter((sentence) => seed.trim() !== '' || !sentence.startsWith('seed '))
}
