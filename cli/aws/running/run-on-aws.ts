import { invalidInput } from '../../../core/errors.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import type { Report } from '../../../core/report/report.ts'
import { bundleScenario, bundleOptions } from '../../bundle/bundle.ts'
import { followRun } from '../../run/follow.ts'
import { type RunObserver, passOn } from '../../run/observer.ts'
import { type RunRequest, streamOf } from '../../run/run-request.ts'
import { type Screen, say, screenFor } from '../../terminal/display.ts'
import { finishRun } from '../../run/finish-run.ts'
import { claimFolder } from '../../run/outputs/claimed-folder.ts'
import { checkOut, outputFolder, prepareOutputs } from '../../run/outputs/result-files.ts'
import { renderPlan } from '../../terminal/run-lines.ts'
import { agrees } from '../ask.ts'
import type { Share } from '../capacity.ts'
import { type Cloud, openCloud } from '../cloud.ts'
import { type Place, onAws } from '../place.ts'
import { Beginning } from './beginning.ts'
import { launch } from './launch.ts'
import { type Prepared, checkStack, prepareRun } from './prepare.ts'
import { outputsOf } from '../../run/outputs/stored-outputs.ts'
import { remoteRun } from './remote-run.ts'
import { dollars, grouped } from '../../../core/words.ts'

/** The options of a run on AWS. */
export interface AwsRequest extends RunRequest {
  share: Share
  /** The maximum cost of the run in US dollars. If undefined, the budget of the scenario applies. */
  budgetUsd: number | undefined
  /** `true` to print the run's id and exit after the start. */
  detach: boolean
  /** `true` to start without a question. */
  yes: boolean
}

/** The price in US dollars above which burst asks for confirmation before a run. */
const askAboveUsd = 1

/**
 * Plans a run on AWS, shows the price, asks for confirmation if the price is above $1, starts the run and shows its progress. The run continues even
 * if this process ends. With `detach`, returns as soon as the coordinator has begun.
 * @returns the exit code of the run's verdict; 0 with `detach`
 * @throws BurstError when the run could not be planned, started or shown, when the person declines it, or when the files of its report could not be
 * written
 */
export async function runOnAws(place: Place, request: AwsRequest): Promise<number> {
  const screen = screenFor(request.detach ? process.stderr : streamOf(request), request.quiet)
  if (!request.detach) await checkOut(request)
  const cloud = await openCloud(place)
  await onAws(place, async () => checkStack(cloud))
  const bundle = await bundleScenario(request.file, { cwd: request.cwd, ...bundleOptions(request.options) })
  const prepared = await onAws(place, async () => prepareRun(cloud, { ...request, bundle }))
  const { plan } = prepared
  const folder = outputFolder(request, plan.run)
  const warnings = [...bundle.warnings, ...prepared.notes]
  say(screen, `${renderPlan(plan, warnings, screen.style)}\n  ${quoteWords(prepared)}\n  run ${plan.run}`)
  await agreeOnCost(prepared, request.yes)
  // burst creates the folder only after the person has confirmed the run. A declined run therefore does not leave an empty folder.
  const removeFolder = request.detach ? doNothing : await prepareOutputs(folder)
  const release = request.detach || request.out === undefined ? doNothing : await claimFolder(folder, plan.run)
  try {
    await onAws(place, async () => launch(cloud, plan, bundle))
  } catch (error) {
    await release()
    await removeFolder()
    throw error
  }
  const beginning = new Beginning(cloud, plan)
  try {
    if (!request.detach) return await watchRun(cloud, plan, { ...request, folder, screen, beginning })
    process.stdout.write(`${plan.run}\n`)
    await onAws(place, async () => beginning.wait())
    return 0
  } finally {
    await release()
  }
}

async function doNothing(): Promise<void> {
  // A detached run has created no folder, and a run without --out has no claim.
}

/** Returns one line with the price and the assumptions behind it. */
export function quoteWords({ quote, plan }: Prepared): string {
  const { workerMb = 0 } = plan.billing ?? {}
  const size = `${grouped(quote.workers)} × ${grouped(workerMb)} MB, ${grouped(Math.round(quote.gbSeconds))} GB-seconds`
  const each = plan.model === 'users' ? 'one per user per second' : 'one per arrival'
  return `cost about ${dollars(quote.usd)} by AWS's list price (${size}; the estimate assumes ${grouped(quote.requests)} requests of half a kilobyte, ${each})`
}

async function agreeOnCost({ quote }: Prepared, yes: boolean): Promise<void> {
  if (quote.usd <= askAboveUsd) return
  if (await agrees(`The run costs about ${dollars(quote.usd)}. Start it?`, yes)) return
  throw invalidInput('the run was not started')
}

interface Watching {
  observer?: RunObserver | undefined
  cwd: string
  json: boolean
  summary?: 'markdown' | undefined
  folder: string
  screen: Screen
  /** Makes sure that the coordinator begins. Set only by the process that has just launched the run. */
  beginning?: Beginning
}

/**
 * Shows a run until its report exists, and writes the report to files.
 * @returns the exit code of the run's verdict
 */
export async function watchRun(cloud: Cloud, plan: RunPlan, watching: Watching): Promise<number> {
  const { screen, observer } = watching
  observer?.began({ plan, store: cloud.store, nowMs: () => cloud.clock.nowMs() })
  const report: Report = await followRun(async () => remoteRun(cloud, plan, watching.beginning), screen, plan)
  const files = await onAws(cloud.place, async () => outputsOf(cloud.store, plan.run))
  const exitCode = await finishRun(watching, { ...watching, report, files })
  await passOn(report, observer)
  return exitCode
}
