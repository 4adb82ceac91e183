import { contentExpr, fileCall } from '../../requests/bodies/multipart.ts'
import { type Entry, type Expr, array, object } from '../../scenario/code.ts'
import { Lost, pathOf } from '../code/context.ts'
import { translate, translateOr } from '../code/translator.ts'
import type { Frame } from '../frame.ts'
import { filePath } from '../library/paths.ts'
import { dataPath } from '../module.ts'
import { dottedName } from '../python/names.ts'
import type { Py } from '../python/syntax.ts'

/** Combines `files={…}` and the fields of `data={…}` into the value of `multipart`. */
export function uploaded(files: Py, data: Py | undefined, frame: Frame): Expr {
  const fields = data && data.t !== 'none' ? entriesOf(translateOr(data, frame).expr) : []
  const pairs = files.t === 'dict' ? files.entries.map(({ key, value }) => [key, value] as const) : []
  const isPlain = files.t === 'dict' && pairs.every(([key]) => key?.t === 'str')
  const entries = isPlain
    ? pairs.map(([key, value]): Entry => ({ key: key?.t === 'str' ? key.value : '', value: partOf(value, frame) }))
    : files.t === 'list'
      ? pairsOf(files.items, frame)
      : entriesOf(translate(files, frame).expr)
  const [only] = entries
  if (fields.length === 0 && entries.length === 1 && only && 'spread' in only) return only.spread
  return object([...fields, ...entries])
}

function entriesOf(of: Expr): readonly Entry[] {
  return of.k === 'object' ? of.entries : [{ spread: of }]
}

/** Translates a list of files, such as `files=[("images", open("a.png", "rb")), …]`. If a name occurs several times, its values become a list. */
function pairsOf(items: readonly Py[], frame: Frame): Entry[] {
  const byName = new Map<string, Expr[]>()
  for (const item of items) {
    const [name, value] = item.t === 'tuple' ? item.items : []
    if (name?.t !== 'str' || !value) throw new Lost(item, 'this upload is not translated')
    byName.set(name.value, [...(byName.get(name.value) ?? []), partOf(value, frame)])
  }
  return [...byName].map(([key, values]): Entry => {
    const [only] = values
    return { key, value: only && values.length === 1 ? only : array(values) }
  })
}

function partOf(value: Py, frame: Frame): Expr {
  return uploadOf(value, frame) ?? translate(value, frame).expr
}

/** Translates a value of a dictionary if this value opens a file for a later upload. Returns null for any other value. */
export function openedUpload(value: Py, frame: Frame): Expr | null {
  const [, content] = value.t === 'tuple' ? value.items : [null, value]
  return content && fileOf(content, frame) !== null ? uploadOf(value, frame) : null
}

/** Translates a file to upload: `open("a.png", "rb")`, `("a.png", open(…), "image/png")` or `("a.txt", "text")`. Returns null for any other value. */
export function uploadOf(value: Py, frame: Frame): Expr | null {
  const path = fileOf(value, frame)
  if (path !== null) return fileCall(path)
  const [given, content, typePy, , ...more] = value.t === 'tuple' ? value.items : []
  if (!given || !content || more.length > 0) return null
  const type = literalText(typePy)
  const inner = fileOf(content, frame)
  if (inner !== null && given.t === 'str' && (!typePy || type !== undefined))
    return fileCall(inner, { name: given.value, type })
  if (inner === null && !isContent(content, frame)) return null
  const bytes = inner === null ? textOf(content, frame) : fileCall(inner)
  const part = contentExpr(bytes, { type })
  // A part with `None` in place of a file name is a plain field.
  if (given.t === 'none') return typePy ? part : bytes
  return withFilename(part, translate(given, frame).expr)
}

function literalText(py: Py | undefined): string | undefined {
  return py?.t === 'str' ? py.value : undefined
}

function withFilename(part: Expr, value: Expr): Expr {
  if (part.k !== 'object') return part
  const [content, ...more] = part.entries
  return object([...(content ? [content] : []), { key: 'filename', value }, ...more])
}

/** Returns true for a string, or `io.BytesIO(…)`. */
function isContent(py: Py, frame: Frame): boolean {
  return py.t === 'str' || py.t === 'fstr' || isBytes(py, frame)
}

/** `io.BytesIO(…)` */
function isBytes(py: Py, frame: Frame): boolean {
  return py.t === 'call' && /(?:^|\.)(?:BytesIO|StringIO)$/.test(pathOf(frame, py.of) ?? dottedName(py.of) ?? '')
}

function textOf(py: Py, frame: Frame): Expr {
  const [first] = py.t === 'call' ? py.args : [py]
  if (!first) throw new Lost(py, 'this upload is not translated')
  return translate(first, frame).expr
}

/** If a value is an opened file, returns the path of the file, relative to the scenario. Returns null for any other value. */
function fileOf(py: Py, frame: Frame): string | null {
  const opened = py.t === 'name' ? frame.scope.get(py.id)?.file : undefined
  if (opened?.k === 'str') return opened.value
  if (py.t !== 'call') return null
  if (py.of.t === 'attr' && py.of.name === 'read') return fileOf(py.of.of, frame)
  const [path] = py.of.t === 'name' && py.of.id === 'open' ? py.args : []
  const found = path ? filePath(path, frame) : null
  return found === null ? null : dataPath(frame.module, found)
}
