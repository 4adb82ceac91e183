import { isIP } from 'node:net'

/** The addresses at which AWS services return the credentials of a machine. */
const metadata = new Set(['169.254.169.254', '169.254.170.2', '169.254.170.23'])

/**
 * Returns the address itself and every IPv4 address that may be embedded in it: mapped, translated (NAT64), tunnelled (6to4, Teredo, ISATAP) or
 * compatible. Returns an empty list if the string is not an IP address.
 */
export function addressesIn(address: string): string[] {
  const [bare = ''] = address.split('%')
  if (isIP(bare) !== 6) return isIP(bare) === 4 ? [bare] : []
  const bytes = bytesOf(bare)
  const embedded = forms.flatMap(({ is, at, mask = 0, certain = false }) => {
    const found = is(bytes) ? dotted(bytes, at, mask) : undefined
    return found === undefined || (!certain && found.startsWith('0.')) ? [] : [found]
  })
  return [bare, ...new Set(embedded)]
}

type Bytes = readonly number[]

/**
 * A form in which an IPv6 address embeds an IPv4 address. `at` contains the positions of the four bytes of the IPv4 address. Each of these bytes is
 * combined with `mask` (exclusive or).
 */
interface Form {
  is: (bytes: Bytes) => boolean
  at: readonly [number, number, number, number]
  mask?: number
  /**
   * `true` if every address of this form contains an IPv4 address. Default: an address contains an IPv4 address only if the first of the four bytes
   * is not 0.
   */
  certain?: boolean
}

const lastFour = [12, 13, 14, 15] as const

const startsWith =
  (...prefix: number[]) =>
  (bytes: Bytes): boolean =>
    prefix.every((byte, k) => bytes[k] === byte)

const nat64 = [0, 0x64, 0xff, 0x9b]
const localNat64 = startsWith(...nat64, 0, 1)
const teredo = startsWith(0x20, 0x01, 0, 0)

const forms: readonly Form[] = [
  // IPv4-compatible and IPv4-mapped (RFC 4291 §2.5.5), IPv4-translated (RFC 7915).
  { is: startsWith(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), at: lastFour, certain: true },
  { is: startsWith(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff), at: lastFour, certain: true },
  { is: startsWith(0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0), at: lastFour, certain: true },
  // NAT64: 64:ff9b::/96 (RFC 6052), and 64:ff9b:1::/48 for local use (RFC 8215). In the range for local use, the positions of the four bytes depend
  // on the length of the prefix (RFC 6052 §2.2).
  { is: startsWith(...nat64, 0, 0, 0, 0, 0, 0, 0, 0), at: lastFour, certain: true },
  { is: localNat64, at: lastFour },
  { is: localNat64, at: [6, 7, 9, 10] },
  { is: localNat64, at: [7, 9, 10, 11] },
  { is: localNat64, at: [9, 10, 11, 12] },
  // 6to4 (RFC 3056), Teredo's server and client (RFC 4380), ISATAP (RFC 5214).
  { is: startsWith(0x20, 0x02), at: [2, 3, 4, 5] },
  { is: teredo, at: [4, 5, 6, 7] },
  { is: teredo, at: lastFour, mask: 0xff },
  { is: ([, , , , , , , , a = 0, b, c, d]) => (a & 0xfc) === 0 && b === 0 && c === 0x5e && d === 0xfe, at: lastFour },
  // The NAT64 prefix of a network is unknown. Every IPv6 address whose last four bytes are the address of a metadata service may therefore be a
  // translation of that service's address.
  { is: (bytes) => metadata.has(dotted(bytes, lastFour, 0)), at: lastFour },
]

function dotted(bytes: Bytes, at: Form['at'], mask: number): string {
  return at.map((k) => (bytes[k] ?? 0) ^ mask).join('.')
}

/** Returns the sixteen bytes of an IPv6 address in any notation. */
function bytesOf(address: string): number[] {
  // The URL parser normalises every notation: hexadecimal groups, with the longest run of zeros as `::`.
  const [head = '', tail = ''] = new URL(`http://[${address}]/`).hostname.slice(1, -1).split('::')
  const [before, after] = [groupsIn(head), groupsIn(tail)]
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0)
  return [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff])
}

function groupsIn(part: string): number[] {
  return part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))
}
