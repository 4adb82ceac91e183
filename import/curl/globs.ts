import type { Text } from '../requests/request.ts'

const mostUrls = 20

/** Matches lists (`{a,b}`), ranges (`[1-3]`, `[001-100:10]`, `[a-f]`), ranges that a shell expands (`{1..3}`), and escaped brackets. */
const glob = /\\([[\]{}])|\{([^{}]*(?:,|\.\.)[^{}]*)\}|\[([a-z]|\d+)-([a-z]|\d+)(?::(\d+))?\]/gi

/** Returns the URLs that curl requests for a URL that contains lists and ranges. Returns null if curl requests more than 20 URLs. */
export function globbed(url: Text): Text[] | null {
  let found: Text[] = [[]]
  for (const part of url) {
    const choices = typeof part === 'string' ? textsOf(part) : [part]
    if (choices === null || found.length * choices.length > mostUrls) return null
    found = found.flatMap((begun) => choices.map((choice) => [...begun, choice]))
  }
  return found
}

function textsOf(text: string): string[] | null {
  let found = ['']
  let end = 0
  for (const match of text.matchAll(glob)) {
    const choices = choicesOf(match)
    if (choices === null || found.length * choices.length > mostUrls) return null
    const before = text.slice(end, match.index)
    found = found.flatMap((begun) => choices.map((choice) => begun + before + choice))
    end = match.index + match[0].length
  }
  return found.map((begun) => begun + text.slice(end))
}

function choicesOf([whole, escaped, list, from, to, step = '1']: RegExpExecArray): string[] | null {
  if (escaped !== undefined) return [escaped]
  const steps = /^(\d+)\.\.(\d+)$/.exec(list ?? '')
  if (steps) return rangeOf(steps[1] ?? '', steps[2] ?? '', 1)
  if (list !== undefined) return list.split(',')
  const range = rangeOf(from ?? '', to ?? '', Number(step))
  return range === null || range.length > 0 ? range : [whole]
}

/** Returns the numbers or letters of a range. Returns null if the range is too long, and an empty list if the string is not a range. */
function rangeOf(from: string, to: string, step: number): string[] | null {
  const isNumber = /^\d+$/.test(from)
  if (isNumber !== /^\d+$/.test(to) || step < 1) return []
  const [first, last] = isNumber ? [Number(from), Number(to)] : [from.charCodeAt(0), to.charCodeAt(0)]
  const count = Math.floor((last - first) / step) + 1
  if (count > mostUrls) return null
  return Array.from({ length: Math.max(0, count) }, (_, index) => {
    const value = first + index * step
    return isNumber ? String(value).padStart(from.length, '0') : String.fromCharCode(value)
  })
}
