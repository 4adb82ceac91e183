import { parse } from 'csv-parse/sync'
import { BurstError, invalidInput } from '../errors.ts'
import type { FeedDescription } from './description.ts'
import { inWords, refuseSurplus, refuseUnknown, wrongItem } from '../values-in-words.ts'
import { type UserRuntime, marks, shared } from './runtime.ts'

/** Rows of data for users. Only the code of a user can draw a row: a task, `onStart` or `onStop`. */
export interface Feed<T> {
  /**
   * Returns the next row for the calling user. If a `unique()` feed has no row left, throws an error that ends the user.
   * @throws BurstError (107) when `next()` is called outside of the code of a user
   */
  next(): T
}

/** One row of a CSV file. */
export type Row<Column extends string> = { readonly [K in Column]: string }

export interface UniqueOptions {
  /**
   * `true`: after the last row, the feed continues with the first row. Default false: a user stops if it needs a row and no row is left. Without
   * arrivals, this user does not start again. The report contains the number of users that stopped in this way.
   */
  recycle?: boolean
  /**
   * The names of the user classes that share the rows. With this option, the rank of a user is its position among the users of these classes. If a
   * user of another class draws a row, `next()` throws a TypeError. With arrivals, this option has no effect: each arrival has its own rows, whatever
   * its class. If an arrival draws no row, its rows are not used. Default: all users.
   */
  users?: readonly string[]
}

export interface Rows<T> {
  /**
   * Gives each row to only one user of the run. The user with rank r among N planned users gets rows r, r + N, r + 2·N and so on. In each new life,
   * the user gets the same rows again. Ranks and rows are counted from 0. With arrivals, r is the number of the arrival, and N is the number of
   * planned arrivals. Without `recycle`, a user that was added during the run gets no row.
   */
  unique(options?: UniqueOptions): Feed<T>
  /** Draws a random row for each call of `next()`. These draws do not change the numbers of `this.random`. */
  random(): Feed<T>
  /**
   * Each user begins with row r, where r is the rank of the user (with arrivals: the number of the arrival), and continues with the rows after row r.
   * After the last row, the user continues with the first row.
   */
  sequential(): Feed<T>
}

export interface CsvOptions {
  /**
   * The character, or the characters, between two values. Double quotes and line breaks are not allowed. Default `','`; Excel writes `';'` in many
   * language settings.
   */
  delimiter?: string
}

/**
 * Returns the rows of a CSV file (RFC 4180, UTF-8, first line: column names). The path is relative to the scenario file. Lines may end in LF, CRLF or
 * CR. Rows without a value are skipped.
 * @throws BurstError (104) for an invalid argument, a missing file or column, a column name that occurs twice, a row with more or fewer values than
 * the first line, a file that is not valid CSV, or a file without rows
 */
export function csv<const Column extends string>(
  path: string,
  columns: readonly Column[],
  options: CsvOptions = {},
): Rows<Row<Column>> {
  checkColumns(path, columns)
  refuseUnknown(options, ['delimiter'], `the third argument of csv('${path}')`)
  const delimiter = checkedDelimiter(path, options)
  let places: (readonly [Column, number])[] = []
  const records = parseCsv(path, delimiter, (header, line) => {
    refuseRepeated(header, `line ${line} of ${path}`)
    places = columns.map((column) => [column, placeOf(column, header, path)])
  })
  const rows = records.map((record) => Object.fromEntries(places.map(([column, place]) => [column, record[place]])))
  return rowsOf(path, rows as Row<Column>[])
}

/**
 * Refuses a column name that occurs twice, because a scenario reads a column by its name. Several columns may have an empty name, as in many
 * spreadsheets.
 */
function refuseRepeated(header: readonly string[], where: string): void {
  const again = header.findIndex((name, index) => name.trim() !== '' && header.indexOf(name) !== index)
  if (again === -1) return
  const name = header[again] as string
  throw invalidInput(
    `${where} names the column ${inWords(name)} twice, as column ${header.indexOf(name) + 1} and as column ${again + 1}`,
    { hint: 'give each column a different name' },
  )
}

function placeOf(column: string, header: readonly string[], path: string): number {
  const place = header.indexOf(column)
  if (place !== -1) return place
  throw invalidInput(`${path} has no column '${column}'`, { hint: columnHint(header) })
}

/** A scenario in JavaScript is not type-checked, so the arguments may have any type. */
function checkColumns(path: unknown, columns: unknown): void {
  const hint = "write the path and a list of columns, like csv('users.csv', ['email'])"
  if (typeof path !== 'string') throw invalidInput(`the path of csv() is ${inWords(path)}`, { hint })
  if (!Array.isArray(columns)) throw invalidInput(`the columns of csv('${path}') are ${inWords(columns)}`, { hint })
  checkTexts(columns, `the columns of csv('${path}')`, hint)
}

function checkTexts(list: readonly unknown[], what: string, hint: string): void {
  const found = wrongItem(list, (item) => typeof item === 'string')
  if (found) throw invalidInput(`item ${found.place} of ${what} is ${inWords(found.value)}`, { hint })
}

/** Returns the checked options of `unique()`. */
function checkedUnique(options: UniqueOptions): UniqueOptions {
  const what = 'the argument of unique()'
  refuseUnknown(options, ['recycle', 'users'], what)
  const { recycle, users } = options
  if (!['undefined', 'boolean'].includes(typeof recycle))
    throw invalidInput(`recycle in ${what} is ${inWords(recycle)}`, { hint: 'write true or false' })
  if (users === undefined) return options
  const hint = "write a list of class names, like ['Buyer']"
  if (!Array.isArray(users)) throw invalidInput(`'users' in ${what} is ${inWords(users)}`, { hint })
  if (users.length === 0)
    throw invalidInput(`'users' in ${what} is an empty list`, {
      hint: `${hint}, or remove 'users', so that all users share the rows`,
    })
  checkTexts(users, `'users' in ${what}`, hint)
  return options
}

function checkedDelimiter(path: string, { delimiter = ',' }: CsvOptions): string {
  if (typeof delimiter === 'string' && /^[^"\r\n]+$/.test(delimiter)) return delimiter
  throw invalidInput(`the delimiter of csv('${path}') is ${inWords(delimiter)}`, {
    hint: "give the character between two values, like { delimiter: ';' }",
  })
}

/** Returns a hint for two mistakes that are easy to overlook: a different delimiter, and blanks around column names. */
function columnHint(header: readonly string[]): string {
  const [only = ''] = header
  const other = [';', '\t', '|', ','].find((delimiter) => header.length === 1 && only.includes(delimiter))
  if (other !== undefined) {
    return `the first line seems to be delimited by ${JSON.stringify(other)}: csv(path, columns, { delimiter: ${JSON.stringify(other)} })`
  }
  const blank = header.some((name) => name.trim() !== name)
  return `the columns in its first line are ${header.map((name) => (blank ? JSON.stringify(name) : name)).join(', ')}`
}

/**
 * Returns the items of the array in a JSON file. The path is relative to the scenario file.
 * @throws BurstError (104) when the file is missing, is not JSON, or does not contain an array with at least one item
 */
export function json<T = Record<string, unknown>>(path: string): Rows<T> {
  if (typeof path !== 'string') throw invalidInput(`json() was given ${inWords(path)} instead of the path of a file`)
  let items: unknown
  try {
    items = JSON.parse(readFile(path).replace(/^\uFEFF/, ''))
  } catch (cause) {
    if ((cause as Error).name === 'BurstError') throw cause
    throw invalidInput(`${path} is not valid JSON: ${(cause as Error).message}`, { cause })
  }
  if (!Array.isArray(items))
    throw invalidInput(`${path} does not contain an array`, { hint: 'json() takes a file like [{…}, {…}]' })
  return rowsOf(path, items as T[])
}

/** @internal The list in which feeds are registered for the planner. */
export const feedRegistry = Symbol.for('burst.feeds')

function rowsOf<T>(path: string, rows: readonly T[]): Rows<T> {
  if (rows.length === 0) throw invalidInput(`${path} has no rows`)
  const made = (
    mode: FeedDescription['mode'],
    options: UniqueOptions,
    next: (runtime: UserRuntime, feed: object) => T,
  ): Feed<T> => {
    describe({ path, rows: rows.length, mode, recycle: options.recycle ?? false, users: [...(options.users ?? [])] })
    const feed: Feed<T> = { next: () => next(currentRuntime(path), feed) }
    shared[marks.feeds]?.push(feed)
    return feed
  }
  const at = (index: number): T => rows[index % rows.length] as T
  return {
    unique: (options = {}) =>
      made('unique', checkedUnique(options), (runtime, feed) => {
        const { rank, of } = runtime.rank(options.users ?? [])
        const [owns, row] = [rank < of, rank + runtime.draw(feed) * of]
        if (options.recycle) return at(row)
        if (!owns)
          throw exhausted(
            `all rows of ${path} belong to the planned users or arrivals, but this user or arrival was added during the run`,
          )
        if (row >= rows.length)
          throw exhausted(`${path} has only ${rows.length} rows, but this user needs one more row`)
        return at(row)
      }),
    random: (...given) => {
      refuseSurplus(given, 0, 'random() takes no options')
      return made('random', {}, (runtime) => at(runtime.dataRandom.int(0, rows.length - 1)))
    },
    sequential: (...given) => {
      refuseSurplus(given, 0, 'sequential() takes no options')
      return made('sequential', {}, (runtime, feed) => at(runtime.rank([]).rank + runtime.draw(feed)))
    },
  }
}

/** Returns the records below the header. The header is checked first, because a wrong header causes misleading errors in the records. */
function parseCsv(path: string, delimiter: string, onHeader: (header: string[], line: number) => void): string[][] {
  const text = readFile(path)
  let width = 0
  let complete = 0
  const checked = (record: string[], { lines }: { lines: number }): string[] | null => {
    complete = lines
    if (width === 0) {
      width = record.length
      onHeader(record, lines)
      return null
    }
    // Blank rows are skipped, because spreadsheet programs write blank rows at the end of a table.
    if (record.every((value) => value.trim() === '')) return null
    if (record.length === width) return record
    throw invalidInput(
      `line ${lines} of ${path} has ${amount(record.length, 'value')}, but the first line has ${width}`,
      {
        hint: `put a value that contains ${JSON.stringify(delimiter)} in double quotes`,
      },
    )
  }
  try {
    return parse(text, {
      bom: true,
      skip_empty_lines: true,
      relax_column_count: true,
      delimiter,
      record_delimiter: ['\r\n', '\n', '\r'],
      on_record: checked,
    })
  } catch (cause) {
    if ((cause as Error).name === 'BurstError') throw cause
    const [first = ''] = text.split(/[\r\n]/, 1)
    const hint = width === 0 ? columnHint([first]) : quoteHint
    throw invalidInput(`${path} is not valid CSV: ${faultOf(cause as ParserError, complete)}`, { cause, hint })
  }
}

interface ParserError extends Error {
  code?: string
  lines?: number
}

const quoteHint =
  'put a value that contains a double quote in double quotes, and write each double quote of the value twice'

/**
 * Describes an error of the parser. If a quote is not closed, the parser reports the last line of the file. The message therefore names the last
 * complete row instead.
 */
function faultOf({ code, lines, message }: ParserError, complete: number): string {
  if (code === 'CSV_QUOTE_NOT_CLOSED') return `a double quote after line ${complete} is not closed`
  if (code === 'CSV_INVALID_CLOSING_QUOTE') return `text follows the closing double quote of a value in line ${lines}`
  if (code === 'INVALID_OPENING_QUOTE')
    return `a value in line ${lines} contains a double quote, but does not begin with a double quote`
  return message
}

function amount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function readFile(path: string): string {
  const files = shared[marks.files]
  if (!files)
    throw invalidInput(`${path} cannot be read here`, { hint: 'call csv() and json() at the top of the scenario file' })
  return files.read(path)
}

function currentRuntime(path: string): UserRuntime {
  const runtime = shared[marks.currentRuntime]?.()
  if (runtime) return runtime
  throw new BurstError('scenarioThrew', `a row of ${path} was drawn outside of a user`, {
    hint: 'call next() in a task, onStart or onStop',
  })
}

function describe(feed: FeedDescription): void {
  const registry = (globalThis as { [feedRegistry]?: FeedDescription[] })[feedRegistry]
  registry?.push(feed)
}

function exhausted(message: string): Error {
  return Object.assign(new Error(message), { [marks.exhausted]: true })
}
