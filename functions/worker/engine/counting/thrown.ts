import { relative } from 'node:path'
import { withoutUserinfo } from '../../../../core/userinfo.ts'

/** So much of a thrown text is searched for secrets and places, characters: much more than is shown. */
const longestThrown = 10_000
/** A longer line of a stack is a part of the message. */
const longestLine = 2_000

/** Whatever user code threw, in words of at most 10,000 characters: it may be what cannot be made text, or have getters that throw themselves. */
export function wordsOf(thrown: unknown): string {
  try {
    const words = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `thrown: ${String(thrown)}`
    return withoutUserinfo(words.slice(0, longestThrown))
  } catch {
    return 'thrown: a value that cannot be shown as text'
  }
}

/**
 * The same without the place of the bundle, which differs from worker to worker. A file that is missing there is one that does not travel
 * with the scenario.
 */
export function wordsIn(thrown: unknown, folder: string): string {
  const words = wordsOf(thrown)
  const here = words.replaceAll(`${folder}/`, '').replace(/(?<=')beside\//, '')
  const missing = words.includes(`'${folder}/`) ? /^Error: ENOENT: .*'([^']+)'$/.exec(here)?.[1] : undefined
  if (missing === undefined) return here
  return `Error: ${missing} is not copied to the workers: read it while the file is loaded, or name it as a whole where it is read`
}

/** The user's own lines of a stack, their places relative to `folder`, where the bundle lies; '' where it cannot be had. */
export function userStack(thrown: unknown, folder: string): string {
  const lines = stackOf(thrown)
    .split('\n')
    .filter((line) => line.length <= longestLine && /^\s+at /.test(line))
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

/** The first look at a stack works it out, source maps and all, and calls getters of the error in doing so. */
function stackOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? String(thrown.stack) : ''
  } catch {
    return ''
  }
}
