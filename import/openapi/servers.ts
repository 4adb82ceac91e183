import { type Json, at, listAt, textAt } from '../requests/bodies/json.ts'
import { todoAbout } from '../scenario/model.ts'
import type { Operation } from './operations.ts'
import { type Spec, entriesAt } from './spec.ts'

export interface Server {
  /** The origin; empty if the URL of the server is relative or not an http URL. */
  origin: string
  /** The path of the server's URL, without a slash at its end. It precedes all paths of the document. */
  prefix: string
  /** The URL, in which each variable is replaced by its default. */
  text: string
  description: string
}

/** The server of a document that does not name a server. */
export const noServer: Server = { origin: '', prefix: '', text: '', description: '' }

/** Returns the servers of the whole document. */
export function serversOf({ root }: Spec): Server[] {
  return listAt(root, 'servers').slice(0, 20).map(serverOf)
}

/**
 * Returns the first server of the operation. If the operation lists no servers, returns the first server of its path. Returns undefined if both list
 * no servers.
 */
export function ownServer({ operation, item }: Operation): Server | undefined {
  const [first] = [...listAt(operation, 'servers').slice(0, 1), ...listAt(item, 'servers').slice(0, 1)]
  return first === undefined ? undefined : serverOf(first)
}

/**
 * Returns the URL and the description of a server. If the routes already contain the path of the server, returns the origin instead of the whole URL,
 * because the origin is a valid value for `-H`.
 */
function textOf({ origin, prefix, text, description }: Server, { prefix: own }: Server): string {
  const url = origin !== '' && prefix === own ? origin : text
  return description === '' ? url : `${url} (${description})`
}

function serverOf(server: Json): Server {
  const url = textAt(server, 'url').slice(0, 2000)
  const filled = url.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => defaultOf(at(server, 'variables'), name))
  const isRelative = /^\/(?!\/)/.test(filled)
  const parsed = URL.parse(filled, 'http://relative')
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return { ...noServer, text: filled }
  const prefix = parsed.pathname.replace(/\/+$/, '')
  const isOther = parsed.host === 'relative' || isRelative
  return {
    origin: isOther ? '' : parsed.origin,
    prefix,
    text: filled,
    description: textAt(server, 'description').slice(0, 80),
  }
}

function defaultOf(variables: Json, name: string): string {
  const known = entriesAt(variables).find(([key]) => key === name)
  const [first] = listAt(known?.[1], 'enum')
  return textAt(known?.[1], 'default') || (typeof first === 'string' ? first : name)
}

/** Returns comments about the servers: the servers that the scenario does not use, or a note that the host is missing. */
export function serverNotes(spec: Spec, servers: readonly Server[]): string[] {
  const [first, ...others] = servers
  if (!first || first.origin === '') {
    return [todoAbout(spec.file, '', 'the document does not name a host; set the host with -H https://…')]
  }
  return others.length === 0 ? [] : [`Other servers: ${others.map((one) => textOf(one, first)).join(', ')}`]
}
