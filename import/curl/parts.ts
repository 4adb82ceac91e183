import { type Part, type Text, cutAt } from '../requests/request.ts'
import { type Reading, left, missingContent, shown } from './reading.ts'

/** Parses `name=text`, `name=@file;type=text/csv;filename=a.csv`, `name=@one,two` and `name=<file`. */
export function partsIn(reading: Reading, value: Text): Part[] {
  const [name, content] = cutAt(value, '=')
  const key = unquoted(shown(name))
  const [first = '', ...more] = shown(content).split(/;(?=(?:type|filename|encoder|headers)=)/)
  const given = new Map(more.map((one) => pairOf(one.trim())))
  const type = given.get('type')
  for (const kind of ['headers', 'encoder'])
    if (given.has(kind)) left(reading, `--form ${key}=…;${kind}=…`, 'burst sends only the type and name of each part')
  if (/^[(]/.test(first) || (key === '' && first.startsWith(')')))
    left(reading, `--form ${key}=${first}`, 'burst does not send a multipart body inside another multipart body')
  if (first.startsWith('@')) {
    const paths = given.has('filename') || first.includes('"') ? [first.slice(1)] : first.slice(1).split(',')
    return paths.map((path) => filePart(reading, key, { path: unquoted(path), type, filename: given.get('filename') }))
  }
  if (first.startsWith('<')) return [textPart(reading, key, { path: unquoted(first.slice(1)), type })]
  const [text] = more.length > 0 ? cutAt(content ?? [], `;${more[0]}`) : [content ?? []]
  return [{ name: key, value: text, type }]
}

function pairOf(text: string): [string, string] {
  const [key = '', ...value] = text.split('=')
  return [key, unquoted(value.join('='))]
}

function unquoted(text: string): string {
  return text.trim().replaceAll(/^"|"$/g, '')
}

interface Given {
  path: string
  type: string | undefined
  filename?: string | undefined
}

function filePart(reading: Reading, name: string, { path, type, filename }: Given): Part {
  const found = reading.command.path(path)
  const shownName = filename ?? path.split(/[/\\]/).at(-1) ?? 'file'
  if (found !== null) return { name, value: [], file: { name: shownName, type, path: found } }
  return { name, value: missingContent(reading, `@${path}`), file: { name: shownName, type } }
}

/** Returns a field whose value is the text of a file. */
function textPart(reading: Reading, name: string, { path, type }: Given): Part {
  const found = reading.command.text(path)
  return { name, value: found ? [found] : missingContent(reading, `<${path}`), type }
}
