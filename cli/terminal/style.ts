import { stripVTControlCharacters, styleText } from 'node:util'
import { visibleName } from '../../core/report/html/markup.ts'

type Paint = (text: string) => string

/** Functions that style a string for the terminal. If colours are off, every function returns its argument unchanged. */
export interface Style {
  bold: Paint
  dim: Paint
  red: Paint
  green: Paint
  yellow: Paint
  cyan: Paint
}

const asIs: Paint = (text) => text

/** Styles without colours. */
export const plainStyle: Style = { bold: asIs, dim: asIs, red: asIs, green: asIs, yellow: asIs, cyan: asIs }

/** Returns styles with colours if the stream supports colours. `NO_COLOR`, `FORCE_COLOR` and `NODE_DISABLE_COLORS` take precedence. */
export function styleFor(stream: NodeJS.WritableStream): Style {
  const paint =
    (format: 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'): Paint =>
    (text) =>
      styleText(format, text, { stream, validateStream: true })
  return {
    bold: paint('bold'),
    dim: paint('dim'),
    red: paint('red'),
    green: paint('green'),
    yellow: paint('yellow'),
    cyan: paint('cyan'),
  }
}

/** Converts the string to one line, and removes escape sequences, control characters, and invisible characters such as direction marks. */
export function clean(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[\n\r\t\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '')
}

/**
 * Applies `clean` to every string in a value. In a name, replaces the characters that `clean` would remove, so that two different names never look
 * the same.
 */
export function cleanAll<T>(value: T): T {
  return cleaned(value) as T
}

function cleaned(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return clean(key === 'name' || key === 'method' ? visibleName(value) : value)
  if (Array.isArray(value)) return value.map((item) => cleaned(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [clean(name), cleaned(item, name)]))
}
