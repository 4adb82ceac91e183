import { readdir, stat } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { invalidInput } from '../../core/errors.ts'
import { runName } from '../../core/input/bounds.ts'
import { diskCause } from '../../functions/files/disk.ts'
import { checkedFolder } from '../bundle/files/collected-files.ts'
import { onStopSignals } from '../ending/signals.ts'
import { reportIn, resultsFolder } from '../local-runs/past.ts'
import { openInBrowser } from '../open-in-browser.ts'
import { scenarioEnding } from '../flags/scenario-argument.ts'
import { clean } from '../terminal/style.ts'
import { apiRoutes } from './api.ts'
import { Catalogue, readReportFile } from './runs/catalogue.ts'
import { CloudRuns } from './cloud/cloud-runs.ts'
import type { CloudPlace } from './cloud/settings.ts'
import { ObservedRuns } from './runs/observed-runs.ts'
import { OwnRuns } from './runs/own-runs.ts'
import { Planner } from './planner.ts'
import type { ScenarioPlace } from './scenario-place.ts'
import type { Observing } from '../run/observer.ts'
import type { UiOfRun } from '../run/ui-of-run.ts'
import { type UiServer, serveUi } from './serving/server.ts'
import type { Workshop } from './workshop.ts'

/** The port and the address of the page. */
export interface UiPlace {
  /** The port; 0 means any free port. If undefined, burst uses 8089 or, if it is in use, the next free port up to 8109. */
  port: number | undefined
  host: string
  /** `true` to open the browser. */
  open: boolean
}

const usualPort = 8089

/** The content that `burst ui` shows. The argument of the command determines this content. */
interface Subject {
  /** The folder with the scenarios that the page can start. */
  cwd: string
  /** The folder that contains one folder with results for each run. */
  results: string
  scenario?: string
  /** The report that the page shows first. */
  report?: { path: string; run: string; single: boolean }
  mayStart: boolean
}

export interface UiRequest {
  named: string | undefined
  cwd: string
  place: UiPlace
  /** The stack on AWS; undefined if the page offers only runs on this machine. */
  cloud: CloudPlace | undefined
  /** The folder whose files burst copies to the workers (`--files`). By default, there is no such folder. */
  filesFolder?: string | undefined
  /** The options that all runs of the page have. By default, there are none. */
  options?: Workshop['options']
  /** Creates the observer of each run that the page starts. By default, burst does not send metrics. */
  observe?: Observing | undefined
  say: (line: string) => void
}

/**
 * Serves the page until a signal stops it. The first signal gracefully stops the runs that this process carries out; a second signal ends them
 * immediately. Runs on AWS continue.
 * @throws BurstError (104) when `named` does not exist or cannot be shown, or when the address or the folder of `--files` is not valid; (97) when
 * burst cannot listen on a port
 */
export async function showUi(request: UiRequest): Promise<void> {
  const { named, cwd, place, cloud: offered, filesFolder, options = {}, observe, say } = request
  const subject = await subjectOf(named, cwd)
  if (!subject.mayStart) refuseRunFlags(request)
  // A copy of `process.env` for scenarios on this machine, because opening a stack changes `process.env`.
  const scenarios: ScenarioPlace = {
    cwd: subject.cwd,
    environment: { ...process.env },
    filesFolder: filesFolder === undefined ? undefined : checkedFolder(resolve(cwd, filesFolder), filesFolder),
  }
  const observed = new ObservedRuns(observe, (line) => say(clean(line)))
  const own = new OwnRuns(scenarios, (line) => say(clean(line)), observed)
  const cloud = offered && new CloudRuns(offered, scenarios, observed)
  const single = subject.report?.single
    ? { path: subject.report.path, report: await readReportFile(subject.report.path) }
    : undefined
  const ui = await openUi(place, {
    planner: new Planner(scenarios, subject.scenario, cloud),
    catalogue: new Catalogue(subject.results, single),
    own,
    cloud,
    options,
    mayStart: subject.mayStart,
    delivered: () => undefined,
  })
  // The handlers are installed before the address is printed, because a person or a script may send a signal as soon as the address is printed.
  const stopped = untilStopped(own, say)
  announce(ui, place, { path: subject.report ? `/runs/${subject.report.run}` : '/', say })
  await stopped
  await observed.close()
  await ui.close()
}

/** @throws BurstError (104) when a flag for runs is given although the page shows only reports */
function refuseRunFlags({ named, filesFolder, options = {}, observe }: UiRequest): void {
  const given: Record<string, boolean> = {
    '--files': filesFolder !== undefined,
    '--trace-context': options.traceContext === true,
    '--otlp or --prometheus-remote-write': observe !== undefined,
  }
  const flag = Object.keys(given).find((name) => given[name])
  if (flag === undefined) return
  throw invalidInput(`${flag} has no effect, because the page of ${JSON.stringify(named)} starts no runs`, {
    hint: 'leave the flag out, or name a scenario or a folder with scenarios',
  })
}

/** The maximum time in milliseconds that the process of a finished run waits for browsers to fetch the report. */
const handOverMs = 3000

/**
 * Serves the page for one run of this process.
 * @throws BurstError (97) when burst cannot listen on a port, (104) when the address is not an address of this machine
 */
export async function openUiOfRun(place: UiPlace, cwd: string, say: (line: string) => void): Promise<UiOfRun> {
  const delivered = Promise.withResolvers<void>()
  const catalogue = new Catalogue(join(cwd, resultsFolder))
  const workshop: Workshop = {
    planner: new Planner({ cwd }, undefined, undefined),
    catalogue,
    own: new OwnRuns({ cwd }, say),
    cloud: undefined,
    options: {},
    mayStart: false,
    delivered: (run) => run === begun && delivered.resolve(),
  }
  let begun: string | undefined
  const ui = await openUi(place, workshop)
  return {
    began: (run) => {
      begun = run
      announce(ui, place, { path: `/runs/${run}`, say })
    },
    close: async () => {
      if (ui.isWatched())
        await Promise.race([delivered.promise, new Promise((end) => setTimeout(end, handOverMs).unref())])
      await ui.close()
    },
  }
}

async function openUi({ port, host }: UiPlace, workshop: Workshop): Promise<UiServer> {
  return serveUi({ port: port ?? usualPort, mayUseNextPort: port === undefined, host }, apiRoutes(workshop))
}

function announce(
  ui: UiServer,
  { port, open }: UiPlace,
  { path, say }: { path: string; say: (line: string) => void },
): void {
  if (port === undefined && ui.port !== usualPort) say(`port ${usualPort} is in use; the page is on port ${ui.port}`)
  say(`page  ${ui.address(path)}`)
  if (open) openInBrowser(ui.address(path))
}

/**
 * Waits until a signal has stopped the runs. The signal handlers stay installed until the process ends. After a Ctrl-C, burst may receive two
 * signals: one from the terminal, and one from npx. The second signal must not end the process while burst closes the page.
 */
async function untilStopped(own: OwnRuns, say: (line: string) => void): Promise<void> {
  const { promise, resolve: end, reject } = Promise.withResolvers<void>()
  onStopSignals(({ times }) => {
    if (times === 1 && own.names.length > 0)
      say(`stopping ${own.names.join(', ')}; press Ctrl-C again to end immediately`)
    const ending = times === 1 ? own.stopAll('Ctrl-C in burst ui') : own.endAll()
    ending.then(end, reject)
  })
  await promise
}

async function subjectOf(named: string | undefined, cwd: string): Promise<Subject> {
  if (named === undefined) return { cwd, results: join(cwd, resultsFolder), mayStart: true }
  const path = resolve(cwd, named)
  const found = await stat(path).catch(() => undefined)
  if (!found) throw invalidInput(`there is no file or folder ${named}`)
  if (found.isDirectory()) return folderSubject(path)
  if (scenarioEnding.test(path) || /\.[cm]?[jt]s$/.test(path)) {
    return { cwd, results: join(cwd, resultsFolder), scenario: relative(cwd, path), mayStart: true }
  }
  const { run } = await readReportFile(path)
  return {
    cwd,
    results: dirname(dirname(path)),
    report: { path, run: nameInAddress(run.id, path), single: true },
    mayStart: false,
  }
}

/**
 * Returns the content to show for a folder: the results of one run, a folder with the results of several runs, or a project.
 * @throws BurstError (104) when the folder cannot be read
 */
async function folderSubject(path: string): Promise<Subject> {
  await readdir(path).catch((cause: unknown) => {
    throw invalidInput(`${path} cannot be read: ${diskCause(cause)}`, { cause })
  })
  const report = await reportIn(path)
  if (report) {
    const file = join(path, 'report.json')
    return {
      cwd: path,
      results: dirname(path),
      report: { path: file, run: nameInAddress(report.run.id, file), single: true },
      mayStart: false,
    }
  }
  const project = await stat(join(path, resultsFolder)).catch(() => undefined)
  const planner = new Planner({ cwd: path }, undefined, undefined)
  if (project?.isDirectory() || (await planner.scenarios()).length > 0) {
    return { cwd: path, results: join(path, resultsFolder), mayStart: true }
  }
  return { cwd: path, results: path, mayStart: false }
}

/** Returns `run`, the name of a run. @throws BurstError (104) if a URL cannot contain this name */
function nameInAddress(run: string, path: string): string {
  if (runName.test(run)) return run
  throw invalidInput(`${path} contains a run whose name cannot be part of an address`)
}
