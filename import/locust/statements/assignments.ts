import { type Expr, type Stmt, assign, at, expression, id, member, method, nil, num, str } from '../../scenario/code.ts'
import { Lost, declare } from '../code/context.ts'
import { blocksOf, namesOf } from '../code/declarations.ts'
import { translate } from '../code/translator.ts'
import { type Type, any, unified } from '../code/value-types.ts'
import type { Frame, Value } from '../frame.ts'
import { authorization, httpOf } from '../http/requests.ts'
import type { Py, PyStmt } from '../python/syntax.ts'
import { noteField, staticOwner } from '../objects.ts'
import { isUser, userOf } from '../self.ts'

/** `self.client.headers.update({…})` */
export function headersSet(http: Expr, expr: Expr, py: Py): Stmt[] {
  const headers = member(http, 'headers')
  if (expr.k !== 'object') {
    const pair = { array: ['name', 'value'] }
    return [
      {
        k: 'for',
        name: pair,
        of: method(id('Object'), 'entries', expr),
        body: [expression(method(headers, 'set', id('name'), id('value')))],
      },
    ]
  }
  return expr.entries.map((entry): Stmt => {
    if (!('value' in entry)) throw new Lost(py)
    const name = 'key' in entry ? str(entry.key.toLowerCase()) : entry.computed
    return expression(method(headers, 'set', name, entry.value))
  })
}

/** Translates an assignment of a value to a target. */
export function assignedTo(target: Py, value: Value, frame: Frame): Stmt[] {
  if (target.t === 'name') return [variable(target.id, value, frame)]
  if (target.t === 'tuple' || target.t === 'list') return unpacked(target.items, value, frame)
  if (target.t === 'attr') return attributeSet(target, value, frame)
  if (target.t !== 'sub') throw new Lost(target)
  const http = target.of.t === 'attr' && target.of.name === 'headers' ? httpOf(target.of.of, frame) : null
  if (http) {
    const name = translate(target.index, frame).expr
    const plain = name.k === 'str' ? str(name.value.toLowerCase()) : name
    return [expression(method(member(http, 'headers'), 'set', plain, value.expr))]
  }
  return [expression(assign(at(translate(target.of, frame).expr, translate(target.index, frame).expr), value.expr))]
}

function variable(name: string, value: Value, frame: Frame): Stmt {
  const known = frame.scope.get(name)
  if (known && !['parsed', 'read', 'html'].includes(known.type.kind)) {
    known.type = unified(known.type, value.type)
    return expression(assign(id(known.name), value.expr))
  }
  const constant = known ? undefined : frame.module.constants.get(name)
  if (constant && !frame.plan.variables.has(name)) return expression(assign(id(constant.name), value.expr))
  frame.scope.delete(name)
  const { name: own } = declare(frame, name, value.type)
  const type = openType(name, value.expr, frame)
  return { k: 'var', kind: 'let', name: own, value: value.expr, ...(type !== undefined && { type }) }
}

/** Returns the type of a variable whose first value, such as `None`, does not determine the type. */
function openType(name: string, first: Expr, frame: Frame): string | undefined {
  if (first.k === 'null') return 'any'
  if (first.k === 'array') return first.items.length === 0 ? 'any[]' : undefined
  if (first.k !== 'object') return undefined
  const isWritten = (frame.plan.variables.get(name)?.writes ?? 0) >= 1
  return frame.module.uses.indexed.has(name) || (isWritten && isChanged(name, frame))
    ? 'Record<string, any>'
    : undefined
}

/** Returns true if the function contains `name[…] = …`. */
function isChanged(name: string, frame: Frame): boolean {
  let found = false
  const look = (stmt: PyStmt): void => {
    const targets = stmt.t === 'assign' ? stmt.targets : stmt.t === 'update' ? [stmt.target] : []
    found ||= targets.some((target) => target.t === 'sub' && target.of.t === 'name' && target.of.id === name)
    for (const inner of blocksOf(stmt)) for (const deep of inner) look(deep)
  }
  for (const stmt of frame.plan.body) look(stmt)
  return found
}

function unpacked(items: readonly Py[], value: Value, frame: Frame): Stmt[] {
  if (value.type.columns) return byColumn(items, value, value.type.columns, frame)
  if (value.type.kind === 'lost') return items.flatMap((item) => assignedTo(item, value, frame))
  const of = value.type.of ?? any
  const star = items.findIndex((item) => item.t === 'star')
  if (star !== -1 && star < items.length - 1) return aroundRest(items, value, star, frame)
  const isOne = (item: Py): boolean => item.t === 'name' || (item.t === 'star' && item.of.t === 'name')
  const isNew = items.every((item) => isOne(item) && namesOf(item).every((name) => !frame.scope.has(name)))
  if (isNew)
    return [
      {
        k: 'var',
        kind: 'let',
        name: {
          array: items.map((item) => boundName(item, of, frame)),
        },
        value: value.expr,
      },
    ]
  const unknown = items.flatMap(namesOf).filter((name) => !frame.scope.has(name) && isLocal(name, frame))
  const declared = unknown.map((name): Stmt => {
    return { k: 'var', kind: 'let', name: declare(frame, name, any).name, type: 'any' }
  })
  const targets = items.map((item) => {
    if (item.t === 'attr' && isUser(item.of, frame)) frame.self?.assigned?.(item.name, { expr: value.expr, type: of })
    return item.t === 'name' ? id(declare(frame, item.id, any).name) : translate(item, frame).expr
  })
  return [...declared, expression(assign({ k: 'array', items: targets }, value.expr))]
}

/** Translates an assignment with a `*` in the middle: `first, *middle, last = row`. */
function aroundRest(items: readonly Py[], value: Value, star: number, frame: Frame): Stmt[] {
  const isName = value.expr.k === 'id'
  const row = value.expr.k === 'id' ? value.expr : id(frame.names.take('row'))
  const type = value.type.of ?? any
  const after = items.length - star - 1
  const parts = items.map((_, index): Value => {
    if (index < star) return { expr: at(row, num(index)), type }
    if (index > star) return { expr: { k: 'present', of: method(row, 'at', num(index - items.length)) }, type }
    return { expr: method(row, 'slice', num(star), num(-after)), type: { kind: 'list', of: type } }
  })
  const used = items.flatMap((item, index) => {
    const target = item.t === 'star' ? item.of : item
    const part = parts[index]
    return target.t === 'name' && target.id === '_' ? [] : assignedTo(target, part as Value, frame)
  })
  return isName ? used : [{ k: 'var', kind: 'const', name: (row as { name: string }).name, value: value.expr }, ...used]
}

/** Returns true if the function assigns the name, or if the name is not a constant of the file. */
function isLocal(name: string, { module, plan }: Frame): boolean {
  return plan.variables.has(name) || !module.constants.has(name)
}

/** Translates `email, password = row` if the columns of the row have names. */
function byColumn(items: readonly Py[], { expr }: Value, columns: readonly string[], frame: Frame): Stmt[] {
  const row = frame.names.take('row')
  const text: Type = { kind: 'str' }
  const parts = items.map((item, index) =>
    assignedTo(item, { expr: at(id(row), str(columns[index] ?? '')), type: text }, frame),
  )
  return [{ k: 'var', kind: 'const', name: row, value: expr }, ...parts.flat()]
}

function attributeSet(target: Attribute, value: Value, frame: Frame): Stmt[] {
  const http = httpOf(target.of, frame)
  if (http) return clientSet(target, value.expr, http)
  return isUser(target.of, frame) ? memberSet(target, value, frame) : objectSet(target, value, frame)
}

type Attribute = Extract<Py, { t: 'attr' }>

/** Translates `self.client.headers = {…}` and `self.client.auth = (user, password)`. */
function clientSet(target: Attribute, value: Expr, http: Expr): Stmt[] {
  if (target.name === 'headers') return headersSet(http, value, target)
  const [user, password, ...more] = value.k === 'array' ? value.items : []
  if (target.name === 'auth' && user && password && more.length === 0)
    return [expression(method(member(http, 'headers'), 'set', str('authorization'), authorization(user, password)))]
  throw new Lost(target, target.name === 'verify' || target.name === 'cert' ? 'see TLS in docs/scenarios.md' : '')
}

function objectSet(target: Attribute, { expr, type }: Value, frame: Frame): Stmt[] {
  const of = translate(target.of, frame)
  if (of.type.kind === 'environment' || of.type.kind === 'lost') throw new Lost(target)
  const { objects, objectMembers } = frame.module
  if (of.type.cls) noteField(objects, of.type.cls.python, { name: target.name, type })
  const name = of.type.cls ? (objectMembers.get(target.name) ?? target.name) : target.name
  return [expression(assign(member(staticOwner(of, target.name, objects), name), expr))]
}

/** Translates `self.x = value`. */
function memberSet(target: Attribute, value: Value, frame: Frame): Stmt[] {
  const found = frame.self?.memberOf(target.name)
  if (!found || found.isMethod) throw new Lost(target)
  frame.self?.assigned?.(target.name, value)
  const place = found.staticOf
    ? member(id(found.staticOf), found.name)
    : frame.self?.kind === 'shape'
      ? id(found.name)
      : member(userOf(target.of, frame), found.name)
  return [expression(assign(place, value.expr.k === 'null' ? nil : value.expr))]
}

/** Returns an element of a list pattern: `a`, `...rest`, or null for an empty position. */
function boundName(item: Py, of: Type, frame: Frame): string | null {
  const name = item.t === 'star' && item.of.t === 'name' ? item.of.id : item.t === 'name' ? item.id : '_'
  if (name === '_') return null
  return item.t === 'star' ? `...${declare(frame, name, { kind: 'list', of }).name}` : declare(frame, name, of).name
}
