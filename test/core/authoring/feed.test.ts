import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Rows, csv, feedRegistry, json } from '../../../core/authoring/feed.ts'
import { type UserRuntime, marks, shared } from '../../../core/authoring/runtime.ts'
import { keyedStream } from '../../../core/random.ts'
import type { FeedDescription } from '../../../core/authoring/description.ts'

const texts: Record<string, string> = {
  'users.csv': '\uFEFFemail,note\r\na@x.com,"one, ""two"""\r\n\r\nb@x.com,\r\nc@x.com,z\r\n',
  // A file with three kinds of line endings. The file ends with blank rows, as spreadsheets write them.
  'mixed.csv': 'email,note\r\na,1\nb,"2\n2"\rc,3\n   \n,\n',
  'excel.csv': '\uFEFFemail;note\r\na;"1;1"\r\n',
  'quoted.csv': '"email";"note"\n"a";"1"\n',
  'tabs.csv': 'email\tnote\na\t1,1\n',
  'blanks.csv': 'email, note\na,1\n',
  'long.csv': 'email,note\na,"1\n1"\n\nb,2\r\nc,3,4\n',
  'short.csv': 'email,note\na,1\nb\n',
  'twice.csv': '\nemail;note;"email";\na;1;b;\n',
  'nameless.csv': 'email,,\na,1,2\n',
  'bom.json': '\uFEFF[{"id":1}]',
  'empty.csv': 'email\n',
  'broken.csv': 'email\na\n"open\nb\n',
  'text-after.csv': 'email\na\n"b"c\n',
  'quote-within.csv': 'email\na"b\n',
  'items.json': '[{"id":1},{"id":2}]',
  'none.json': '[]',
  'object.json': '{}',
  'broken.json': '[',
}
const registry: FeedDescription[] = []

beforeEach(() => {
  registry.length = 0
  Object.assign(globalThis, { [feedRegistry]: registry })
  shared[marks.files] = { read: (path) => texts[path] ?? '', bytes: () => new Uint8Array() }
})

afterEach(() => {
  delete shared[marks.files]
  delete shared[marks.currentRuntime]
  delete (globalThis as { [feedRegistry]?: unknown })[feedRegistry]
})

/** Makes a new user the current user. Feeds then return rows for this user. The user has drawn no rows. It has the rank `rank` among `of` users. */
function sitDown(rank: number, of: number): void {
  const drawn = new Map<object, number>()
  const draw = (feed: object): number => {
    const before = drawn.get(feed) ?? 0
    drawn.set(feed, before + 1)
    return before
  }
  const runtime = {
    rank: () => ({ rank, of }),
    draw,
    dataRandom: keyedStream(1, [rank], 'data'),
  } as Partial<UserRuntime>
  shared[marks.currentRuntime] = () => runtime as UserRuntime
}

const emails = (): Rows<{ email: string }> => csv('users.csv', ['email'])
/** Returns a feed without its types, so that a test can pass wrong options. */
const untyped = (): Record<'random' | 'sequential', (options: object) => unknown> => emails()

test('a CSV file is read according to RFC 4180, and its first line names the columns', () => {
  sitDown(0, 1)
  const feed = csv('users.csv', ['note', 'email']).sequential()
  expect([feed.next(), feed.next()]).toEqual([
    { note: 'one, "two"', email: 'a@x.com' },
    { note: '', email: 'b@x.com' },
  ])
})

test('a CSV file may mix LF, CRLF and CR, may begin with a byte order mark, and may use any delimiter that the scenario sets', () => {
  sitDown(0, 1)
  const all = (rows: Rows<{ email: string; note: string }>, count: number): string[] => {
    const feed = rows.sequential()
    return Array.from({ length: count }, () => Object.values(feed.next()).join(' '))
  }
  const columns = ['email', 'note'] as const
  expect(all(csv('mixed.csv', columns), 4)).toEqual(['a 1', 'b 2\n2', 'c 3', 'a 1'])
  expect(all(csv('excel.csv', columns, { delimiter: ';' }), 1)).toEqual(['a 1;1'])
  expect(all(csv('tabs.csv', columns, { delimiter: '\t' }), 1)).toEqual(['a 1,1'])
  expect(json('bom.json').sequential().next()).toEqual({ id: 1 })
})

test.each<[() => unknown, string]>([
  [
    () => csv('excel.csv', ['email']),
    `the first line seems to be delimited by ";": csv(path, columns, { delimiter: ";" })`,
  ],
  [
    () => csv('quoted.csv', ['email']),
    `the first line seems to be delimited by ";": csv(path, columns, { delimiter: ";" })`,
  ],
  [
    () => csv('tabs.csv', ['email']),
    String.raw`the first line seems to be delimited by "\t": csv(path, columns, { delimiter: "\t" })`,
  ],
  [
    () => csv('short.csv', ['note'], { delimiter: ';' }),
    `the first line seems to be delimited by ",": csv(path, columns, { delimiter: "," })`,
  ],
  [() => csv('blanks.csv', ['note']), 'the columns in its first line are "email", " note"'],
  [() => csv('users.csv', ['mail']), 'the columns in its first line are email, note'],
])('if a CSV file lacks a column, the hint shows how to set the delimiter or the column names: %s', (read, hint) => {
  expect(read).toThrow(expect.objectContaining({ hint, exitCode: 104 }))
})

test('each row of a unique() feed belongs to one user: the user with rank r among N users gets rows r, r + N, r + 2·N and so on', () => {
  const feed = emails().unique()
  sitDown(1, 2)
  expect(feed.next().email).toBe('b@x.com')
  expect(() => feed.next()).toThrow('users.csv has only 3 rows, but this user needs one more row')
  sitDown(0, 2)
  expect([feed.next().email, feed.next().email]).toEqual(['a@x.com', 'c@x.com'])
})

test('a user that is added to a run gets no row of a unique() feed, and the error message gives this reason', () => {
  const feed = emails().unique()
  sitDown(2, 2)
  expect(() => feed.next()).toThrow(
    'all rows of users.csv belong to the planned users or arrivals, but this user or arrival was added during the run',
  )
  sitDown(4, 2)
  expect(emails().unique({ recycle: true }).next().email).toBe('b@x.com')
})

test('if no row is left for a user, next() throws an error that has the mark `exhausted` and therefore does not count as an exception', () => {
  sitDown(3, 4)
  let thrown: unknown
  try {
    emails().unique().next()
  } catch (error) {
    thrown = error
  }
  expect(thrown).toMatchObject({ [marks.exhausted]: true })
})

test('a unique() feed starts over only if `recycle` is true, and a sequential() feed always starts over', () => {
  sitDown(2, 3)
  const [unique, sequential] = [emails().unique({ recycle: true }), emails().sequential()]
  expect([unique.next().email, unique.next().email]).toEqual(['c@x.com', 'c@x.com'])
  expect([sequential.next().email, sequential.next().email]).toEqual(['c@x.com', 'a@x.com'])
})

test('a random() feed draws its rows with the random stream of the user', () => {
  const drawn = (): string[] => {
    sitDown(5, 9)
    const feed = emails().random()
    return Array.from({ length: 30 }, () => feed.next().email)
  }
  expect(drawn()).toEqual(drawn())
  expect(new Set(drawn()).size).toBe(3)
})

test('the planner receives the description of each feed', () => {
  emails().unique({ users: ['Shopper'] })
  json('items.json').random()
  expect(registry).toEqual([
    { path: 'users.csv', rows: 3, mode: 'unique', recycle: false, users: ['Shopper'] },
    { path: 'items.json', rows: 2, mode: 'random', recycle: false, users: [] },
  ])
})

test.each<[() => unknown, string]>([
  [() => csv('users.csv', ['mail']), "users.csv has no column 'mail'"],
  [() => csv('nameless.csv', ['mail']), "nameless.csv has no column 'mail'"],
  [() => csv('empty.csv', ['email']), 'empty.csv has no rows'],
  [() => csv('broken.csv', ['email']), 'broken.csv is not valid CSV: a double quote after line 2 is not closed'],
  [
    () => csv('text-after.csv', ['email']),
    'text-after.csv is not valid CSV: text follows the closing double quote of a value in line 3',
  ],
  [
    () => csv('quote-within.csv', ['email']),
    'quote-within.csv is not valid CSV: a value in line 2 contains a double quote, but does not begin with a double quote',
  ],
  [() => csv('long.csv', ['email']), 'line 6 of long.csv has 3 values, but the first line has 2'],
  [() => csv('short.csv', ['email']), 'line 3 of short.csv has 1 value, but the first line has 2'],
  [
    () => csv('twice.csv', ['note'], { delimiter: ';' }),
    'line 2 of twice.csv names the column "email" twice, as column 1 and as column 3',
  ],
  [() => csv('users.csv', ['email'], { delimiter: '' }), `the delimiter of csv('users.csv') is ""`],
  [() => csv('users.csv', undefined as never), "the columns of csv('users.csv') are undefined"],
  [() => csv('users.csv', 'email' as never), `the columns of csv('users.csv') are "email"`],
  [() => csv('users.csv', [1] as never), "item 1 of the columns of csv('users.csv') is 1"],
  [() => csv('users.csv', Object.assign([], { 1: 'email' })), "item 1 of the columns of csv('users.csv') is undefined"],
  [() => csv(7 as never, ['email']), 'the path of csv() is 7'],
  [() => csv('users.csv', ['email'], null as never), "the third argument of csv('users.csv') is null"],
  [
    () => csv('users.csv', ['email'], { delimeter: ';' } as never),
    "the third argument of csv('users.csv') has an unknown option 'delimeter'",
  ],
  [() => csv('users.csv', ['email'], { delimiter: 5n as never }), "the delimiter of csv('users.csv') is 5n"],
  [() => emails().unique({ recyle: true } as never), "the argument of unique() has an unknown option 'recyle'"],
  [() => emails().unique({ recycle: 'no' as never }), 'recycle in the argument of unique() is "no"'],
  [() => emails().unique({ users: 'Buyer' as never }), '\'users\' in the argument of unique() is "Buyer"'],
  [() => emails().unique({ users: [] }), "'users' in the argument of unique() is an empty list"],
  [() => emails().unique({ users: ['Buyer', 7] as never }), "item 2 of 'users' in the argument of unique() is 7"],
  [() => untyped().random({ seed: 1 }), 'random() takes no options, but was given 1 argument'],
  [() => untyped().sequential({ users: [] }), 'sequential() takes no options, but was given 1 argument'],
  [() => json(7 as never), 'json() was given 7 instead of the path of a file'],
  [() => json('broken.json'), 'broken.json is not valid JSON'],
  [() => json('object.json'), 'object.json does not contain an array'],
  [() => json('none.json'), 'none.json has no rows'],
  [() => emails().random().next(), 'a row of users.csv was drawn outside of a user'],
])('a wrong use of a feed is refused: %s throws the error %s', (read, sentence) => {
  expect(read).toThrow(sentence)
})

test('a feed can read a file only while the scenario is loaded', () => {
  delete shared[marks.files]
  expect(() => json('items.json')).toThrow('items.json cannot be read here')
  expect(() => emails()).toThrow('users.csv cannot be read here')
})
