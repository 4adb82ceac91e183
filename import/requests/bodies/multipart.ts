import { type Entry, type Expr, array, burst, call, object, str } from '../../scenario/code.ts'
import { type Part, textExpr } from '../request.ts'
import { fileTypeOf } from '../../../core/authoring/requests/file.ts'

/** Returns the object for the option `multipart`. A name that occurs several times gets a list of values. */
export function multipartExpr(parts: readonly Part[]): Expr {
  const byName = new Map<string, Expr[]>()
  for (const part of parts) byName.set(part.name, [...(byName.get(part.name) ?? []), partExpr(part)])
  return object(
    [...byName].map(([key, [first, ...more]]): Entry => ({
      key,
      value: first && more.length === 0 ? first : array([...(first ? [first] : []), ...more]),
    })),
  )
}

function partExpr({ value, type, file }: Part): Expr {
  if (file?.path !== undefined) return fileCall(file.path, file)
  const content = textExpr(value)
  if (!file && type === undefined) return content
  return contentExpr(content, { filename: file?.name, type: file ? file.type : type })
}

/** Returns `{ content, filename, type }`. */
export function contentExpr(
  content: Expr,
  { filename, type }: { filename?: string | undefined; type?: string | undefined },
): Expr {
  return object([
    { key: 'content', value: content },
    ...(filename === undefined ? [] : [{ key: 'filename', value: str(inOneLine(filename)) }]),
    ...(type === undefined ? [] : [{ key: 'type', value: str(inOneLine(type)) }]),
  ])
}

/** Returns `file(path)`. Adds the name and the type of the file if the path does not determine them. */
export function fileCall(
  path: string,
  { name, type }: { name?: string | undefined; type?: string | undefined } = {},
): Expr {
  const base = path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
  const options: Entry[] = [
    ...(name === undefined || name === base ? [] : [{ key: 'name', value: str(inOneLine(name)) }]),
    ...(type === undefined || type === '' || type === fileTypeOf(path)
      ? []
      : [{ key: 'type', value: str(inOneLine(type)) }]),
  ]
  return call(burst('file'), str(path), ...(options.length > 0 ? [object(options)] : []))
}

/**
 * Replaces line breaks with spaces. burst refuses a file name or a type with a line break, because the line break would end the header of the part.
 */
function inOneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ')
}
