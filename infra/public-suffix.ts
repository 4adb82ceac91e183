import { createRequire } from 'node:module'
import { parse } from 'tldts'
import type * as Trie from 'tldts/dist/types/src/data/trie.js'

// `tldts` can find the suffix of a name, but cannot list the suffixes below a name, so burst reads the data of `tldts`. The format of this data may
// change, so package.json names the exact version.
const require = createRequire(import.meta.url)

/**
 * Below this name, Azure gives its customers host names that contain a region, such as `shop.westeurope.cloudapp.azure.com`. The public suffix list
 * does not contain the domains of the regions (`westeurope.cloudapp.azure.com`), so burst treats each of these domains as a public suffix.
 */
const missing = 'cloudapp.azure.com'

/** A rule of the public suffix list, or the last labels of a rule. The label `*` matches any label. */
interface Place {
  node: number
  name: string
}

/**
 * Returns a public suffix that `*.name` covers: the name itself (`com`, `co.uk`, `github.io`), or a suffix below the name (`s3.amazonaws.com` below
 * `amazonaws.com`). Returns undefined if `*.name` covers no public suffix.
 */
export function suffixCoveredBy(name: string): string | undefined {
  const host = name.toLowerCase()
  const { publicSuffix, isIcann, isPrivate } = parse(host, { allowPrivateDomains: true })
  if (publicSuffix === host && (isIcann === true || isPrivate === true)) return host
  const parent = host.slice(host.indexOf('.') + 1)
  if (parent === missing) return host
  return host === missing || missing.endsWith(`.${host}`) ? missing : suffixBelow(host)
}

function suffixBelow(host: string): string | undefined {
  const trie = require('tldts/dist/cjs/src/data/trie.js') as typeof Trie
  const labels = labelsOf(trie)
  const below = ({ node, name }: Place): Place[] =>
    edgesOf(trie, node).map((edge) => ({
      node: trie.edgeChild[edge] as number,
      name: name === '' ? (labels[edge] as string) : `${labels[edge]}.${name}`,
    }))
  let places: Place[] = [{ node: trie.rulesRoot, name: '' }]
  for (const label of host.split('.').toReversed()) {
    places = places.flatMap(below).filter(({ name }) => [label, '*'].includes(name.split('.', 1)[0] as string))
  }
  // Returns the shortest suffix below the name, because people know this suffix best.
  while (places.length > 0) {
    places = places.flatMap(below)
    const suffix = places.find(({ node }) => trie.nodeFlags[node] !== 0)
    if (suffix) return suffix.name
  }
  return undefined
}

/** Returns the label of each edge. `tldts` stores all labels in one string. */
function labelsOf({ edgeLength, labelText }: typeof Trie): string[] {
  let end = 0
  return Array.from(edgeLength, (length) => labelText.slice(end, (end += length)))
}

function edgesOf({ edgeStart }: typeof Trie, node: number): number[] {
  const first = edgeStart[node] as number
  return Array.from({ length: (edgeStart[node + 1] as number) - first }, (_, k) => first + k)
}
