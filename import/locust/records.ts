import { type Stmt, id } from '../scenario/code.ts'
import { type Names, valueName } from '../scenario/names.ts'
import { translateOr } from './code/translator.ts'
import type { Frame, Module, PyClass } from './frame.ts'
import { dottedName } from './python/names.ts'
import type { Py } from './python/syntax.ts'

interface RecordField {
  name: string
  value: Py | null
}

/** The fields of `@dataclass class X` or `class X(NamedTuple)` without methods; null for any other class. */
// oxlint-disable-next-line complexity -- one condition for each form of the syntax
export function recordFields({ bases, decorators, body }: PyClass): RecordField[] | null {
  const isData = decorators.some((one) => lastName(one.t === 'call' ? one.of : one) === 'dataclass')
  if (!isData && !bases.some((one) => lastName(one) === 'NamedTuple')) return null
  const fields: RecordField[] = []
  for (const stmt of body) {
    if (stmt.t === 'pass' || stmt.t === 'comment') continue
    const [target] = stmt.t === 'assign' ? stmt.targets : []
    if (stmt.t !== 'assign' || target?.t !== 'name') return null
    fields.push({ name: target.id, value: stmt.value })
  }
  return fields.length > 0 ? fields : null
}

/** The fields of `X = namedtuple("X", ["a", "b"])`; null for any other value. */
// oxlint-disable-next-line complexity -- one condition for each form of the syntax
export function tupleFields(value: Py): RecordField[] | null {
  if (value.t !== 'call' || lastName(value.of) !== 'namedtuple') return null
  const [, names] = value.args
  if (names?.t === 'str') return named(names.value.split(/[\s,]+/).filter((name) => name !== ''))
  const items = names?.t === 'list' || names?.t === 'tuple' ? names.items : []
  const texts = items.flatMap((item) => (item.t === 'str' ? item.value : []))
  return texts.length > 0 && texts.length === items.length ? named(texts) : null
}

function named(names: readonly string[]): RecordField[] {
  return names.map((name) => ({ name, value: null }))
}

function lastName(py: Py): string {
  return (dottedName(py) ?? '').split('.').at(-1) ?? ''
}

/** A function that makes such an object. */
// oxlint-disable-next-line max-params -- it needs the record, its fields, and where
export function recordStmt(
  module: Module,
  record: string,
  fields: readonly RecordField[],
  { frame, names }: { frame: Frame; names: Names },
): Stmt[] {
  const name = names.take(valueName(record))
  module.records.set(record, { name, params: fields.map((field) => field.name) })
  const params = fields.map((field) => {
    const value = field.value && standard(field.value, frame)
    return { name: valueName(field.name), type: 'any', ...(value && { value }) }
  })
  const entries = fields.map((field) => ({ key: field.name, value: id(valueName(field.name)) }))
  const body: Stmt[] = [{ k: 'return', of: { k: 'object', entries } }]
  return [...frame.before.splice(0), { k: 'function', fn: { name, params, async: false, body } }]
}

/** The default of a field: `field(default_factory=list)` is an empty list. */
// oxlint-disable-next-line complexity -- one condition for each form of the syntax
function standard(value: Py, frame: Frame): ReturnType<typeof translateOr>['expr'] {
  const isField = value.t === 'call' && lastName(value.of) === 'field'
  if (!isField) return translateOr(value, frame).expr
  const given = value.named.find(({ name }) => name === 'default')?.value
  if (given) return translateOr(given, frame).expr
  const factory = value.named.find(({ name }) => name === 'default_factory')?.value
  const made: Py | undefined =
    factory?.t === 'lambda'
      ? factory.body
      : factory && { at: value.at, from: value.from, to: value.to, t: 'call', of: factory, args: [], named: [] }
  return made ? translateOr(made, frame).expr : { k: 'undefined' }
}

/** Whether a class is an `Enum`. */
export function isEnum({ bases }: PyClass): boolean {
  return bases.some((base) => /^(?:Str|Int)?Enum$/.test(lastName(base)))
}
