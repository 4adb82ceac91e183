import type { Snippet } from './snippet.ts'
import { userSnippets } from './user-snippets.ts'
import { valueSnippets } from './value-snippets.ts'

export const snippets: Readonly<Record<string, Snippet>> = {
  ...userSnippets,
  ...valueSnippets,
  drawWeighted: {
    text: `/** Draws one of the names. The probability of a name is in proportion to its weight. */
function drawWeighted<Name extends string>(random: Random, weights: Readonly<Record<Name, number>>): Name {
  const names = Object.keys(weights) as Name[]
  let left = random.next() * names.reduce((sum, name) => sum + weights[name], 0)
  return names.find((name) => (left -= weights[name]) < 0) ?? names[0]!
}`,
    types: ['Random'],
  },
  sampleOf: {
    text: `/** Draws the given number of different items, in random order. */
function sampleOf<T = any>(items: Iterable<T>, count: number): T[] {
  const left = [...items]
  return Array.from({ length: Math.min(count, left.length) }, () => {
    return left.splice(Math.floor(Math.random() * left.length), 1)[0]!
  })
}`,
  },
  takeFirst: {
    text: `/** Removes the first item of a list and returns it. Throws if the list is empty. */
function takeFirst<T = any>(items: T[]): T {
  if (items.length === 0) throw new Error('the queue is empty')
  return items.shift()!
}`,
  },
  pushLimited: {
    text: `/** Adds an item at the end, and removes items at the beginning if there are too many. */
function pushLimited<T>(items: T[], item: T, most: number): void {
  items.push(item)
  while (items.length > most) items.shift()
}`,
  },
  shuffleInPlace: {
    text: `/** Puts the items into random order, in place. */
function shuffleInPlace(items: unknown[]): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(Math.random() * (last + 1))
    ;[items[last], items[other]] = [items[other], items[last]]
  }
}`,
  },

  isIn: {
    text: `/** Returns true if a list or a text contains a value, or if an object has a key. */
function isIn(value: any, of: any): boolean {
  return Array.isArray(of) || typeof of === 'string' ? of.includes(value) : value in of
}`,
  },
  inRandomOrder: {
    text: `/** Returns the items in random order. burst seeds Math.random inside a user. */
function inRandomOrder<T>(items: readonly T[]): T[] {
  const left = [...items]
  return items.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]!)
}`,
  },
  pickOne: {
    text: `/** Returns a random item. burst seeds Math.random inside a user. */
function pickOne<T = any>(items: ArrayLike<T>): T {
  return items[Math.floor(Math.random() * items.length)]!
}`,
  },
  randomInteger: {
    text: `/** Returns a random whole number from low to high, both included. burst seeds Math.random inside a user. */
function randomInteger(low: number, high: number): number {
  return low + Math.floor(Math.random() * (high - low + 1))
}`,
  },
  numbersFrom: {
    text: `/** Returns the whole numbers from start up to, but not including, end. */
function numbersFrom(start: number, end: number, step = 1): number[] {
  return Array.from({ length: Math.max(0, Math.ceil((end - start) / step)) }, (_, index) => start + index * step)
}`,
  },
  linesOf: {
    text: `/** Returns the rows of a CSV file without quotes, each as a list of its values. */
function linesOf(file: string): string[][] {
  const text = readFileSync(join(import.meta.dirname, file), 'utf8')
  return text.trim().split(/\\r?\\n/).map((line) => line.split(','))
}`,
    node: [
      ['readFileSync', 'node:fs'],
      ['join', 'node:path'],
    ],
  },
  inTurn: {
    text: `/** Returns the items one after another, and starts over at the end. */
function inTurn<T = any>(items: readonly T[]): () => T {
  let next = 0
  return () => items[next++ % items.length]!
}`,
  },
  takeKey: {
    text: `/** Removes a key from an object, and returns the value of the key. */
function takeKey<T = any>(of: Record<string, T>, key: string, otherwise?: any): T {
  const value = of[key] ?? otherwise
  delete of[key]
  return value
}`,
  },
  cookieOf: {
    text: `/** Returns the value of a cookie that the response sets. */
function cookieOf({ headers }: Response, name: string): string | undefined {
  const cookie = headers.getSetCookie().find((one) => one.startsWith(\`\${name}=\`))
  return cookie?.slice(name.length + 1).split(';')[0]
}`,
    types: ['Response'],
  },
  nextOf: {
    text: `/** Returns the next value of a generator. At the end of the generator, returns the default, or throws if there is no default. */
function nextOf<T = any>(values: Iterator<T>, ...otherwise: any[]): T {
  const { done, value } = values.next()
  if (done && otherwise.length === 0) throw new Error('the generator has no more values')
  return done ? otherwise[0] : value
}`,
  },
  nextAwaited: {
    text: `/** Returns the next value of a generator. At the end of the generator, returns the default, or throws if there is no default. */
async function nextAwaited<T = any>(values: AsyncIterator<T>, ...otherwise: any[]): Promise<T> {
  const { done, value } = await values.next()
  if (done && otherwise.length === 0) throw new Error('the generator has no more values')
  return done ? otherwise[0] : value
}`,
  },
  countFrom: {
    text: `/** Returns the next number on each call. */
function countFrom(start = 0): () => number {
  let next = start
  return () => next++
}`,
  },
  pickWeighted: {
    text: `/** Returns one of the items, with a probability in proportion to its weight. The argument drawn is a random number in [0, 1). */
function pickWeighted<T = any>(items: readonly T[], weights: readonly number[], drawn: number): T {
  let left = drawn * weights.reduce((sum, weight) => sum + weight, 0)
  return items[weights.findIndex((weight) => (left -= weight) < 0)]!
}`,
  },
  rowsOf: {
    text: `/** Returns the rows of a CSV file in which no value is in quotes. The first line of the file names the columns. */
function rowsOf(file: string): Record<string, any>[] {
  const [columns = [], ...rows] = readFileSync(join(import.meta.dirname, file), 'utf8')
    .trim()
    .split(/\\r?\\n/)
    .map((line) => line.split(','))
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, row[index] ?? ''])))
}`,
    node: [
      ['readFileSync', 'node:fs'],
      ['join', 'node:path'],
    ],
  },
  drawNormal: {
    text: `/** Returns a normally distributed random number with mean 0 and standard deviation 1. */
function drawNormal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
}`,
    types: ['Random'],
  },

  sortedBy: {
    text: `/** Returns the items, sorted by their keys. */
function sortedBy<T = any>(items: readonly T[], keyOf: (item: T) => any = (item) => item): T[] {
  const compare = (a: any, b: any): number => {
    if (!Array.isArray(a)) return a < b ? -1 : Number(a > b)
    return a.map((one, index) => compare(one, b[index])).find((order) => order !== 0) ?? 0
  }
  return items.toSorted((a, b) => compare(keyOf(a), keyOf(b)))
}`,
  },
  localTime: {
    text: `/** Shifts a date so that dateText, which uses UTC, shows the local time. */
function localTime(date: Date): Date {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
}`,
  },
  localIso: {
    text: `/** Returns the local time of a date in the format of toISOString, but without a time zone. */
function localIso(date: Date): string {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 23)
}`,
  },
  formatText: {
    text: `/** Inserts values into a text with {} or {name}, like format in Python. */
function formatText(text: string, values: readonly unknown[] | Readonly<Record<string, unknown>>): string {
  const known = new Map(Object.entries(values))
  let next = 0
  return text.replaceAll(/{{|}}|{([^{}]*)}/g, (whole, name?: string) => {
    if (name === undefined) return whole.slice(1)
    const key = name || String(next++)
    if (!known.has(key)) throw new Error(\`there is no value for {\${key}}\`)
    return String(known.get(key))
  })
}`,
  },
  dateText: {
    text: `/** Formats a date in UTC. The format contains directives of strftime in Python. */
function dateText(date: Date, format: string): string {
  const iso = date.toISOString()
  const named = (options: Intl.DateTimeFormatOptions) => date.toLocaleString('en', { ...options, timeZone: 'UTC' })
  const day = (date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 0)) / 86_400_000
  const parts: Record<string, string> = {
    Y: iso.slice(0, 4),
    y: iso.slice(2, 4),
    m: iso.slice(5, 7),
    d: iso.slice(8, 10),
    H: iso.slice(11, 13),
    M: iso.slice(14, 16),
    S: iso.slice(17, 19),
    f: \`\${iso.slice(20, 23)}000\`,
    I: String(date.getUTCHours() % 12 || 12).padStart(2, '0'),
    p: date.getUTCHours() < 12 ? 'AM' : 'PM',
    a: named({ weekday: 'short' }),
    A: named({ weekday: 'long' }),
    b: named({ month: 'short' }),
    B: named({ month: 'long' }),
    j: String(Math.trunc(day)).padStart(3, '0'),
    '%': '%',
  }
  return format.replaceAll(/%(.)/g, (_, part: string) => parts[part] ?? '')
}`,
  },
  dividedBy: {
    text: `/** Returns the quotient as a whole number, and the remainder. */
function dividedBy(number: number, by: number): [quotient: number, rest: number] {
  return [Math.floor(number / by), number - Math.floor(number / by) * by]
}`,
  },

  betweenTexts: {
    text: `/** Returns the text between two strings; empty if one of the strings does not occur. */
function betweenTexts(text: string, left: string, right: string): string {
  const start = text.indexOf(left)
  const end = start === -1 ? -1 : text.indexOf(right, start + left.length)
  return end === -1 ? '' : text.slice(start + left.length, end)
}`,
  },
  randomText: {
    text: `/** Returns a string of random characters. burst seeds Math.random inside a user. */
function randomText(length: number, characters = 'abcdefghijklmnopqrstuvwxyz'): string {
  return Array.from({ length }, () => characters[Math.floor(Math.random() * characters.length)]).join('')
}`,
  },
}
