import { type Json, at, textAt } from '../requests/bodies/json.ts'
import type { Pair } from '../requests/request.ts'
import { variable } from '../requests/secrets.ts'
import { type Expr, object, template } from '../scenario/code.ts'
import { todoAbout } from '../scenario/model.ts'
import { valueName } from '../scenario/names.ts'
import type { Operation } from './operations.ts'
import { type Reading, type Spec, entriesAt, follow } from './spec.ts'

/** The parts of a request that carry its credentials. */
export interface Security {
  headers: readonly Pair[]
  query: readonly Pair[]
  cookies: readonly Pair[]
  auth?: Expr
  /** `true` if all credentials are headers. Only in this case can `onStart` set the credentials once for all requests of a user. */
  isHeaders: boolean
}

/** Translates the security schemes of a document. Each scheme that a request uses gets a TODO that says how to set the credentials. */
export class Schemes {
  readonly #spec: Spec
  readonly #reading: Reading
  readonly #notes = new Map<string, string>()

  constructor(spec: Spec) {
    this.#spec = spec
    this.#reading = { spec, place: spec.file, comments: [] }
  }

  get notes(): string[] {
    return [...this.#reading.comments, ...this.#notes.values()]
  }

  /**
   * Returns the security of an operation. Uses the first alternative in which burst can translate every scheme. If burst cannot translate any
   * alternative completely, uses the first alternative that names a scheme.
   */
  of({ operation }: Operation): Security {
    const raw = at(operation, 'security') ?? at(this.#spec.root, 'security')
    const alternatives = Array.isArray(raw) ? raw.slice(0, 50) : []
    const named = alternatives.map((one: Json) =>
      entriesAt(one)
        .slice(0, 10)
        .map(([name]) => name),
    )
    const wanted = named.filter((names) => names.length > 0)
    const found = wanted.find((names) => names.every((name) => this.#translated(name))) ?? wanted[0] ?? []
    const parts = found.flatMap((name) => this.#partOf(name))
    const all: Security = {
      headers: parts.flatMap(({ headers = [] }) => headers),
      query: parts.flatMap(({ query = [] }) => query),
      cookies: parts.flatMap(({ cookies = [] }) => cookies),
      isHeaders: parts.length > 0 && parts.every(({ headers }) => headers !== undefined),
    }
    const auth = parts.find((part) => part.auth !== undefined)?.auth
    return { ...all, ...(auth !== undefined && { auth }) }
  }

  #scheme(name: string): Json {
    return follow(this.#reading, at(this.#spec.root, 'components', 'securitySchemes', name)).value
  }

  #translated(name: string): boolean {
    return kindOf(this.#scheme(name)) !== 'other'
  }

  #partOf(name: string): Partial<Security>[] {
    const scheme = this.#scheme(name)
    const own = valueName(name, 'token')
    const kind = kindOf(scheme)
    this.#note(name, kind, own)
    if (kind === 'bearer')
      return [{ headers: [{ name: 'authorization', value: [template(['Bearer ', variable(own)])] }] }]
    if (kind === 'basic') {
      const login = [
        { key: 'user', value: variable(`${own}User`) },
        { key: 'password', value: variable(`${own}Password`) },
      ]
      return [{ auth: object(login) }]
    }
    if (kind === 'other') return []
    return [{ [placeOf(scheme)]: [{ name: textAt(scheme, 'name'), value: [variable(own)] }] }]
  }

  #note(name: string, kind: string, own: string): void {
    const scheme = this.#scheme(name)
    const what = [textAt(scheme, 'type'), textAt(scheme, 'scheme')].filter((word) => word !== '').join(' ')
    const subject = `security ${name.slice(0, 60)}${what === '' ? '' : ` (${what.slice(0, 60)})`}`
    const given: Readonly<Record<string, string>> = {
      bearer: `set the token with --var ${own}=…`,
      basic: `set the login with --var ${own}User=… --var ${own}Password=…`,
      key: `set the key with --var ${own}=…`,
    }
    const why =
      what === '' ? 'the document does not describe this scheme' : 'burst does not support this security scheme'
    this.#notes.set(name, todoAbout(this.#spec.file, subject, given[kind] ?? why))
  }
}

function kindOf(scheme: Json): 'bearer' | 'basic' | 'key' | 'other' {
  const type = textAt(scheme, 'type')
  if (type === 'oauth2' || type === 'openIdConnect') return 'bearer'
  if (type === 'http') {
    const name = textAt(scheme, 'scheme').toLowerCase()
    return name === 'bearer' || name === 'basic' ? name : 'other'
  }
  const hasPlace = /^(?:header|query|cookie)$/.test(textAt(scheme, 'in'))
  return type === 'apiKey' && hasPlace && textAt(scheme, 'name') !== '' ? 'key' : 'other'
}

function placeOf(scheme: Json): 'headers' | 'query' | 'cookies' {
  const place = textAt(scheme, 'in')
  if (place === 'header') return 'headers'
  return place === 'query' ? 'query' : 'cookies'
}
