import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { join, relative, resolve } from 'node:path'
import type { RunOptions } from '../core/plan/options.ts'
import type { RunPlan } from '../core/plan/plan.ts'
import type { Report } from '../core/report/report.ts'
import { nameOf, newRunId, planRun } from '../core/plan/planning.ts'
import { buildIdentity } from './build-identity.ts'
import { type ScenarioBundle, bundleScenario } from './bundle/bundle.ts'
import { startLocalRun } from './embedded/local-run.ts'
import { type Start, followRun } from './follow.ts'
import { prepareOutputs, writeOutputs } from './outputs.ts'
import { type Screen, screenFor } from './terminal/display.ts'
import { renderFiles, renderPlan } from './terminal/words.ts'
import { renderSummary } from './terminal/summary.ts'

/** A run on this machine, as a person asked for it. */
export interface LocalRequest {
  /** The scenario. */
  file: string
  options: RunOptions
  cwd: string
  /** Folder for the files; default `burst-results/<run>` in `cwd`. */
  out: string | undefined
  json: boolean
  quiet: boolean
}

/**
 * Plans, runs, shows and reports a run on this machine.
 * @returns the exit code of its verdict
 * @throws BurstError when it could not be planned, carried out or written down
 */
export async function runLocally(request: LocalRequest): Promise<number> {
  const screen = screenFor(request.json ? process.stderr : process.stdout, request.quiet)
  const bundle = await bundleScenario(request.file, { cwd: request.cwd })
  const origin: Origin = { backend: 'local', region: 'local', build: await buildIdentity() }
  const plan = planned(request.options, bundle, origin)
  const folder = resolve(request.cwd, request.out ?? join('burst-results', plan.run))
  await prepareOutputs(folder)
  say(screen, renderPlan(plan, [...bundle.warnings, ...budgetNote(bundle)], screen.style))
  let files: () => Promise<Record<string, string>> = async () => ({})
  const start: Start = async (print) => {
    const run = await startLocalRun({ plan, bundle, storeDir: resolve(request.cwd, 'burst-results', '.store'), print })
    files = () => run.outputs()
    return run
  }
  const report = await followRun(start, screen, plan.timing.stopMs)
  return finish(request, { report, files: await files(), folder, screen })
}

function budgetNote({ description }: ScenarioBundle): string[] {
  return description.budgetUsd === undefined ? [] : ['budget is kept on AWS only; a local run costs nothing']
}

export interface Finished {
  report: Report
  files: Record<string, string>
  folder: string
  screen: Screen
}

/** The result is shown before it is written: a full disk shall not hide it. */
export async function finish(
  { cwd, json }: Pick<LocalRequest, 'cwd' | 'json'>,
  { report, files, folder, screen }: Finished,
): Promise<number> {
  screen.stream.write(`\n${renderSummary(report, screen.width(), screen.style)}\n`)
  if (json) process.stdout.write(files['report.json'] ?? JSON.stringify(report))
  await writeOutputs(folder, files)
  screen.stream.write(`${renderFiles(folder, relative(cwd, folder), screen.style)}\n`)
  return report.verdict.exitCode
}

/** Where a run goes, and by which code. */
export interface Origin {
  backend: RunPlan['backend']
  region: string
  build: string
}

/** The plan of a new run. */
export function planned(options: RunOptions, bundle: ScenarioBundle, origin: Origin): RunPlan {
  const createdAt = Date.now()
  const name = options.name ?? bundle.description.name ?? nameOf(bundle.scenario)
  return planRun({
    description: bundle.description,
    options,
    facts: {
      run: newRunId(createdAt, name, randomBytes(2).toString('hex')),
      scenario: bundle.scenario,
      bundle: bundle.hash,
      createdAt,
      seed: options.seed ?? randomBytes(4).toString('hex'),
      cores: availableParallelism(),
      ...origin,
    },
    locate: (text) => bundle.locate(text),
  })
}

/** Says it unless nothing is to be said before the end. */
export function say(screen: Screen, text: string): void {
  if (screen.mode !== 'silent') screen.stream.write(`${text}\n\n`)
}
