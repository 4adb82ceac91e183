import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Report } from '../../core/report/report.ts'
import { type Ended, type RunningBurst, burst, emptyFolder } from './command-line.ts'

/** Creates a folder with these files. */
export async function project(files: Record<string, string>): Promise<string> {
  const folder = await emptyFolder()
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

/** Runs the only scenario of a folder on this machine and writes the result files to `out`. */
export async function runIn(
  folder: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended & { report: Report }> {
  const ended = await burst(['run', '--local', '--out', 'out', ...args], folder, env)
  try {
    return { ...ended, report: await reportIn(folder) }
  } catch (cause) {
    throw new Error(`there is no report; exit ${ended.code}: ${ended.stderr}`, { cause })
  }
}

export async function reportIn(folder: string): Promise<Report> {
  return JSON.parse(await readFile(join(folder, 'out', 'report.json'), 'utf8')) as Report
}

/**
 * Waits until the output of a run matches the pattern. Returns the first group of the match, or the whole match if the pattern has no group. Rejects
 * if the run ends without a match.
 */
export async function heard(run: RunningBurst, pattern: RegExp): Promise<string> {
  let over = false
  void run.ended.then(() => (over = true))
  for (;;) {
    const ended = over
    const found = pattern.exec(run.said())
    if (found) return found[1] ?? found[0]
    if (ended) throw new Error(`the output of burst never matched ${pattern}:\n${run.said()}`)
    await sleep(10)
  }
}
