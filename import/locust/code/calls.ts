import {
  type Entry,
  type Expr,
  awaited,
  binary,
  call,
  fromModule,
  id,
  make,
  member,
  method,
  num,
  object,
} from '../../scenario/code.ts'
import { paramNames } from '../classes/params.ts'
import { classWith, methodNamed, objectType } from '../objects.ts'
import type { Frame, Value } from '../frame.ts'
import { passedOptions } from '../http/requests.ts'
import { withBody } from '../http/responses.ts'
import { builtins } from '../library/builtins.ts'
import { ofPath } from '../library/files.ts'
import { methodCall } from '../library/methods.ts'
import { moduleFunctions } from '../library/modules.ts'
import { ofCompiled } from '../library/patterns.ts'
import { isAwaited, sleeps } from '../module.ts'
import { dottedName } from '../python/names.ts'
import type { Call, Py } from '../python/syntax.ts'
import { isUser, userOf } from '../self.ts'
import { runTime } from '../shape.ts'
import { Lost, pathOf } from './context.ts'
import { requestIn, translate, translateOr } from './translator.ts'
import { generatorType } from './generators.ts'
import { type Type, any } from './value-types.ts'

/** Translates a call of any kind. */
export function callOf(py: Call, frame: Frame): Value {
  const request = requestIn(py, frame)
  const known = runTime(py, frame) ?? drawn(py, frame)
  if (known) return known
  if (request) return { expr: awaited(withBody(request)), type: { kind: 'response' } }
  const found =
    ofModule(py, frame) ?? ofCompiled(py, frame) ?? ofSelf(py, frame) ?? ofFile(py, frame) ?? ofBuiltin(py, frame)
  if (found) return found
  const ofObject = py.of.t === 'attr' ? objectCall(py, py.of, frame) : null
  if (ofObject) return ofObject
  if (py.of.t === 'attr' && frame.module.recordMethods.get(py.of.name)) {
    const owner = translate(py.of.of, frame)
    const ofObject = owner.type.kind === 'any' ? ofRecord(py, { of: owner.expr, name: py.of.name }, frame) : null
    if (ofObject) return ofObject
  }
  if (py.of.t === 'attr') return methodCall(py, py.of, frame)
  throw new Lost(py)
}

function ofModule(py: Call, frame: Frame): Value | null {
  const path = pathOf(frame, py.of)
  if (path === null) return null
  if (sleeps.has(path)) return { expr: sleeping(py, frame), type: { kind: 'void' } }
  const found = Object.hasOwn(moduleFunctions, path) ? moduleFunctions[path] : undefined
  if (found) return found(py, frame)
  if (frame.module.imports.has(dottedName(py.of)?.split('.')[0] ?? '') && !path.startsWith('os.environ'))
    throw new Lost(py)
  return null
}

function sleeping(py: Call, frame: Frame): Expr {
  const [time] = py.args
  if (!time) throw new Lost(py)
  if (!frame.self) {
    const { expr } = translate(time, frame)
    const ms = expr.k === 'num' ? num(expr.value * 1000) : binary(expr, '*', num(1000))
    return awaited(call(fromModule('setTimeout', 'node:timers/promises'), ms))
  }
  return awaited(method(frame.self.expr, 'sleep', translate(time, frame).expr))
}

/** Translates `self.method(…)`, `super().method(…)`, `Base.method(self, …)`. */
function ofSelf(py: Call, frame: Frame): Value | null {
  const { of } = py
  if (of.t !== 'attr') return null
  if (of.name === '_sleep' && isUser(of.of, frame)) return { expr: sleeping(py, frame), type: { kind: 'void' } }
  const isSuper = isSuperCall(of.of)
  if (isSuper ? !frame.self : !isUser(of.of, frame)) return null
  const found = isSuper ? frame.self?.superOf?.(of.name) : frame.self?.memberOf(of.name)
  if (!found) throw new Lost(py)
  if (!found.isMethod)
    return found.type.kind === 'function'
      ? calledValue(member(userOf(of.of, frame), found.name), found.type, py, frame)
      : null
  const called = call(methodIn(of, found.name, frame), ...passed(py, frame, found.params))
  if (frame.module.generators.has(of.name)) return generated(called, of.name, frame)
  return isAwaited(frame.module, of) || isSuper ? result(awaited(called), found.type) : result(called, found.type)
}

function result(expr: Expr, { of = any }: Type): Value {
  return { expr, type: of }
}

/**
 * Returns the call of a generator function as a value. The scenario does not await this call. If the generator is async, the scenario awaits the
 * yielded values.
 */
function generated(expr: Expr, name: string, { module }: Frame): Value {
  return { expr, type: generatorType(module.asynchronous.has(name)) }
}

/** Translates a call of a method of the user or of its base class. The methods of a load shape become functions. */
function methodIn({ of }: Extract<Py, { t: 'attr' }>, name: string, frame: Frame): Expr {
  if (isSuperCall(of)) return member({ k: 'super' }, name)
  return frame.self?.kind === 'shape' ? id(name) : member(userOf(of, frame), name)
}

/** `super()` */
function isSuperCall(py: Py): boolean {
  return py.t === 'call' && dottedName(py.of) === 'super'
}

/** Translates a call of a variable or of a member that contains a function. */
function calledValue(of: Expr, { of: result = any, isAsync }: Type, py: Call, frame: Frame): Value {
  const called = call(of, ...passed(py, frame))
  return { expr: isAsync ? awaited(called) : called, type: result }
}

/** Translates `product.total(2)`. A method of a dataclass becomes a function of the file. */
function ofRecord(py: Call, { of, name }: { of: Expr; name: string }, frame: Frame): Value | null {
  const found = frame.module.recordMethods.get(name)
  const fn = found && !found.isProperty ? frame.module.functionNames.get(found.name) : undefined
  return fn === undefined
    ? null
    : { expr: call(id(fn), of, ...passed(py, frame, paramNames(found?.params ?? []))), type: any }
}

/** Returns the arguments for a function of the file. Keyword arguments are put into the order of the function's parameters. */
function passed(py: Call, frame: Frame, params: readonly string[] = []): Expr[] {
  const args = py.args.map((arg) => translateOr(arg, frame).expr)
  const plain = params.filter((name) => !name.startsWith('**'))
  const named = new Map(py.named.flatMap(({ name, value }) => (name === null ? [] : [[name, value] as const])))
  const last = plain.findLastIndex((name) => named.has(name))
  const others = py.named.filter(({ name }) => name === null || !plain.includes(name))
  if (others.length > 0 && plain.length === params.length) throw new Lost(py)
  const end = others.length > 0 ? plain.length : last + 1
  for (const name of plain.slice(args.length, end)) {
    const value = named.get(name)
    args.push(value ? translateOr(value, frame).expr : { k: 'undefined' })
  }
  if (others.length === 0) return args
  if (params.some((name) => name.startsWith('**='))) return [...args, passedOptions(others, frame)]
  const entries = others.map(({ name, value }): Entry => {
    const { expr } = translateOr(value, frame)
    return name === null ? { spread: expr } : { key: name, value: expr }
  })
  return [...args, object(entries)]
}

/** Translates a call of a function or class of the file, or of a variable that contains a function or class. */
function ofFile(py: Call, frame: Frame): Value | null {
  if (py.of.t !== 'name') return null
  const local = frame.scope.get(py.of.id)
  // A call of `cls(…)` in a class method makes an object of the class.
  if (local?.type.cls && local.name === local.type.cls.name) return newObject(py, local.type.cls.python, frame)
  if (local?.type.kind === 'lost') throw new Lost(py)
  if (local) return calledValue(id(local.name), local.type, py, frame)
  if (frame.module.objects.has(py.of.id)) return newObject(py, py.of.id, frame)
  const record = frame.module.records.get(py.of.id)
  if (record) return { expr: call(id(record.name), ...passed(py, frame, record.params)), type: any }
  // `Role("admin")` is a member of the enum. The scenario uses the value of a member in place of the member.
  if (frame.module.enums.has(py.of.id) && py.args[0] && py.args.length === 1) return translate(py.args[0], frame)
  const called = functionCall(py, py.of.id, frame)
  if (called) return called
  return /(?:Error|Exception)$/.test(py.of.id)
    ? { expr: make('Error', ...passed(py, frame).slice(0, 1)), type: { kind: 'error' } }
    : null
}

/** Translates a call of a function of the file. */
function functionCall(py: Call, wanted: string, frame: Frame): Value | null {
  const { functions, functionNames, asynchronous, constants } = frame.module
  const fn = functions.get(wanted)
  const name = functionNames.get(wanted)
  if (!fn || name === undefined) return null
  const called = call(id(name), ...passed(py, frame, paramNames(fn.params)))
  if (frame.module.generators.has(wanted)) return generated(called, wanted, frame)
  return {
    expr: asynchronous.has(wanted) ? awaited(called) : called,
    type: constants.get(`${wanted}()`)?.type ?? any,
  }
}

/** Translates a call that makes an object, such as `Product("A", 10)`. */
function newObject(py: Call, cls: string, frame: Frame): Value {
  const { objects } = frame.module
  const made = objects.get(cls)
  const first = classWith(objects, cls, ({ methods }) => methods.has('__init__'))
  const args = passed(py, frame, first?.methods.get('__init__')?.params)
  return { expr: make(made?.name ?? cls, ...args), type: objectType(objects, cls) }
}

/** Translates a call of a method of an object whose class is in the file, such as `client.login("ann")` or `super().__init__()`. */
function objectCall(py: Call, { of, name }: Extract<Py, { t: 'attr' }>, frame: Frame): Value | null {
  const { objects, objectMembers } = frame.module
  if (objects.size === 0) return null
  const isSuper = isSuperCall(of)
  const owner = isSuper ? superValue(frame) : ownerOf(of, name, frame)
  if (!owner) return null
  if (isSuper && name === '__init__' && !owner.type.cls) return { expr: call({ k: 'super' }), type: any }
  const found = methodNamed(objects, owner.type, name)
  if (!found) return null
  const args = passed(py, frame, found.params)
  if (name === '__init__') return { expr: call({ k: 'super' }, ...args), type: any }
  const called = call(member(owner.expr, objectMembers.get(name) ?? name), ...args)
  if (frame.module.generators.has(name)) return generated(called, name, frame)
  return { expr: frame.module.asynchronous.has(name) ? awaited(called) : called, type: any }
}

/** Returns the object that has the method. Returns null if the class of the object is certainly not in the file. */
function ownerOf(of: Py, name: string, frame: Frame): Value | null {
  const isKnown = [...frame.module.objects.values()].some(({ methods }) => methods.has(name))
  if (!isKnown || (of.t === 'name' && frame.module.imports.has(of.id) && !frame.scope.has(of.id))) return null
  const owner = translate(of, frame)
  const isOpen = owner.type.kind === 'any' && frame.module.objectMethods.has(name)
  return owner.type.cls || isOpen ? owner : null
}

/** Translates `super()` in a method of an object whose class is in the file. */
function superValue(frame: Frame): Value | null {
  const self = [...frame.scope.values()].find(({ type }) => type.cls !== undefined)
  const base = self?.type.cls && frame.module.objects.get(self.type.cls.python)?.base
  if (!self) return null
  return { expr: { k: 'super' }, type: base ? objectType(frame.module.objects, base) : any }
}

function ofBuiltin(py: Call, frame: Frame): Value | null {
  const file = ofPath(py, frame)
  if (file) return file
  if (py.of.t !== 'name') return null
  const found = Object.hasOwn(builtins, py.of.id) ? builtins[py.of.id] : undefined
  if (!found) throw new Lost(py)
  return found(py, frame)
}

/** Translates code that draws a row of a feed, such as `random.choice(USERS)` or `USERS.pop()`. */
function drawn(py: Call, frame: Frame): Value | null {
  const [arg] = py.args
  const name =
    py.of.t === 'attr' && py.of.name === 'pop' && py.of.of.t === 'name'
      ? py.of.of.id
      : arg?.t === 'name' && pathOf(frame, py.of) === 'random.choice'
        ? arg.id
        : ''
  const feed = frame.scope.has(name) ? undefined : frame.module.feeds.get(name)
  if (!feed) return null
  const row = method(id(feed.name), 'next')
  if (feed.isByName) return { expr: row, type: { kind: 'row' } }
  return { expr: row, type: { kind: 'values', columns: feed.columns } }
}
