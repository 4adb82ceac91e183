const mostFields = 1000

/** A part of a multipart body. */
export interface Field {
  name: string
  value: string
  /** The name of the file. Null if the part is not a file; empty if the user chose no file in this field of the form. */
  fileName: string | null
  /** The `content-type` of the part; empty if the part does not have this header. */
  type: string
}

/**
 * Returns the parts of a multipart body that was recorded as text. The list is empty if the text is not a multipart body.
 * @param type the value of `content-type`, with the boundary
 */
export function fieldsInText(text: string, type: string): Field[] {
  const boundary =
    /boundary="?([^";]{1,200})/i.exec(type)?.[1]?.trim() ?? /^\s*--([^\r\n]{1,200})/.exec(text)?.[1]?.trim()
  if (boundary === undefined) return []
  const [, ...pieces] = `\n${text}`.split(`\n--${boundary}`)
  return pieces
    .filter((piece) => !piece.startsWith('--'))
    .slice(0, mostFields)
    .flatMap((piece) => fieldOf(piece) ?? [])
}

function fieldOf(piece: string): Field | null {
  const blank = /\r?\n\r?\n/.exec(piece)
  if (!blank) return null
  const head = piece.slice(0, blank.index)
  const disposition = /content-disposition:([^\r\n]*)/i.exec(head)?.[1] ?? ''
  const name = wordIn(disposition, /[\s;]name="([^"]*)"/i)
  return name === null
    ? null
    : {
        name,
        value: piece.slice(blank.index + blank[0].length).replace(/\r$/, ''),
        fileName: wordIn(disposition, /[\s;]filename="([^"]*)"/i),
        type: /content-type:([^\r\n]*)/i.exec(head)?.[1]?.trim() ?? '',
      }
}

/** Browsers write a quote in a name as `%22`. */
function wordIn(disposition: string, pattern: RegExp): string | null {
  return pattern.exec(disposition)?.[1]?.replaceAll('%22', '"') ?? null
}
