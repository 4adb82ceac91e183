import * as v from 'valibot'
import { count, described } from '../../verdict/results.ts'
import type { Window } from '../../window/window.ts'
import { counted } from '../../words.ts'

export const tlsEntry = v.object({
  versions: v.array(v.object({ version: described(v.string(), 'For example TLSv1.3.'), connections: count })),
  unverified: described(count, 'The number of connections on which the certificate was not verified.'),
})
type TlsEntry = v.InferOutput<typeof tlsEntry>

/** Returns the facts about connections over TLS; an empty object when no connection used TLS. */
export function tlsFacts({ secured }: Pick<Window, 'secured'>): { tls?: TlsEntry } {
  if (secured.size === 0) return {}
  const versions = new Map<string, number>()
  let unverified = 0
  for (const [key, connections] of secured) {
    const [version = '', isUnverified] = key.split(' ')
    versions.set(version, (versions.get(version) ?? 0) + connections)
    if (isUnverified !== undefined) unverified += connections
  }
  const listed = [...versions].map(([version, connections]) => ({ version, connections }))
  return { tls: { versions: listed.toSorted((a, b) => (a.version < b.version ? 1 : -1)), unverified } }
}

/** Returns a list with a warning for the verdict. The list is empty when all certificates were verified. */
export function unverifiedInWords(totals: Pick<Window, 'secured'>): string[] {
  const unverified = tlsFacts(totals).tls?.unverified ?? 0
  if (unverified === 0) return []
  return [
    `CERTIFICATES WERE NOT VERIFIED on ${counted(unverified, 'connection')}: the responses may come from another server`,
  ]
}

/** Describes the TLS versions of the connections, e.g. `TLSv1.3 on 12 connections`. */
export function tlsInWords({ versions, unverified }: TlsEntry): string {
  const listed = versions.map(({ version, connections }) => `${version} on ${counted(connections, 'connection')}`)
  return `${listed.join(', ')}${unverified === 0 ? '' : ', certificates not verified'}`
}
