import { setTimeout as sleep } from 'node:timers/promises'
import { buildIdentity } from '../../../build/identity.ts'
import type { RunPlan } from '../../../core/plan/plan.ts'
import { type ScenarioBundle, bundleScenario, bundleOptions } from '../../bundle/bundle.ts'
import { type LocalRun, startLocalRun } from '../../embedded/local-run.ts'
import type { PreparedProcesses } from '../../embedded/processes/prepared-processes.ts'
import { keepAfter } from './keep.ts'
import { type OpenRun, openRun } from '../run-folder.ts'
import { sweepStale } from './sweep.ts'
import { type Screen, say, screenFor } from '../../terminal/display.ts'
import { renderPlan, renderRunId } from '../../terminal/run-lines.ts'
import { type RunObserver, passOn } from '../../run/observer.ts'
import { type RunRequest, streamOf } from '../../run/run-request.ts'
import { type Finished, finishRun } from '../../run/finish-run.ts'
import { type Start, followRun } from '../../run/follow.ts'
import { type Origin, newPlan } from '../../run/new-plan.ts'
import { claimFolder } from '../../run/outputs/claimed-folder.ts'
import { checkOut, outputFolder, prepareOutputs } from '../../run/outputs/result-files.ts'

/** The interval in milliseconds at which burst checks whether another terminal has requested the end of the run. */
const askedEveryMs = 250

/**
 * Runs a scenario on this machine: plans the run, starts it, shows its progress and writes its report.
 * @param prepared the processes that were started in advance. They end with the run.
 * @returns the exit code of the run's verdict
 * @throws BurstError when the run could not be planned or carried out, or when its files could not be written
 */
export async function runLocally(request: RunRequest, prepared?: PreparedProcesses): Promise<number> {
  const screen = screenFor(streamOf(request), request.quiet)
  await checkOut(request)
  await sweepStale(Date.now())
  const bundle = await bundleScenario(request.file, { cwd: request.cwd, once: true, ...bundleOptions(request.options) })
  const origin: Origin = { backend: 'local', region: 'local', build: await buildIdentity() }
  const plan = newPlan(request.options, bundle, origin)
  const folder = outputFolder(request, plan.run)
  const removeFolder = await prepareOutputs(folder)
  // Without --out, each run has its own folder.
  const claiming = request.out === undefined ? undefined : claimFolder(folder, plan.run)
  const release = await claiming?.catch(async (error: unknown) => {
    await removeFolder()
    throw error
  })
  try {
    return await runInto(folder, { ...request, plan, bundle, prepared, screen })
  } finally {
    await release?.()
  }
}

type Planned = RunRequest & Pick<Begun, 'plan' | 'bundle' | 'prepared'> & { screen: Screen }

async function runInto(folder: string, request: Planned): Promise<number> {
  const { plan, bundle, prepared, screen } = request
  const open = await openRun(plan, { out: folder, keepStore: request.keepStore ?? false })
  try {
    const words = renderPlan(plan, [...bundle.warnings, ...budgetNote(bundle)], screen.style)
    say(screen, `${words}\n${renderRunId(plan.run)}`)
    request.ui?.began(plan.run)
    const result = await carryOut({ plan, bundle, open, prepared, observer: request.observer }, screen)
    const exitCode = await finishRun(request, {
      ...result,
      folder,
      screen,
      ...(request.keepStore && { storeDir: open.storeDir }),
    })
    await passOn(result.report, request.observer)
    await (request.keepStore ? open.keepAll() : open.remove())
    return exitCode
  } catch (error) {
    throw await keepAfter(error, { plan, open, keepStore: request.keepStore ?? false })
  }
}

interface Begun {
  plan: RunPlan
  bundle: ScenarioBundle
  open: OpenRun
  prepared: PreparedProcesses | undefined
  observer: RunObserver | undefined
}

async function carryOut(begun: Begun, screen: Screen): Promise<Pick<Finished, 'report' | 'files'>> {
  const { plan, bundle, open, prepared, observer } = begun
  let files: () => Promise<Record<string, string>> = async () => ({})
  const start: Start = async (print) => {
    const { storeDir, workFolder, anchor } = open
    const place = { storeDir, workFolder, anchor }
    const run = await startLocalRun({ plan, bundle, ...place, print, ...(prepared && { prepared }) })
    files = () => run.outputs()
    observer?.began({ plan, store: run.store, nowMs: () => run.clock.nowMs() })
    heedStops(run, open, print).catch((error: Error) => print(`the run could not be stopped: ${error.message}`))
    return run
  }
  const report = await followRun(start, screen, plan)
  return { report, files: await files() }
}

/** Ends the run, gracefully or immediately, when another terminal requests it. */
export async function heedStops(
  run: LocalRun,
  open: Pick<OpenRun, 'stopAsked'>,
  print: (line: string) => void,
): Promise<void> {
  const over = new AbortController()
  const end = (): void => over.abort()
  run.done.then(end, end)
  let asked = false
  while (!over.signal.aborted) {
    const stop = await open.stopAsked()
    if (stop && (!asked || stop.now)) {
      print(`${stop.now ? 'stopping immediately' : 'stopping'}: ${stop.reason}`)
      await run.stop(stop.reason, stop.now)
      if (stop.now) return
      asked = true
    }
    await sleep(askedEveryMs, undefined, { signal: over.signal }).catch(() => undefined)
  }
}

function budgetNote({ description }: ScenarioBundle): string[] {
  return description.budgetUsd === undefined ? [] : ['budget applies only on AWS; a local run costs nothing']
}
