import { type OutputFile, outputFiles } from '../../../functions/keys.ts'
import { renderOutput } from '../../../functions/reducer/render-output.ts'
import { knownRun } from '../../local-runs/run-folder.ts'
import { refused, send } from '../serving/answers.ts'
import type { Call } from '../serving/routes.ts'
import { readSoFar } from './so-far.ts'
import { type Workshop, watchedRun } from '../workshop.ts'

const types: Record<string, string> = { html: 'text/html', json: 'application/json', csv: 'text/csv' }

/** Sends a file of a run. */
export async function download(shop: Workshop, { parts, request, response }: Call): Promise<void> {
  const { run = '', file = '' } = parts
  const name = outputFiles.find((one) => one === file)
  const found = name && (await fileOf(shop, run, name))
  if (found === undefined) throw refused(404, `run ${run} has no file ${file}`)
  if (name === 'report.json' && !found.isInProgress) response.once('finish', () => shop.delivered(run))
  send(response, 200, found.text, headersFor(savedAs(run, file, found), isSaved(request.url)))
}

/** Returns true if the browser should save the file instead of showing it. */
function isSaved(url = ''): boolean {
  return url.endsWith('?save')
}

function savedAs(run: string, file: string, { isInProgress }: FoundFile): string {
  return `${run}-${isInProgress ? 'so-far-' : ''}${file}`
}

interface FoundFile {
  text: string
  /** `true` if the run is in progress. The file then contains the counts so far. */
  isInProgress: boolean
}

/**
 * Returns a file of a run. While the run is in progress, burst makes the file from the counts so far. Returns undefined if the file does not exist
 * and burst cannot make it from the counts so far.
 */
async function fileOf(shop: Workshop, run: string, name: OutputFile): Promise<FoundFile | undefined> {
  const text = await storedFile(shop, run, name)
  if (text !== undefined) return { text, isInProgress: false }
  // `junit.xml` contains the verdict, which does not exist before the end of the run.
  if (name === 'junit.xml') return undefined
  const watched = await watchedRun(shop, run)
  if (!watched || (await watched.ending())) return undefined
  const report = await readSoFar(watched)
  return report && { text: await renderOutput(report, name), isInProgress: true }
}

/** Returns a file of a finished run; undefined when the file does not exist. */
export async function storedFile(shop: Workshop, run: string, name: OutputFile): Promise<string | undefined> {
  const here = await shop.catalogue.file(run, name)
  // For a run on this machine, burst sends no request to AWS.
  if (here !== undefined || (await knownRun(run))) return here
  return shop.cloud?.file(run, name)
}

/** Returns the headers for a file. The browser must save an HTML file and never open it at this origin, because report.html contains scripts. */
function headersFor(saved: string, save: boolean): Record<string, string> {
  const [, kind = ''] = /\.(\w+)$/.exec(saved) ?? []
  const type = { 'content-type': `${types[kind] ?? 'text/plain'}; charset=utf-8` }
  if (!save && kind !== 'html') return type
  return { ...type, 'content-disposition': `attachment; filename="${saved}"` }
}
