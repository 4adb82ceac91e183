import { invalidInput } from '../../core/errors.ts'
import { at, listAt, readJson, textAt } from '../requests/bodies/json.ts'
import { modelOf } from '../requests/tasks.ts'
import { plannedVisits } from '../requests/flow.ts'
import { type ScenarioModel, todoAbout } from '../scenario/model.ts'
import { type Entry, entriesOf, socketsOf } from './entries.ts'
import { linksOf } from './links.ts'
import { requestOf } from './request.ts'

export interface HarOptions {
  /** `true` leaves out images, styles, scripts, fonts and media. */
  dropStatic?: boolean | undefined
  /** Keeps only requests to these hosts. `*.example.com` means example.com and all hosts below it. */
  onlyHosts?: readonly string[] | undefined
}

interface Page {
  id: string
  title: string
  entries: Entry[]
}

/**
 * Translates a recording of a browser or a proxy to a scenario. Each page becomes a task, unless `plannedVisits` joins pages or moves a page to
 * `onStart`.
 * @throws BurstError (104) when the file is not a HAR file or has more than 10,000 entries, or when the scenario would contain no request
 */
export function importHar(file: string, text: string, options: HarOptions): ScenarioModel {
  const log = at(readJson(file, text), 'log')
  if (!Array.isArray(at(log, 'entries')))
    throw invalidInput(`${file} is not a HAR file: it has no list "log.entries"`, { at: `${file}:1` })
  const all = entriesOf(file, listAt(log, 'entries'))
  const entries = all.filter((entry) => entry.status > 0 && isWanted(entry, options))
  if (entries.length === 0) throw nothingLeft(file, all, options)
  const pages = pagesOf(listAt(log, 'pages'), entries)
  const links = linksOf(pages.map((page) => page.entries))
  const visits = pages.map((page, at) => ({
    name: page.title,
    doc: `Recorded as ${page.title}.`,
    steps: page.entries.map((entry, index) => ({
      pause: pauseBefore(entry, page.entries[index - 1] ?? pages[at - 1]?.entries.at(-1)),
      request: (own: ReadonlySet<string>) => requestOf(entry, links, own),
    })),
    gives: links.given(page.entries),
    uses: links.used(page.entries),
  }))
  const planned = plannedVisits(visits, links.credentials)
  return modelOf({
    className: 'Visitor',
    ...planned,
    wait: waitOf(pages),
    notes: [
      ...cookieNotes(file, entries),
      ...unansweredNotes(all.filter((entry) => isWanted(entry, options))),
      ...socketNotes(socketsOf(file, listAt(log, 'entries')).filter((socket) => isWanted(socket, options))),
    ],
  })
}

function nothingLeft(file: string, all: readonly Entry[], { onlyHosts }: HarOptions): Error {
  const hosts = [...new Set(all.map(({ host }) => host))].slice(0, 10).join(', ')
  const why = all.length === 0 ? 'it has no request over http or https' : 'the options leave out all its requests'
  const hint = onlyHosts && all.length > 0 ? { hint: `its hosts are ${hosts}` } : {}
  return invalidInput(`${file} cannot be imported: ${why}`, { at: `${file}:1`, ...hint })
}

function isWanted(entry: Pick<Entry, 'host' | 'isStatic'>, { dropStatic, onlyHosts }: HarOptions): boolean {
  if (dropStatic && entry.isStatic) return false
  if (!onlyHosts || onlyHosts.length === 0) return true
  return onlyHosts.some((host) =>
    host.startsWith('*.') ? entry.host.endsWith(host.slice(1)) || entry.host === host.slice(2) : entry.host === host,
  )
}

/** Groups the requests by page. A request without a page belongs to the page of the previous request. */
function pagesOf(pages: readonly unknown[], entries: readonly Entry[]): Page[] {
  const titles = new Map(pages.map((page) => [textAt(page, 'id'), textAt(page, 'title')]))
  const found = new Map<string, Page>()
  let current = ''
  for (const entry of entries) {
    if (titles.has(entry.page)) current = entry.page
    const page = found.get(current) ?? { id: current, title: titleOf(titles.get(current) ?? ''), entries: [] }
    page.entries.push(entry)
    found.set(current, page)
  }
  return [...found.values()]
}

/** Returns a short title for a page. Chrome records the URL as the title; this function shortens such a title to the path. */
function titleOf(title: string): string {
  const url = URL.parse(title)
  if (title === '') return 'visit'
  return url ? (url.pathname === '/' ? 'home' : url.pathname) : title
}

/**
 * Returns the pause before this request in seconds, at most 60. Returns undefined if the pause is at most one second, because such a short pause is
 * not the think time of a person.
 */
function pauseBefore(entry: Entry, last: Entry | undefined): number | undefined {
  const gap = last ? (entry.start - last.end) / 1000 : 0
  return gap > 1 ? Math.min(60, Math.round(gap)) : undefined
}

/** Returns the shortest and the longest pause between pages, in whole seconds from 1 to 120. Returns 1 and 3 if there are no pauses. */
function waitOf(pages: readonly Page[]): [number, number] {
  const gaps = pages.slice(1).flatMap((page, index) => {
    const ended = Math.max(...(pages[index]?.entries.map(({ end }) => end) ?? []))
    const gap = ((page.entries[0]?.start ?? 0) - ended) / 1000
    return gap > 0 ? [Math.min(120, Math.max(1, Math.round(gap)))] : []
  })
  return gaps.length === 0 ? [1, 3] : [Math.min(...gaps), Math.max(...gaps)]
}

/**
 * Returns a comment for each of the first 20 requests without a response. A response is missing if the browser blocked the request, or if the
 * recording ended before the response.
 */
function unansweredNotes(entries: readonly Entry[]): string[] {
  const left = entries.filter(({ status }) => status === 0)
  const why = 'this request has no response in the recording, so it is left out'
  return left.slice(0, 20).map(({ place, method, url }) => todoAbout(place, `${method} ${url}`, why))
}

/** Returns a comment for each of the first 20 WebSocket connections. */
function socketNotes(sockets: readonly Pick<Entry, 'place' | 'url'>[]): string[] {
  const why = 'this connection and its messages are left out; open it with this.ws'
  return sockets.slice(0, 20).map(({ place, url }) => todoAbout(place, `WebSocket ${url}`, why))
}

/** Returns a comment with the names of the cookies that the browser had before the recording. */
function cookieNotes(file: string, entries: readonly Entry[]): string[] {
  const set = new Set(entries.flatMap(({ setCookies }) => setCookies))
  const older = [...new Set(entries.flatMap(({ cookies }) => cookies))].filter((name) => !set.has(name))
  if (older.length === 0) return []
  const names = `${older.slice(0, 8).join(', ')}${older.length > 8 ? ` and ${older.length - 8} more` : ''}`
  return [
    todoAbout(
      file,
      '',
      `the browser had cookies before the recording (${names}); to get them, log in with a request in onStart`,
    ),
  ]
}
