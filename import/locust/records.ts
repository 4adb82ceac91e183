import { type Stmt, id } from '../scenario/code.ts'
import { type Names, valueName } from '../scenario/names.ts'
import { translateOr } from './code/translator.ts'
import type { Frame, Module, PyClass } from './frame.ts'
import { dottedName } from './python/names.ts'
import type { Py, PyFunction } from './python/syntax.ts'

interface RecordField {
  name: string
  value: Py | null
}

/**
 * Returns the fields of `@dataclass class X` or `class X(NamedTuple)`. Returns null if the class contains anything other than fields, plain methods
 * and properties. Also returns null for all other classes.
 */
export function recordFields({ bases, decorators, body }: PyClass): RecordField[] | null {
  const isData = decorators.some((one) => lastName(one.t === 'call' ? one.of : one) === 'dataclass')
  if (!isData && !bases.some((one) => lastName(one) === 'NamedTuple')) return null
  const fields: RecordField[] = []
  for (const stmt of body) {
    if (stmt.t === 'pass' || stmt.t === 'comment' || (stmt.t === 'def' && isOfObjects(stmt.fn))) continue
    const [target] = stmt.t === 'assign' ? stmt.targets : []
    if (stmt.t !== 'assign' || target?.t !== 'name') return null
    fields.push({ name: target.id, value: stmt.value })
  }
  return fields.length > 0 ? fields : null
}

/** Returns true if a method is a plain method or a property of the objects. */
function isOfObjects({ name, decorators, params }: PyFunction): boolean {
  return (
    !name.startsWith('__') && decorators.every((one) => lastName(one) === 'property') && params[0]?.kind === 'plain'
  )
}

/** Converts the methods of a record to functions whose first parameter is the object. */
export function takeMethods(module: Module, { name: record, body }: PyClass): void {
  for (const stmt of body) {
    if (stmt.t !== 'def') continue
    const { at, from, to, fn } = stmt
    const name = `${record}_${fn.name}`
    module.functions.set(name, { ...fn, name, at, from, to })
    const method = { name, params: fn.params.slice(1), isProperty: fn.decorators.length > 0 }
    // If two records have methods with the same name, the name does not determine which function to call.
    module.recordMethods.set(fn.name, module.recordMethods.has(fn.name) ? null : method)
  }
}

/** Returns the fields of `X = namedtuple("X", ["a", "b"])`; null for any other value. */
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

/** Returns the function that creates an object of a dataclass or a named tuple. */
export function recordStmt(
  module: Module,
  record: string,
  fields: readonly RecordField[],
  { frame, names }: { frame: Frame; names: Names },
): Stmt[] {
  const name = names.take(valueName(record))
  module.records.set(record, { name, params: fields.map((field) => field.name) })
  const own = names.copy()
  const locals = fields.map((field) => own.take(valueName(field.name)))
  const params = fields.map((field, index) => {
    const value = field.value && standard(field.value, frame)
    return { name: locals[index] ?? field.name, type: 'any', ...(value && { value }) }
  })
  const entries = fields.map((field, index) => ({ key: field.name, value: id(locals[index] ?? field.name) }))
  const body: Stmt[] = [{ k: 'return', of: { k: 'object', entries } }]
  return [...frame.before.splice(0), { k: 'function', fn: { name, params, async: false, body } }]
}

/** Returns the default of a field. For `field(default_factory=list)`, the default is an empty list. */
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

/** Returns true if a class is an `Enum`. */
export function isEnum({ bases }: PyClass): boolean {
  return bases.some((base) => /^(?:Str|Int)?Enum$/.test(lastName(base)))
}
