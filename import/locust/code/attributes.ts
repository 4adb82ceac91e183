import { type Expr, arrow, awaited, binary, call, id, member, method, num, str } from '../../scenario/code.ts'
import type { Frame, Member as KnownMember, Value } from '../frame.ts'
import { dottedName } from '../python/names.ts'
import { pageMember } from '../library/pages.ts'
import type { Py } from '../python/syntax.ts'
import { ofObject } from '../objects.ts'
import { isUser, userOf } from '../self.ts'
import { membersOf } from '../classes/kinds.ts'
import { moduleFrame } from '../module-frame.ts'
import { Lost, pathOf } from './context.ts'
import { optionValue } from './options.ts'
import { requestIn, translate } from './translator.ts'
import { type Type, any, number, text } from './value-types.ts'

const lower = 'abcdefghijklmnopqrstuvwxyz'
const upper = lower.toUpperCase()
const digits = '0123456789'

/** The translations of constants in Python's modules. */
const constants: Readonly<Record<string, Value>> = {
  'string.ascii_letters': { expr: str(lower + upper), type: text },
  'string.ascii_lowercase': { expr: str(lower), type: text },
  'string.ascii_uppercase': { expr: str(upper), type: text },
  'string.digits': { expr: str(digits), type: text },
  'string.hexdigits': { expr: str(`${digits}abcdefABCDEF`), type: text },
  'string.punctuation': { expr: str('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'), type: text },
  'math.pi': { expr: member(id('Math'), 'PI'), type: number },
  'math.e': { expr: member(id('Math'), 'E'), type: number },
  'math.inf': { expr: id('Infinity'), type: number },
  'os.environ': { expr: member(id('process'), 'env'), type: { kind: 'dict', of: text } },
}

type Attribute = Extract<Py, { t: 'attr' }>
type Member = (of: Expr) => Value

/** The translations of the members of a response, by their Python names. */
const ofResponse: Readonly<Record<string, Member>> = {
  status_code: (of) => ({ expr: member(of, 'status'), type: number }),
  ok: (of) => ({ expr: member(of, 'ok'), type: { kind: 'bool' } }),
  text: (of) => ({ expr: method(of, 'text'), type: text }),
  content: (of) => ({ expr: method(of, 'text'), type: text }),
  js: (of) => ({ expr: method(of, 'json'), type: any }),
  headers: (of) => ({ expr: member(of, 'headers'), type: { kind: 'headers' } }),
  cookies: (of) => ({ expr: of, type: { kind: 'cookies' } }),
  elapsed: (of) => ({ expr: member(of, 'latencyMs'), type: { kind: 'elapsed' } }),
  error: (of) => ({ expr: member(of, 'error'), type: any }),
  reason: (of) => ({ expr: member(of, 'error'), type: any }),
}

const ofDates: Readonly<Record<string, [name: string, add: number]>> = {
  year: ['getFullYear', 0],
  month: ['getMonth', 1],
  day: ['getDate', 0],
  hour: ['getHours', 0],
  minute: ['getMinutes', 0],
  second: ['getSeconds', 0],
}

/** Translates `a.b`, or an imported name. */
export function attribute(py: Extract<Py, { t: 'attr' | 'name' }>, frame: Frame): Value {
  const path = pathOf(frame, py)
  if (path !== null) return constantOf(path, py)
  if (py.t === 'name') throw new Lost(py)
  return (
    ofEnum(py, frame) ??
    ofUuid(py, frame) ??
    ofSelf(py, frame) ??
    ofShapeOrClass(py, frame) ??
    ofRequest(py, frame) ??
    ofValue(py, translate(py.of, frame), frame)
  )
}

/** Translates a member of a value. The kind of the value determines the translation. */
function ofValue(py: Attribute, owner: Value, frame: Frame): Value {
  const { kind } = owner.type
  if (kind === 'lost') throw new Lost(py)
  const found =
    ofObject(py, owner, frame.module) ??
    ofBody(py, owner) ??
    pageMember(py, owner) ??
    memberOfEnum(py, owner, frame) ??
    (kind === 'date' ? dateField(py, owner) : byKind[kind]?.(py, owner.expr, frame))
  if (found) return found
  const property = kind === 'any' ? frame.module.recordMethods.get(py.name) : null
  const fn = property?.isProperty ? frame.module.functionNames.get(property.name) : undefined
  return { expr: fn === undefined ? member(owner.expr, py.name) : call(id(fn), owner.expr), type: any }
}

/** Translates a member of a variable that contains only the body of a response. */
function ofBody({ name }: Attribute, { expr, type }: Value): Value | null {
  if (type.kind === 'parsed' && name === 'js') return { expr, type: any }
  return type.kind === 'read' && ['text', 'content'].includes(name) ? { expr, type: text } : null
}

type OfKind = (py: Attribute, of: Expr, frame: Frame) => Value | null

const without: OfKind = (py) => {
  throw new Lost(py)
}

/** The members of `environment` without a counterpart, each with the reason for the TODO comment. */
const ofRunner: Readonly<Record<string, string>> = {
  runner: 'a simulated user cannot see or stop the run',
  stats: 'the results are in the report; check them with thresholds',
  events: 'a simulated user cannot fire this event',
}

const byKind: Partial<Record<Type['kind'], OfKind>> = {
  greenlet: ({ name }, of) => (name === 'value' ? { expr: awaited(of), type: any } : null),
  response: (py, of) => memberOf(ofResponse, py, of),
  options: (py, _, frame) => optionValue(py, frame),
  environment(py, _, { self }) {
    // In the hooks of a run, the variable `host` contains the host.
    if (py.name !== 'host' || self) throw new Lost(py, Object.hasOwn(ofRunner, py.name) ? ofRunner[py.name] : '')
    return { expr: id('host'), type: text }
  },
  span: without,
  cookies: without,
  http: without,
  user: without,
}

/**
 * Translates `role.value` and `role.name` for a member of an enum. In the scenario, a variable contains the value of the member, and the code looks
 * up the name.
 */
function memberOfEnum({ of, name }: Attribute, { expr, type }: Value, frame: Frame): Value | null {
  const { enums, uses, constants: known } = frame.module
  const [only, ...others] = enums
  if (type.kind !== 'enum' && (type.kind !== 'any' || only === undefined || uses.assigned.has(name))) return null
  if (name === 'value') return { expr, type: any }
  if (name !== 'name') return null
  if (type.kind === 'enum' && of.t === 'attr') return { expr: str(of.name), type: text }
  const found = only !== undefined && others.length === 0 ? known.get(only) : undefined
  if (!found) throw new Lost(of, 'the enum of this member cannot be determined')
  const keys = method(id('Object'), 'keys', id(found.name))
  const isKey = binary({ k: 'index', of: { k: 'as', of: id(found.name), type: 'any' }, at: id('key') }, '===', expr)
  return { expr: { k: 'present', of: method(keys, 'find', arrow(['key'], isKey)) }, type: text }
}

/** Translates `Role.ADMIN` to the value of the member, because the enum becomes an object with these values. */
function ofEnum(py: Attribute, frame: Frame): Value | null {
  if (py.of.t !== 'name' || !frame.module.enums.has(py.of.id) || frame.scope.has(py.of.id)) return null
  return { expr: member(translate(py.of, frame).expr, py.name), type: { kind: 'enum' } }
}

/** `uuid.uuid4().hex` */
function ofUuid(py: Attribute, frame: Frame): Value | null {
  if (py.of.t !== 'call' || !/^uuid\.uuid\d$/.test(pathOf(frame, py.of.of) ?? '')) return null
  const { expr } = translate(py.of, frame)
  if (py.name !== 'hex') throw new Lost(py)
  return { expr: method(expr, 'replaceAll', str('-'), str('')), type: text }
}

function constantOf(path: string, py: Py): Value {
  const value = Object.hasOwn(constants, path) ? constants[path] : undefined
  if (!value) throw new Lost(py)
  return value
}

function memberOf(members: Readonly<Record<string, Member>>, py: Attribute, of: Expr): Value {
  const found = Object.hasOwn(members, py.name) ? members[py.name] : undefined
  if (!found) throw new Lost(py)
  return found(of)
}

function dateField(py: Attribute, { expr: of, type }: Value): Value {
  const found = Object.hasOwn(ofDates, py.name) ? ofDates[py.name] : undefined
  if (!found) throw new Lost(py)
  const [own, add] = found
  const name = type.zone === 'local' ? own : own.replace('get', 'getUTC')
  return { expr: add === 0 ? method(of, name) : binary(method(of, name), '+', num(add)), type: number }
}

function ofSelf(py: Attribute, frame: Frame): Value | null {
  if (!isUser(py.of, frame)) return null
  const user = userOf(py.of, frame)
  if (frame.self?.kind === 'shape') return shapeMember(py, frame)
  if (py.name === 'client') return { expr: member(user, 'http'), type: { kind: 'http' } }
  if (['user', 'parent', 'locust'].includes(py.name)) return { expr: user, type: { kind: 'user' } }
  if (py.name === 'environment') return { expr: user, type: { kind: 'environment' } }
  const host = frame.self?.host ? str(frame.self.host) : frame.module.host
  if (py.name === 'host' && host) return { expr: host, type: text }
  const found = frame.self?.memberOf(py.name)
  if (!found) throw new Lost(py)
  return readMember(user, found, frame)
}

/** Translates a member of a user: a field, a property, or a method that is passed as a value. */
function readMember(user: Expr, found: KnownMember, frame: Frame): Value {
  found.read?.(frame.isText)
  if (found.staticOf) return { expr: member(id(found.staticOf), found.name), type: found.type }
  const expr = member(user, found.name)
  if (!found.isMethod) return { expr, type: found.type }
  return found.isProperty
    ? { expr: call(expr), type: any }
    : { expr: arrow([], call(expr)), type: { kind: 'function' } }
}

function shapeMember(py: Attribute, frame: Frame): Value {
  const found = frame.self?.memberOf(py.name)
  if (!found) throw new Lost(py)
  return { expr: id(found.name), type: found.type }
}

/** Translates `environment.parsed_options`, and members that a class of the file shares among all its users. */
function ofShapeOrClass(py: Attribute, frame: Frame): Value | null {
  if (py.name === 'parsed_options') return { expr: member({ k: 'this' }, 'vars'), type: { kind: 'options' } }
  const owner = dottedName(py.of) ?? ''
  if (!frame.module.classes.has(owner) || frame.module.constants.has(owner)) return null
  const isOwn = frame.self?.className === undefined || frame.module.classNames.get(owner) === frame.self.className
  const literal = isOwn ? null : literalOf(owner, py.name, frame)
  if (literal) return literal
  const found = frame.self?.memberOf(py.name)
  if (!found || found.isMethod) throw new Lost(py)
  return {
    expr: member(found.staticOf ? id(found.staticOf) : (frame.self?.expr ?? { k: 'this' }), found.name),
    type: found.type,
  }
}

/** Returns a constant in the body of another class of the file. */
function literalOf(owner: string, name: string, { module }: Frame): Value | null {
  const cls = module.classes.get(owner)
  const value = cls && membersOf(cls).attributes.get(name)
  const isChanged = module.uses.classWide.has(name)
  return value && !isChanged && isLiteral(value) ? module.translator.expression(value, moduleFrame(module, [])) : null
}

function isLiteral(py: Py): boolean {
  if (py.t === 'list' || py.t === 'tuple') return py.items.every(isLiteral)
  return py.t === 'str' || py.t === 'num' || py.t === 'bool'
}

/** Translates an attribute of a call, such as `self.client.get("/").text`. */
function ofRequest(py: Attribute, frame: Frame): Value | null {
  const request = py.of.t === 'call' ? requestIn(py.of, frame) : null
  if (!request) return null
  if (py.name === 'text' || py.name === 'content') return { expr: awaited(method(request, 'text')), type: text }
  return memberOf(ofResponse, py, awaited(request))
}
