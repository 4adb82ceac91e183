import {
  type Entry,
  type Expr,
  array,
  arrow,
  assign,
  at,
  binary,
  call,
  id,
  member,
  method,
  num,
  object,
  snippet,
  spread,
  str,
} from '../../scenario/code.ts'
import { Lost } from '../code/context.ts'
import { translate, translateOr } from '../code/translator.ts'
import { type Type, any, boolean, listOf, none, number, optionKey, text } from '../code/value-types.ts'
import type { Frame, Value } from '../frame.ts'
import { requestText } from '../http/responses.ts'
import type { Call, Py } from '../python/syntax.ts'
import { listed } from './lists.ts'
import { collectionCall } from './collections.ts'
import { greenletCall } from './greenlets.ts'
import { dateMethods } from './dates.ts'
import { readText } from './files.ts'
import { pageCall } from './pages.ts'
import { groupOf } from './patterns.ts'

interface Target {
  of: Expr
  type: Type
  args: Expr[]
  types: Type[]
  py: Call
  frame: Frame
}

type Method = (target: Target) => Value | null

const renamed =
  (name: string, type: Type = text): Method =>
  ({ of, args }) => ({ expr: method(of, name, ...args), type })

/** Translates a method whose argument is a string or a tuple of strings. */
const oneOf =
  (name: string): Method =>
  ({ of, args, types }) => {
    const [wanted] = args
    if (!wanted || types[0]?.kind !== 'list') return { expr: method(of, name, ...args), type: boolean }
    return { expr: method(wanted, 'some', arrow(['one'], method(of, name, id('one')))), type: boolean }
  }

/** The translations of string methods, by their Python names. */
const ofTexts: Readonly<Record<string, Method>> = {
  lower: renamed('toLowerCase'),
  upper: renamed('toUpperCase'),
  startswith: oneOf('startsWith'),
  endswith: oneOf('endsWith'),
  strip: ({ of, args }) => (args.length > 0 ? null : { expr: method(of, 'trim'), type: text }),
  lstrip: ({ of, args }) => (args.length > 0 ? null : { expr: method(of, 'trimStart'), type: text }),
  rstrip: ({ of, args }) => (args.length > 0 ? null : { expr: method(of, 'trimEnd'), type: text }),
  replace: ({ of, args }) => (args.length > 2 ? null : { expr: method(of, 'replaceAll', ...args), type: text }),
  zfill: ({ of, args }) => ({ expr: method(of, 'padStart', ...args, str('0')), type: text }),
  ljust: renamed('padEnd'),
  rjust: renamed('padStart'),
  find: renamed('indexOf', number),
  encode: ({ of }) => ({ expr: of, type: text }),
  decode: ({ of, type }) => ({ expr: of, type: type.kind === 'any' ? text : type }),
  split: ({ of, args }) => {
    // The second argument of `split` is a maximum number of splits. In JavaScript, it would be a maximum number of items.
    if (args.length > 1) return null
    const expr =
      args.length > 0
        ? method(of, 'split', ...args)
        : method(method(of, 'trim'), 'split', { k: 'regex', source: String.raw`\s+`, flags: '' })
    return { expr, type: listOf(text) }
  },
  splitlines: ({ of }) => ({ expr: method(of, 'split', str('\n')), type: listOf(text) }),
  join: ({ of, args, types }) => ({
    expr: method(listed({ expr: args[0] as Expr, type: types[0] ?? any }), 'join', of),
    type: text,
  }),
  capitalize: ({ of }) => ({
    expr: { k: 'template', parts: [method(method(of, 'charAt', num(0)), 'toUpperCase'), method(of, 'slice', num(1))] },
    type: text,
  }),
  title: ({ of }) => ({
    expr: method(
      of,
      'replaceAll',
      { k: 'regex', source: String.raw`\b\w`, flags: 'g' },
      arrow(['letter'], method(id('letter'), 'toUpperCase')),
    ),
    type: text,
  }),
  isdigit: ({ of }) => ({
    expr: method({ k: 'regex', source: String.raw`^\d+$`, flags: '' }, 'test', of),
    type: boolean,
  }),
  hexdigest: ({ of }) => ({ expr: method(of, 'digest', str('hex')), type: text }),
}

const ofLists: Readonly<Record<string, Method>> = {
  append: renamed('push', none),
  add: ({ of, args, type }) => ({ expr: method(of, type.kind === 'set' ? 'add' : 'push', ...args), type: none }),
  extend: ({ of, args }) => ({ expr: method(of, 'push', spread(args[0] as Expr)), type: none }),
  insert: ({ of, args }) => ({ expr: method(of, 'splice', args[0] as Expr, num(0), args[1] as Expr), type: none }),
  remove: ({ of, args, type }) => ({
    expr:
      type.kind === 'set'
        ? method(of, 'delete', ...args)
        : method(of, 'splice', method(of, 'indexOf', ...args), num(1)),
    type: none,
  }),
  index: renamed('indexOf', number),
  sort: (target) => sortedInPlace(target),
  reverse: renamed('reverse', none),
  clear: ({ of, type }) => ({
    expr: type.kind === 'set' ? method(of, 'clear') : assign(member(of, 'length'), num(0)),
    type: none,
  }),
  copy: ({ of }) => ({ expr: array([spread(of)]), type: listOf(any) }),
}

/** Translates `items.sort()`. Without a comparison function, JavaScript compares the items as strings. */
function sortedInPlace({ of, args, type }: Target): Value | null {
  if (args.length > 0) return null
  const kind = type.of?.kind
  if (kind === 'str') return { expr: method(of, 'sort'), type: none }
  if (kind !== 'num') return { expr: call(snippet('sortInPlace'), of), type: none }
  return { expr: method(of, 'sort', arrow(['a', 'b'], binary(id('a'), '-', id('b')))), type: none }
}

const ofDicts: Readonly<Record<string, Method>> = {
  keys: ({ of }) => ({ expr: method(id('Object'), 'keys', of), type: listOf(text) }),
  values: ({ of, type }) => ({ expr: method(id('Object'), 'values', of), type: listOf(type.of ?? any) }),
  items: ({ of, type }) => ({
    expr: method(id('Object'), 'entries', of),
    type: listOf({ kind: 'dict', of: type.of ?? any }),
  }),
  get: ({ of, args, type }) => {
    const found = at(of, args[0] as Expr)
    return {
      expr: args[1] ? binary(found, '??', args[1]) : found,
      type: type.kind === 'dict' && args[1] ? (type.of ?? any) : any,
    }
  },
  update: ({ of, args }) => ({ expr: method(id('Object'), 'assign', of, ...args), type: none }),
  setdefault: ({ of, args }) => ({ expr: assign(at(of, args[0] as Expr), args[1] as Expr, '??='), type: any }),
  copy: ({ of, type }) => ({ expr: { k: 'object', entries: [{ spread: of }] }, type }),
}

/** Translates a method of a value, depending on the value's known type. */
export function methodCall(py: Call, of: Extract<Py, { t: 'attr' }>, frame: Frame): Value {
  const request = requestText(py, of, frame)
  if (request) return request
  const owner = translate(of.of, frame)
  const special = specialCall(py, of.name, owner, frame)
  if (special) return special
  if (py.named.length > 0) throw new Lost(py)
  const values = py.args.map((arg) => translateOr(arg, frame))
  const target: Target = {
    of: owner.expr,
    type: owner.type,
    args: values.map(({ expr }, index) =>
      index === 0 && owner.type.isRequest && expr.k === 'str' ? str(optionKey(expr.value)) : expr,
    ),
    types: values.map(({ type }) => type),
    py,
    frame,
  }
  const found = methodFor(of.name, target)
  if (found) return found
  if (owner.type.kind === 'any') return { expr: call(member(owner.expr, of.name), ...target.args), type: any }
  throw new Lost(py)
}

function methodFor(name: string, target: Target): Value | null {
  const { kind } = target.type
  const popped = name === 'pop' ? pop(target) : null
  if (popped) return popped
  const tables =
    kind === 'str'
      ? [ofTexts]
      : kind === 'list' || kind === 'set'
        ? [ofLists]
        : kind === 'dict' || kind === 'row'
          ? [ofDicts]
          : [ofDicts, ofTexts, ofLists]
  if (kind !== 'any' && !['str', 'list', 'set', 'dict', 'row'].includes(kind)) return null
  for (const table of tables) {
    const found = Object.hasOwn(table, name) ? table[name]?.(target) : null
    if (found) return found
  }
  return null
}

function pop({ of, type, args }: Target): Value | null {
  const isKey = type.kind === 'dict' || args.length === 2 || args[0]?.k === 'str'
  if (isKey && args.length > 0) return { expr: call(snippet('takeKey'), of, ...args), type: type.of ?? any }
  if (args.length === 0) return { expr: { k: 'present', of: method(of, 'pop') }, type: type.of ?? any }
  return args[0]?.k === 'num' && args[0].value === 0
    ? { expr: { k: 'present', of: method(of, 'shift') }, type: type.of ?? any }
    : null
}

/** Translates the methods of responses, dates, matches and elapsed times. */
function specialCall(py: Call, name: string, owner: Value, frame: Frame): Value | null {
  const { kind } = owner.type
  if (kind === 'lost' || kind === 'environment' || kind === 'http') throw new Lost(py)
  const own =
    greenletCall(py, name, owner, frame) ?? collectionCall(py, name, owner, frame) ?? pageCall(py, name, owner, frame)
  if (own) return own
  if (kind === 'date') return dateCall(py, name, owner, frame)
  if (name === 'format' && (kind === 'str' || kind === 'any')) return formatted(py, owner, frame)
  const key = `${kind}.${name}`
  return Object.hasOwn(ofKinds, key) ? (ofKinds[key]?.(owner.expr, py.args, frame) ?? null) : null
}

/** Translates a method of a date, or of a date with a time. */
function dateCall(py: Call, name: string, of: Value, frame: Frame): Value {
  const found = Object.hasOwn(dateMethods, name) ? dateMethods[name] : undefined
  if (!found) throw new Lost(py)
  return found(of, py.args, frame)
}

/** Translates `text.format(…)` for a text that is not known before the run. */
function formatted(py: Call, { expr }: Value, frame: Frame): Value {
  const values = py.args.map((one) => (one.t === 'star' ? null : translate(one, frame).expr))
  const named = py.named.map(({ name, value }): Entry => {
    const given = translate(value, frame).expr
    return name === null ? { spread: given } : { key: name, value: given }
  })
  const known = values.filter((one) => one !== null)
  if (known.length < values.length) throw new Lost(py)
  if (expr.k === 'str' && /\{(?!\w*\})/.test(expr.value.replaceAll('{{', '')))
    throw new Lost(py, 'a field of this format is not translated')
  const numbered = known.map((value, index): Entry => ({ key: String(index), value }))
  const given = named.length === 0 ? array(known) : object([...numbered, ...named])
  return { expr: call(snippet('formatText'), expr, given), type: text }
}

type OfKind = (of: Expr, args: readonly Py[], frame: Frame) => Value | null

const inSeconds: OfKind = (of) => ({ expr: binary(of, '/', num(1000)), type: number })

/** The translations of methods. The key contains the kind of the object and the name of the method. */
const ofKinds: Readonly<Record<string, OfKind>> = {
  'parsed.json': (of) => ({ expr: of, type: any }),
  'response.json': (of) => ({ expr: method(of, 'json'), type: any }),
  'elapsed.total_seconds': inSeconds,
  'span.total_seconds': inSeconds,
  'headers.get': (of, [name, standard], frame) => ({
    expr: binary(
      method(of, 'get', translate(name as Py, frame).expr),
      '??',
      standard ? translate(standard, frame).expr : str(''),
    ),
    type: text,
  }),
  'cookies.get': (of, [name, standard], frame) => {
    const found = call(snippet('cookieOf'), of, translate(name as Py, frame).expr)
    return { expr: standard ? binary(found, '??', translate(standard, frame).expr) : found, type: any }
  },
  'file.read': (of) => ({ expr: readText(of), type: text }),
  'file.readlines': (of) => ({
    expr: method(method(readText(of), 'trim'), 'split', str('\n')),
    type: listOf(text),
  }),
  'match.group': groupOf,
}
