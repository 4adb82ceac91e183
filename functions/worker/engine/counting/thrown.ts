import { dirname, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { withoutUserinfo } from '../../../../core/hosts/userinfo.ts'
import { messageWithReason } from '../../../../core/values-in-words.ts'

/** The number of characters of a thrown value's description that burst searches for secrets and paths. The report shows far fewer characters. */
const longestThrown = 10_000
/** The maximum number of characters of a frame in a stack. burst assumes that a longer line of a stack belongs to the error's message. */
const longestLine = 2_000

/**
 * Describes a value that user code threw, in at most 10,000 characters. Also describes a value whose conversion to a string fails, or whose getters
 * throw.
 */
export function wordsOf(thrown: unknown): string {
  try {
    const words = thrown instanceof Error ? `${thrown.name}: ${messageWithReason(thrown)}` : `thrown: ${String(thrown)}`
    return withoutUserinfo(words.slice(0, longestThrown))
  } catch {
    return 'thrown: a value that cannot be shown as text'
  }
}

/**
 * Describes a thrown value as `wordsOf` does, but without the path of the bundle's folder. This path differs between workers. If the value is the
 * error for a file that is missing in this folder, returns the message that this file is not copied to the workers.
 */
export function wordsIn(thrown: unknown, folder: string): string {
  const words = wordsOf(thrown)
  const here = words.replaceAll(`${folder}/`, '').replace(/(?<=')beside\//, '')
  const missing = words.includes(`'${folder}/`) ? /^Error: ENOENT: .*'([^']+)'$/.exec(here)?.[1] : undefined
  if (missing === undefined) return here
  return `Error: ${missing} is not copied to the workers: read the file while the scenario is loaded, or write the path as one literal string in the call that reads the file`
}

/**
 * Returns at most 5 lines of a stack: the lines that belong to the user's code, with paths relative to the folder of the bundle. If there are no such
 * lines, returns lines of packages and of Node. Returns '' if the stack cannot be read. Leaves out frames of the bundle file itself: burst or the
 * bundler added the code of these frames, so the source map does not cover it.
 */
export function userStack(thrown: unknown, bundleFile: string): string {
  const folder = dirname(bundleFile)
  const bundle = [`${bundleFile}:`, `${pathToFileURL(bundleFile).href}:`]
  const lines = stackOf(thrown)
    .split('\n')
    .filter((line) => line.length <= longestLine && /^\s+at /.test(line))
    .filter((line) => !bundle.some((place) => line.includes(place)))
  const theirs = lines.filter((line) => line.includes(`${folder}/`) || !burstsOwn.test(line))
  const own = theirs.filter((line) => !/node:|node_modules[\\/]/.test(line))
  return (own.length > 0 ? own : theirs)
    .slice(0, 5)
    .map((line) => line.replace(place, (_, before: string, path: string) => before + relative(folder, path)))
    .join('\n')
    .slice(0, 2000)
}

const burstsOwn = /burst:|[\\/](functions|core)[\\/]/
const place = /(\(|at (?:async )?)(?:file:\/\/)?(\/[^()]*)(?=:\d+:\d+\)?$)/

/**
 * Returns the stack of an error. The first access to `stack` applies the source maps. This step calls getters of the error, which may throw. Returns
 * '' if a getter throws, or if the value is not an Error.
 */
function stackOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.stack) : ''
  } catch {
    return ''
  }
}
