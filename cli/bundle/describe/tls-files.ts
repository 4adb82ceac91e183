import { X509Certificate, createPrivateKey } from 'node:crypto'
import { resolve } from 'node:path'
import { createSecureContext } from 'node:tls'
import { checkedTls, isPem, tlsTexts } from '../../../core/authoring/describing/tls-texts.ts'
import type { TlsOptions } from '../../../core/authoring/requests/tls.ts'
import { BurstError, invalidInput } from '../../../core/errors.ts'
import { statIfThere } from '../files/stat-if-there.ts'

/** Reads a file in the scenario's folder as text. */
type Read = (path: string) => string

/**
 * The limits for copied certificate and key files. burst copies such a file if a string in the scenario or its data contains the path of the file.
 */
const most = { files: 10_000, fileBytes: 64 * 1024, pathLength: 300 }

/**
 * Reads and checks the files that the `tls` option of a scenario names.
 * @throws BurstError (104) that quotes the path of the first missing or invalid file
 */
export function checkTlsFiles(given: unknown, read: Read): void {
  if (given === undefined) return
  const tls = checkedTls(given, "'tls' of scenario()")
  const { ca = [], cert, key } = tlsTexts(tls, (path) => readQuoted(path, read))
  const paths = typeof tls.ca === 'string' ? [tls.ca] : (tls.ca ?? [])
  ca.forEach((text, k) => checkCertificates(text, subject('ca', paths[k] as string)))
  if (cert === undefined || key === undefined) return
  checkCertificates(cert, subject('cert', tls.cert as string))
  checkKey(key, subject('key', tls.key as string))
  checkPair({ cert, key }, tls)
}

/** Returns the name of a TLS file for a message: the path and the option. If the option contains the PEM text itself, returns only the option. */
function subject(option: string, given: string): string {
  return isPem(given) ? `the text of '${option}' in tls` : `'${given}' (${option} in tls)`
}

function readQuoted(path: string, read: Read): string {
  try {
    return read(path)
  } catch (thrown) {
    if (!(thrown instanceof BurstError)) throw thrown
    const { message, hint } = thrown
    if (message.endsWith(' is not UTF-8 text')) {
      throw invalidInput(`'${path}' in tls is not a PEM file`, { hint: toPem })
    }
    throw invalidInput(`'${path}' in tls${message.slice(path.length)}`, { ...(hint && { hint }) })
  }
}

const toPem =
  'convert it: openssl x509 -inform der -in FILE -out ca.pem, or openssl pkcs12 -in FILE -out client.pem -nodes'

function checkCertificates(text: string, what: string): void {
  const blocks = text.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^]*?-----END [^-]*-----/g)
  if (!blocks)
    throw invalidInput(`${what} has no certificate`, { hint: `a PEM file has '-----BEGIN CERTIFICATE-----'` })
  try {
    for (const block of blocks) void new X509Certificate(block)
  } catch (cause) {
    throw invalidInput(`${what} has a certificate that cannot be read`, { cause })
  }
}

function checkKey(text: string, what: string): void {
  if (!/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text)) throw invalidInput(`${what} has no private key`)
  if (/-----BEGIN ENCRYPTED|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    throw invalidInput(`${what} is encrypted`, { hint: 'decrypt it: openssl pkey -in FILE -out client.key' })
  }
  try {
    createPrivateKey(text)
  } catch (cause) {
    throw invalidInput(`${what} has a private key that cannot be read`, { cause })
  }
}

function checkPair(pair: { cert: string; key: string }, { cert, key }: TlsOptions): void {
  try {
    createSecureContext(pair)
  } catch (cause) {
    const code = (cause as { code?: string }).code ?? ''
    const [ofCert, ofKey] = [subject('cert', cert as string), subject('key', key as string)]
    if (/MISMATCH/.test(code)) throw invalidInput(`${ofKey} is not the key of ${ofCert}`, { cause })
    throw invalidInput(`${ofCert} and ${ofKey} cannot be used: ${(cause as Error).message}`, { cause })
  }
}

/**
 * Finds the paths of certificate files and of key files in `texts`, and reads these files. burst then copies the files to the workers. `texts`
 * contains the code of the bundle and the content of each data file, because a data file may name a certificate for each user.
 * @param folder the folder of the scenario, to which the paths are relative
 */
export function readNamedPem(texts: Iterable<string>, folder: string, read: Read): void {
  const found = new Set<string>()
  for (const text of texts) {
    for (const { index, 0: ending } of text.matchAll(/\.(?:pem|crt|cer|key)(?![\w.-])/g)) {
      const end = index + ending.length
      const before = text.slice(Math.max(0, end - most.pathLength), end)
      const path = /[^\s'"`,;|(){}[\]<>:*?\\]+$/.exec(before)?.[0] ?? ''
      if (found.size < most.files && isSmallFile(resolve(folder, path))) found.add(path)
    }
  }
  for (const path of found) readPem(path, read)
}

function isSmallFile(path: string): boolean {
  const stat = statIfThere(path)
  return stat?.isFile() === true && stat.size <= most.fileBytes
}

/** Skips a file that is not UTF-8 text, such as a DER certificate. A scenario that uses a skipped file gets an error that names the file. */
function readPem(path: string, read: Read): void {
  try {
    read(path)
  } catch (thrown) {
    if (!(thrown instanceof BurstError)) throw thrown
  }
}
