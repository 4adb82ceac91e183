import { invalidInput } from '../../errors.ts'
import { inWords, isRecord, refuseUnknown } from '../../values-in-words.ts'
import { marks, shared } from '../runtime.ts'
import type { TlsOptions } from '../requests/tls.ts'

/** TLS options in which each path is replaced with the content of its file. */
export interface TlsTexts extends Omit<TlsOptions, 'ca'> {
  ca?: readonly string[]
}

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== ''

const rules: Record<keyof TlsOptions, [isRight: (value: unknown) => boolean, hint: string]> = {
  ca: [
    (value) => isText(value) || (Array.isArray(value) && value.length > 0 && value.every(isText)),
    "write a path relative to the scenario, or a list of them: ca: 'ca.pem'",
  ],
  cert: [isText, "write a path relative to the scenario: cert: 'client.pem'"],
  key: [isText, "write a path relative to the scenario: key: 'client.key'"],
  insecure: [(value) => typeof value === 'boolean', 'write true or false'],
  servername: [
    (value) => typeof value === 'string' && /^[\w-]+(?:\.[\w-]+)*\.?$/.test(value) && !/^[\d.]+$/.test(value),
    "write the name of a host: servername: 'shop.example.com'",
  ],
  minVersion: [(value) => value === 'TLSv1.2' || value === 'TLSv1.3', "write 'TLSv1.2' or 'TLSv1.3'"],
}

/**
 * Checks TLS options without reading their files. An option with the value `undefined` counts as absent.
 * @param what names the options in messages, e.g. `'tls' of scenario()`
 * @throws BurstError (104) for the first mistake
 */
export function checkedTls(given: unknown, what: string): TlsOptions {
  refuseUnknown(given, Object.keys(rules), what)
  if (!isRecord(given)) return {}
  const values = Object.entries(given).filter(([, value]) => value !== undefined)
  for (const [name, value] of values) {
    const [isRight, hint] = rules[name as keyof TlsOptions]
    if (!isRight(value)) throw invalidInput(`'${name}' in ${what} is ${inWords(value)}`, { hint })
  }
  const tls: TlsOptions = Object.fromEntries(values)
  if ((tls.cert === undefined) === (tls.key === undefined)) return tls
  const [there, missing] = tls.cert === undefined ? ['key', 'cert'] : ['cert', 'key']
  throw invalidInput(`${what} has '${there}' without '${missing}'`, {
    hint: "a client certificate needs both 'cert' and 'key'",
  })
}

/** Returns whether a string is the content of a PEM file, and not a path. */
export function isPem(text: string): boolean {
  return text.includes('-----BEGIN ')
}

/**
 * Replaces paths with the contents of their files.
 * @param read returns the content of a file; default: reads the file from the bundle
 * @throws every error of `read`
 */
export function tlsTexts(
  { ca, cert, key, ...rest }: TlsOptions,
  read: (path: string) => string = readBundled,
): TlsTexts {
  const text = (given: string): string => (isPem(given) ? given : read(given))
  return {
    ...rest,
    ...(ca !== undefined && { ca: (typeof ca === 'string' ? [ca] : ca).map(text) }),
    ...(cert !== undefined && { cert: text(cert) }),
    ...(key !== undefined && { key: text(key) }),
  }
}

function readBundled(path: string): string {
  try {
    const text = shared[marks.files]?.read(path)
    if (text !== undefined) return text
  } catch {
    // The error below gives the reason and the remedy.
  }
  throw new TypeError(
    `'${path}' in tls was not copied with the scenario: burst copies a .pem, .crt, .cer or .key file only if its path is a string in the scenario, or in a CSV or JSON file that the scenario reads. The path must be relative to the scenario file`,
  )
}
