import { isKnown, letters, wholeName, withValue } from './option-names.ts'

export interface GivenOption<Value> {
  name: string
  value: Value | null
}

/** An argument of a curl command. The beginning of an argument can be constant, even if the rest contains variables. */
export interface Argument<Value> {
  /** The beginning of the argument, up to its first variable. */
  plain: string
  /** Returns the argument without its first `start` characters. */
  from(start: number): Value
}

/** Sorts the arguments of curl into options and URLs, as curl does: `-sXPOST`, `-X POST`, `--request POST`, `--request=POST`. */
export function readOptions<Value>(words: readonly Argument<Value>[]): GivenOption<Value>[] {
  const found: GivenOption<Value>[] = []
  let isOver = false
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as Argument<Value>
    const takeNext = (): Value | null => words[++at]?.from(0) ?? null
    if (isOver || !/^-./.test(word.plain)) found.push({ name: 'url', value: word.from(0) })
    else if (word.plain === '--') isOver = true
    else if (word.plain.startsWith('--')) found.push(longOption(word, takeNext))
    else found.push(...shortOptions(word, takeNext))
  }
  return found
}

/** Removes the options that a later `--no-…` switches off. */
export function withoutSwitchedOff<Value>(options: readonly GivenOption<Value>[]): GivenOption<Value>[] {
  const kept: GivenOption<Value>[] = []
  for (const option of options) {
    const off = isKnown(option.name) ? undefined : /^no-(.*)$/.exec(option.name)?.[1]
    if (off === undefined || !isKnown(off)) kept.push(option)
    else kept.splice(0, kept.length, ...kept.filter(({ name }) => name !== off))
  }
  return kept
}

function longOption<Value>(word: Argument<Value>, takeNext: () => Value | null): GivenOption<Value> {
  const equals = word.plain.indexOf('=')
  if (equals > 0) return { name: wholeName(word.plain.slice(2, equals)), value: word.from(equals + 1) }
  const name = wholeName(word.plain.slice(2))
  return { name, value: withValue.has(name.replace(/^expand-/, '')) ? takeNext() : null }
}

function shortOptions<Value>(word: Argument<Value>, takeNext: () => Value | null): GivenOption<Value>[] {
  const found: GivenOption<Value>[] = []
  for (let at = 1; at < word.plain.length; at++) {
    const letter = word.plain.charAt(at)
    const name = letters[letter] ?? letter
    if (!withValue.has(name)) found.push({ name, value: null })
    else {
      const isLast = at === word.plain.length - 1 && isWhole(word)
      found.push({ name, value: isLast ? takeNext() : word.from(at + 1) })
      break
    }
  }
  return found
}

/** Returns true if the word contains only constant text. */
function isWhole(word: Argument<unknown>): boolean {
  return !('more' in word) || word.more !== true
}
