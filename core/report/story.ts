import { type Window, nameCap, otherNames } from '../window/window.ts'
import { counted, grouped } from '../words.ts'
import type { Course } from './course.ts'
import { rowCap } from './gather.ts'
import type { Report } from './report.ts'
import { alphabetical, errorCap } from './rows.ts'
import type { RunData } from './run-data.ts'

type Told = Report['events'][number]

const never = Number.MAX_SAFE_INTEGER

/** What happened, for people: first what has a moment, in order, then what has none. */
export function storyOf(data: RunData, course: Course): Told[] {
  const { totals } = data.gathered
  const told = [...moments(data, course), ...failures(data), ...notices(totals), ...crowds(data), ...oddities(data)]
  return told.toSorted((a, b) => (a.at ?? never) - (b.at ?? never) || alphabetical(a.text, b.text))
}

function moments({ events, control }: RunData, course: Course): Told[] {
  const told = events.map(({ at, text }) => ({ at: secondsSince(course, at), text }))
  const stop = control?.stop
  return stop ? [...told, { at: secondsSince(course, stop.at), text: `stop was asked for: ${stop.reason}` }] : told
}

function secondsSince({ startedAt }: Course, at: number): number {
  return Math.round((at - startedAt) / 100) / 10
}

function failures({ failed }: RunData): Told[] {
  return failed.map(({ slice, attempt, error }) => {
    return untimed(`worker ${slice}${attempt > 0 ? `, attempt ${attempt},` : ''} failed: ${error}`)
  })
}

function notices({ notices: known, users }: Window): Told[] {
  const told = [...known].map(([text, times]) => untimed(times > 1 ? `${text} (${grouped(times)} times)` : text))
  if (users.late > 0) {
    told.push(untimed(`${counted(users.late, 'user')} started later than planned, because their worker joined late`))
  }
  return told
}

/** More names than anybody can read. */
function crowds({ gathered }: RunData): Told[] {
  const others = [...gathered.totals.requests.values()].filter((cell) => cell.name === otherNames)
  const all = others.reduce((sum, cell) => sum + cell.requests, 0)
  const told: Told[] = []
  if (all > gathered.folded) told.push(crowd(all - gathered.folded, nameCap))
  if (gathered.folded > 0) told.push(crowd(gathered.folded, rowCap))
  return told
}

function crowd(requests: number, names: number): Told {
  const many = `${counted(requests, 'request')} under more than ${grouped(names)} names`
  return untimed(`${many} were counted in one row; give them a name or a route template`)
}

function oddities({ late, unreadable, gathered }: RunData): Told[] {
  const told: Told[] = []
  const kinds = gathered.totals.errors.size
  if (kinds > errorCap) told.push(untimed(`${grouped(kinds - errorCap)} rarer kinds of failures are not listed`))
  if (late > 0) told.push(untimed(`${counted(late, 'message')} came after the books were closed, and did not count`))
  if (unreadable > 0) told.push(untimed(`${counted(unreadable, 'message')} could not be read, and did not count`))
  return told
}

function untimed(text: string): Told {
  return { at: null, text }
}
