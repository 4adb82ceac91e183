import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleScenario } from '../../cli/bundle/bundle.ts'
import { type LocalRun, startLocalRun } from '../../cli/embedded/local-run.ts'
import type { QueueFaults } from '../../cli/embedded/memory-queue.ts'
import type { RunOptions } from '../../core/plan/options.ts'
import type { RunPlan } from '../../core/plan/plan.ts'
import { planRun } from '../../core/plan/plan-run.ts'
import type { Report } from '../../core/report/report.ts'

export interface WholeRun {
  scenario: string
  options?: Partial<RunOptions>
  files?: Record<string, string>
  queueFaults?: QueueFaults
  /** The URL of a module that exports the stages. Default: burst's own stages. */
  stages?: string
  plan?: (plan: RunPlan) => RunPlan
  during?: (run: LocalRun) => Promise<void>
}

/** Executes a whole run on this machine. Each stage is a separate process, as in `burst run --local`. */
export async function runLocal(input: WholeRun): Promise<{ report: Report; outputs: Record<string, string> }> {
  const parent = join(import.meta.dirname, '../../burst-results')
  await mkdir(parent, { recursive: true })
  const folder = await mkdtemp(join(parent, 'e2e-'))
  try {
    await writeFile(join(folder, 'test.burst.ts'), input.scenario)
    for (const [name, text] of Object.entries(input.files ?? {})) await writeFile(join(folder, name), text)
    const bundle = await bundleScenario('test.burst.ts', { cwd: folder })
    const planned = planRun({
      description: bundle.description,
      options: { tags: [], excludeTags: [], vars: {}, failOnError: false, ...input.options },
      facts: {
        run: 'e2e',
        scenario: 'test.burst.ts',
        bundle: bundle.hash,
        build: 'test',
        createdAt: Date.now(),
        seed: 'e2e',
        cores: 2,
        backend: 'local',
        region: 'local',
      },
      locate: (text) => bundle.locate(text),
    })
    const plan = input.plan?.(planned) ?? planned
    const run = await startLocalRun({
      plan,
      bundle,
      storeDir: join(folder, '.store'),
      ...(input.stages ? { stages: input.stages } : {}),
      ...(input.queueFaults ? { queueFaults: input.queueFaults } : {}),
    })
    await input.during?.(run)
    const report = await run.done
    return { report, outputs: await run.outputs() }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * Returns the slices that have a replaced worker, according to the report. If a machine needs more than 10 s to start a worker, burst replaces this
 * worker. The users of the slice then begin new lives.
 */
export function replacedIn({ events }: Report): Set<number> {
  const found = events.flatMap(({ text }) => /^worker (\d+) is started again/.exec(text)?.[1] ?? [])
  return new Set(found.map(Number))
}
