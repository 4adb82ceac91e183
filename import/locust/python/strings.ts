const simple: Record<string, string> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\u0007',
  b: '\b',
  f: '\f',
  v: '\v',
  '\n': '',
}

export interface StringParts {
  raw: boolean
  bytes: boolean
  /** The position of the first character between the quotes. */
  start: number
  end: number
}

/** Reads the prefix of a string literal, such as `rb`. Returns the meaning of the prefix, and the position of the text between the quotes. */
export function stringParts(literal: string): StringParts {
  let start = 0
  while (/[a-z]/i.test(literal[start] ?? '')) start++
  const prefix = literal.slice(0, start).toLowerCase()
  const quote = literal.slice(start, start + 3)
  const size = quote === '"""' || quote === "'''" ? 3 : 1
  return {
    raw: prefix.includes('r'),
    bytes: prefix.includes('b'),
    start: start + size,
    end: Math.max(start + size, literal.length - size),
  }
}

/** Returns the text of one piece of a literal. */
export function unescaped(piece: string, raw: boolean): string {
  if (raw || !piece.includes('\\')) return piece
  return piece.replaceAll(/\\(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|[0-7]{1,3}|[^])/g, (whole, code: string) => {
    if (/^[xuU]./.test(code)) return character(Number.parseInt(code.slice(1), 16))
    if (/^[0-7]/.test(code)) return character(Number.parseInt(code, 8))
    return simple[code] ?? whole
  })
}

function character(code: number): string {
  return code <= 0x10_ff_ff ? String.fromCodePoint(code) : ''
}

/** Returns the value of a Python number. Returns null if the number is complex, or too large for JavaScript. */
export function numberOf(text: string): number | null {
  const plain = text.replaceAll('_', '').toLowerCase()
  const value = Number(plain)
  return plain !== '' && Number.isFinite(value) ? value : null
}
