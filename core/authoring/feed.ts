import { parse } from 'csv-parse/sync'
import { BurstError, invalidInput } from '../errors.ts'
import type { FeedDescription } from '../plan/scenario.ts'
import { type Seat, marks, meeting } from './seat.ts'

/** Rows for users to draw from. Only inside a user: in a task, `onStart` or `onStop`. */
export interface Feed<T> {
  /** The next row of the user that asks. */
  next(): T
}

/** One row of a CSV file. */
export type Row<Column extends string> = { readonly [K in Column]: string }

export interface UniqueOptions {
  /** Start over when the rows are used up. Default false: the user that finds none left stops, and is counted. */
  recycle?: boolean
  /** Names of the classes that share the rows; their users are ranked among themselves. Default: all users. */
  users?: readonly string[]
}

export interface Rows<T> {
  /** Each row goes to one user of the whole fleet: draw k of the user of rank r among N is row r + k·N. */
  unique(options?: UniqueOptions): Feed<T>
  /** Any row, by the user's random stream. */
  random(): Feed<T>
  /** Each user starts at its own rank and goes on row by row, starting over at the end. */
  sequential(): Feed<T>
}

/**
 * Rows of a CSV file (RFC 4180, UTF-8, first line: column names), path relative to the scenario file.
 * @throws BurstError (104) when the file or a named column is not there, or there is no row
 */
export function csv<const Column extends string>(path: string, columns: readonly Column[]): Rows<Row<Column>> {
  const records = parseCsv(path)
  const header = records.shift() ?? []
  const places = columns.map((column) => {
    const place = header.indexOf(column)
    if (place !== -1) return [column, place] as const
    throw invalidInput(`${path} has no column '${column}'`, { hint: `its first line names: ${header.join(', ')}` })
  })
  const rows = records.map((record) =>
    Object.fromEntries(places.map(([column, place]) => [column, record[place] ?? ''])),
  )
  return rowsOf(path, rows as Row<Column>[])
}

/**
 * The items of a JSON file that holds an array, path relative to the scenario file.
 * @throws BurstError (104) when the file is not there, is no JSON, or holds no array or an empty one
 */
export function json<T = Record<string, unknown>>(path: string): Rows<T> {
  let items: unknown
  try {
    items = JSON.parse(readFile(path))
  } catch (cause) {
    if ((cause as Error).name === 'BurstError') throw cause
    throw invalidInput(`${path} is no JSON: ${(cause as Error).message}`, { cause })
  }
  if (!Array.isArray(items))
    throw invalidInput(`${path} holds no array`, { hint: 'json() takes a file like [{…}, {…}]' })
  return rowsOf(path, items as T[])
}

/** @internal How a feed is described to the planner. */
export const feedRegistry = Symbol.for('burst.feeds')

function rowsOf<T>(path: string, rows: readonly T[]): Rows<T> {
  if (rows.length === 0) throw invalidInput(`${path} has no rows`)
  const made = (
    mode: FeedDescription['mode'],
    options: UniqueOptions,
    next: (seat: Seat, feed: object) => T,
  ): Feed<T> => {
    describe({ path, rows: rows.length, mode, recycle: options.recycle ?? false, users: [...(options.users ?? [])] })
    const feed: Feed<T> = { next: () => next(currentSeat(path), feed) }
    return feed
  }
  const at = (index: number): T => rows[index % rows.length] as T
  return {
    unique: (options = {}) =>
      made('unique', options, (seat, feed) => {
        const { rank, of } = seat.rank(options.users ?? [])
        const row = rank + seat.draw(feed) * of
        if (row >= rows.length && !options.recycle) throw exhausted(path, rows.length)
        return at(row)
      }),
    random: () => made('random', {}, (seat) => at(seat.dataRandom.int(0, rows.length - 1))),
    sequential: () => made('sequential', {}, (seat, feed) => at(seat.rank([]).rank + seat.draw(feed))),
  }
}

function parseCsv(path: string): string[][] {
  try {
    return parse(readFile(path), { bom: true, skip_empty_lines: true, relax_column_count: true })
  } catch (cause) {
    if ((cause as Error).name === 'BurstError') throw cause
    throw invalidInput(`${path} is no CSV: ${(cause as Error).message}`, { cause })
  }
}

function readFile(path: string): string {
  const files = meeting[marks.files]
  if (!files)
    throw invalidInput(`${path} cannot be read here`, { hint: 'call csv() and json() at the top of the scenario file' })
  return files.read(path)
}

function currentSeat(path: string): Seat {
  const seat = meeting[marks.currentSeat]?.()
  if (seat) return seat
  throw new BurstError('scenarioThrew', `a row of ${path} was drawn outside of a user`, {
    hint: 'call next() in a task, onStart or onStop',
  })
}

function describe(feed: FeedDescription): void {
  const registry = (globalThis as { [feedRegistry]?: FeedDescription[] })[feedRegistry]
  registry?.push(feed)
}

function exhausted(path: string, rows: number): Error {
  const error = new Error(`${path} has only ${rows} rows and this user needs one more`)
  return Object.assign(error, { [marks.exhausted]: true })
}
