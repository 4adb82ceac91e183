import { invalidInput } from '../core/errors.ts'

/**
 * Returns the text of a file. A byte order mark of UTF-8 or UTF-16 determines the encoding. Without this mark, an XML or Python file can declare its
 * encoding. UTF-8 is the default, and also applies if the bytes are not valid in the declared encoding.
 * @throws BurstError (104) when the bytes are not valid in any of these encodings, or when the text contains a NUL character
 */
export function decodedText(what: string, bytes: Uint8Array): string {
  const encoding = markedEncoding(bytes) ?? declaredEncoding(bytes)
  const text = decoded(bytes, encoding ?? 'utf-8') ?? (encoding === null ? null : decoded(bytes, 'utf-8'))
  if (text === null || text.includes('\0'))
    throw invalidInput(`${what} is not text in ${encoding ?? 'UTF-8'}`, { hint: 'save it as text in UTF-8' })
  return text
}

function markedEncoding([first, second, third]: Uint8Array): string | null {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : null
}

/**
 * Returns the encoding that a file declares in `<?xml … encoding="ISO-8859-1"?>` or in a comment such as `# coding: latin-1`. The comment must be in
 * one of the first two lines. Reads only the first 400 bytes. Returns null if these bytes do not declare an encoding.
 */
function declaredEncoding(bytes: Uint8Array): string | null {
  const start = Buffer.from(bytes.subarray(0, 400)).toString('latin1')
  const [, ofXml] = /^\s*<\?xml\s[^>]*\bencoding=["']([\w.-]+)["']/.exec(start) ?? []
  const [, ofPython] = /^(?:[^\n]*\n)?[ \t]*#[^\n]*?coding[:=][ \t]*([\w.-]+)/.exec(start) ?? []
  // Python also accepts the spellings `latin-1` and `utf_8`.
  return ofXml ?? ofPython?.replaceAll('_', '-').replace(/^latin-(?=\d)/i, 'latin') ?? null
}

/** Returns the text without a byte order mark. Returns null if the encoding is unknown or if the bytes are not valid in this encoding. */
function decoded(bytes: Uint8Array, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes)
  } catch {
    // The encoding is unknown, or the bytes are not valid in it. The caller tries UTF-8, or reports that the file is not text.
    return null
  }
}
