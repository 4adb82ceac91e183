import type { Found } from '../requests/request.ts'
import { isSecretHeader } from '../requests/secrets.ts'
import { Names, camelCase, valueName } from '../scenario/names.ts'
import { candidatesIn } from './candidates.ts'
import type { Entry } from './entries.ts'
import type { Value } from './html.ts'
import { partsOf } from './parts.ts'

/** The maximum number of values to compare. It limits the time that burst spends on a malicious or very large recording. */
const mostCandidates = 200_000

/** A value in a response. A later request sends this value. */
interface Link {
  name: string
  giver: Entry
  found: Found
}

export interface Links {
  /** The names of the values that requests send in headers for secrets, such as `authorization`. */
  credentials: ReadonlySet<string>
  /** Returns the link for a value of this request; undefined if no earlier response contains the value. */
  linkOf(entry: Entry, value: string): Link | undefined
  extractionsOf(entry: Entry): readonly Link[]
  given(entries: readonly Entry[]): Set<string>
  used(entries: readonly Entry[]): Set<string>
}

interface Candidate {
  giver: Entry
  key: string
  found: Found
  link?: Link
}

/**
 * Finds values that a request sends and that an earlier response contains. If several responses contain a value, uses the first of these responses.
 * Leaves out a value if a request sends the value before any response contains it.
 */
export function linksOf(pages: readonly (readonly Entry[])[]): Links {
  const search: Search = {
    known: new Map(),
    sent: new Set(),
    names: new Names(ofMethods),
    uses: new Map(),
    credentials: new Set(),
  }
  for (const entry of pages.flat()) {
    for (const { value, header } of partsOf(entry)) {
      const candidate = search.known.get(value)
      if (candidate) use(search, candidate, { entry, value, header })
      else search.sent.add(value)
    }
    for (const candidate of candidatesIn(entry)) remember(search, entry, candidate)
  }
  return linksFrom(search.uses, search.credentials)
}

/** Names that the variables must not have, because the statements of a request use them or because they are globals. */
const ofMethods = [
  'form',
  'body',
  'response',
  'found',
  'event',
  'name',
  'self',
  'wait',
  'http',
  'data',
  'vars',
  'random',
  'index',
  'tasks',
]

interface Search {
  known: Map<string, Candidate>
  sent: Set<string>
  names: Names
  uses: Map<Entry, Map<string, Link>>
  credentials: Set<string>
}

function use(search: Search, candidate: Candidate, at: { entry: Entry; value: string; header: string | null }): void {
  const link = (candidate.link ??= { ...candidate, name: search.names.take(valueName(camelCase(candidate.key))) })
  search.uses.set(at.entry, (search.uses.get(at.entry) ?? new Map<string, Link>()).set(at.value, link))
  if (at.header !== null && isSecretHeader(at.header)) search.credentials.add(link.name)
}

function remember({ known, sent }: Search, giver: Entry, { value, key, found }: Value): void {
  if (known.size < mostCandidates && !known.has(value) && !sent.has(value)) known.set(value, { giver, key, found })
}

function linksFrom(uses: ReadonlyMap<Entry, ReadonlyMap<string, Link>>, credentials: ReadonlySet<string>): Links {
  const given = new Map<Entry, Set<Link>>()
  for (const links of uses.values())
    for (const link of links.values()) given.set(link.giver, (given.get(link.giver) ?? new Set()).add(link))
  return {
    credentials,
    linkOf: (entry, value) => uses.get(entry)?.get(value),
    extractionsOf: (entry) => [...(given.get(entry) ?? [])],
    given: (entries) => new Set(entries.flatMap((entry) => [...(given.get(entry) ?? [])].map(({ name }) => name))),
    used: (entries) =>
      new Set(entries.flatMap((entry) => [...(uses.get(entry)?.values() ?? [])].map(({ name }) => name))),
  }
}
