import { relative } from 'node:path'

/** Whatever user code threw, in words: it may be what cannot be made text, or have getters that throw themselves. */
export function wordsOf(thrown: unknown): string {
  try {
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : `thrown: ${String(thrown)}`
  } catch {
    return 'thrown: something that cannot be told in words'
  }
}

/** The user's own lines of a stack, their places relative to `folder`, where the bundle lies; '' where it cannot be had. */
export function userStack(thrown: unknown, folder: string): string {
  const lines = stackOf(thrown)
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
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
