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
import type { Frame, Value } from '../frame.ts'
import { passedOptions } from '../http/requests.ts'
import { withBody } from '../http/responses.ts'
import { builtins } from '../library/builtins.ts'
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
import { type Type, any } from './types.ts'

/** Translates a call of any kind. */
export function callOf(py: Call, frame: Frame): Value {
  const request = requestIn(py, frame)
  const time = runTime(py, frame)
  if (time) return time
  const row = drawn(py, frame)
  if (row) return row
  if (request) return { expr: awaited(withBody(request)), type: { kind: 'response' } }
  const found =
    ofModule(py, frame) ?? ofCompiled(py, frame) ?? ofSelf(py, frame) ?? ofFile(py, frame) ?? ofBuiltin(py, frame)
  if (found) return found
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
  if (!isSuper && !isUser(of.of, frame)) return null
  const found = isSuper ? frame.self?.superOf?.(of.name) : frame.self?.memberOf(of.name)
  if (!found) throw new Lost(py)
  if (!found.isMethod)
    return found.type.kind === 'function'
      ? calledValue(member(userOf(of.of, frame), found.name), found.type, py, frame)
      : null
  const called = call(methodIn(of, found.name, frame), ...passed(py, frame, found.params))
  return { expr: isAwaited(frame.module, of) || isSuper ? awaited(called) : called, type: found.type.of ?? any }
}

/** Translates a call of a method of the user or of its base class. A method of a shape is called as a function. */
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

/** Returns the arguments for a function of the file; keyword arguments are put into the order of its parameters. */
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

/** Translates a function or a class of the file, or a variable that holds one. */
function ofFile(py: Call, frame: Frame): Value | null {
  if (py.of.t !== 'name') return null
  const local = frame.scope.get(py.of.id)
  if (local) return calledValue(id(local.name), local.type, py, frame)
  const record = frame.module.records.get(py.of.id)
  if (record) return { expr: call(id(record.name), ...passed(py, frame, record.params)), type: any }
  // `Role("admin")` is a member of the enum, and a member is represented by its value.
  if (frame.module.enums.has(py.of.id) && py.args[0] && py.args.length === 1) return translate(py.args[0], frame)
  const fn = frame.module.functions.get(py.of.id)
  const name = frame.module.functionNames.get(py.of.id)
  if (fn && name !== undefined) {
    const called = call(id(name), ...passed(py, frame, paramNames(fn.params)))
    return {
      expr: frame.module.asynchronous.has(py.of.id) ? awaited(called) : called,
      type: frame.module.constants.get(`${py.of.id}()`)?.type ?? any,
    }
  }
  return /(?:Error|Exception)$/.test(py.of.id)
    ? { expr: make('Error', ...passed(py, frame).slice(0, 1)), type: { kind: 'error' } }
    : null
}

function ofBuiltin(py: Call, frame: Frame): Value | null {
  if (py.of.t !== 'name') return null
  const found = Object.hasOwn(builtins, py.of.id) ? builtins[py.of.id] : undefined
  if (!found) throw new Lost(py)
  return found(py, frame)
}

/** Translates a row of a feed: `random.choice(USERS)`, `USERS.pop()`. */
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
