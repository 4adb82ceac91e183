import { TextDecoder } from 'node:util'

interface Mark {
  bytes: readonly number[]
  label: string
}

/** The byte order marks. They take precedence over the charset in a header (WHATWG Encoding §6). */
const marks: readonly Mark[] = [
  { bytes: [0xef, 0xbb, 0xbf], label: 'utf-8' },
  { bytes: [0xfe, 0xff], label: 'utf-16be' },
  { bytes: [0xff, 0xfe], label: 'utf-16le' },
]
const firstByteOfMarks = 0xef
/** The number of bytes of a page that a browser searches for the charset. */
const prescanBytes = 1024
/** Matches `<meta charset="…">`, `<meta http-equiv="content-type" content="text/html; charset=…">` and `<?xml … encoding="…"?>`. */
const declared = /<meta[^>]*?charset\s*=\s*["']?\s*([^\s"'/>;]+)|<\?xml[^>]*?encoding\s*=\s*["']([^"']+)["']/i

/**
 * Decodes bytes as a browser does. Uses the first of these charsets that is present: the byte order mark, the charset of the content type, the
 * declaration in the first kilobyte of an HTML or XML document, UTF-8. The result does not contain the byte order mark. Bytes with an unknown charset
 * are decoded as UTF-8.
 */
export function decodeText(bytes: Buffer, contentType: string): string {
  const mark = markOf(bytes)
  const label = mark?.label ?? labelOf(contentType) ?? declaredIn(bytes)
  // A Buffer decodes UTF-8 faster than a TextDecoder does. Both replace invalid bytes in the same way.
  return label === 'utf-8' ? bytes.toString('utf8', mark ? mark.bytes.length : 0) : decoderFor(label).decode(bytes)
}

/**
 * Returns the byte order mark at the beginning of a body. For almost all bodies, only the first byte is checked, because it differs from the first
 * byte of every mark.
 */
function markOf(bytes: Buffer): Mark | undefined {
  if ((bytes[0] ?? 0) < firstByteOfMarks) return undefined
  return marks.find((mark) => mark.bytes.every((byte, index) => bytes[index] === byte))
}

/** The content type that was parsed last, and its charset. They are stored because the responses of a target usually have the same content type. */
const last: { contentType: string; label: string | undefined } = { contentType: '', label: 'utf-8' }

/** Returns the charset of a content type; undefined if the document itself may declare its charset. */
function labelOf(contentType: string): string | undefined {
  if (contentType === last.contentType) return last.label
  const given = /;\s*charset\s*=\s*(?:"\s*)?([^\s";]+)/i.exec(contentType)?.[1]
  last.label = given?.toLowerCase() ?? (/html|xml/i.test(contentType) ? undefined : 'utf-8')
  last.contentType = contentType
  return last.label
}

function declaredIn(bytes: Buffer): string {
  const found = declared.exec(bytes.toString('latin1', 0, prescanBytes))
  const label = (found?.[1] ?? found?.[2] ?? 'utf-8').toLowerCase()
  // A document that declares UTF-16 is decoded as UTF-8, because the declaration itself is readable as ASCII (HTML §13.2.3.2).
  return label.startsWith('utf-16') ? 'utf-8' : label
}

function decoderFor(label: string): TextDecoder {
  try {
    return new TextDecoder(label)
  } catch {
    // The charset is unknown. Like browsers, burst uses UTF-8.
    return new TextDecoder()
  }
}
