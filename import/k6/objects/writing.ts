import {
  type Expr,
  type Field,
  type Method,
  type Stmt,
  assign,
  expression,
  id,
  member,
  self,
} from '../../scenario/code.ts'
import { membersOfUser } from '../../scenario/names.ts'
import { awaits } from '../../scenario/walk.ts'
import { fnParts, resultType } from '../code/functions.ts'
import { ownName } from '../code/names.ts'
import { type Frame, type Module, type ScriptClass, translate } from '../frame.ts'
import { ownThis } from './own-this.ts'
import { type ClassMethod, assignedFields, methodsOf } from './reading.ts'

/**
 * Translates a class of the script. Objects of a class in `userClasses` have a reference to the user, because their methods send requests of the
 * user.
 */
export function classStmt(one: ScriptClass, module: Module): Stmt {
  const methods = methodsOf(one).map((method) => methodOf(method, one, module))
  const hasConstructor = methods.some(({ name }) => name === 'constructor')
  const isFirst = one.base === null && module.userClasses.has(one.name)
  const first: Field[] = isFirst ? [{ name: 'user', type: 'HttpUser' }] : []
  return {
    k: 'class',
    name: ownName(one.name),
    ...(one.base !== null && { base: ownName(one.base) }),
    statics: fieldsOf(one, module, true),
    fields: [...first, ...fieldsOf(one, module, false)],
    methods: isFirst && !hasConstructor ? [plainConstructor, ...methods] : methods,
    notes: [],
  }
}

const keepUser: Stmt = expression(assign(member(self, 'user'), id('user')))
const userParam = { name: 'user', type: 'HttpUser' }
const plainConstructor: Method = { name: 'constructor', params: [userParam], async: false, body: [keepUser] }

function frameFor(module: Module, ofClass: string): Frame {
  return {
    module,
    mode: 'user',
    scope: new Map(),
    before: [],
    group: null,
    folded: new Map(),
    ofClass,
  }
}

function methodOf({ name, kind, isStatic, fn }: ClassMethod, one: ScriptClass, module: Module): Method {
  const frame = frameFor(module, one.name)
  const { params, body } = fnParts(fn, frame)
  const isConstructor = kind === 'constructor'
  const takesUser = module.userClasses.has(one.name) && (isConstructor || isStatic)
  withUser([params, body], isStatic || isConstructor ? id('user') : member(self, 'user'), module)
  const isAsync = !isConstructor && kind !== 'get' && (fn.async || awaits(body))
  const keeps = isConstructor && takesUser && one.base === null
  const modifier = isStatic ? ({ modifier: 'static' } as const) : kind === 'get' ? ({ modifier: 'get' } as const) : {}
  return {
    name,
    params: [...(takesUser ? [userParam] : []), ...params],
    async: isAsync,
    ...modifier,
    ...(isConstructor ? {} : resultType(fn, isAsync)),
    body: [...(keeps ? [keepUser] : []), ...body],
  }
}

function fieldsOf(one: ScriptClass, module: Module, isStatic: boolean): Field[] {
  const frame = frameFor(module, one.name)
  const declared = one.node.body.body.flatMap((part): Field[] => {
    if (part.type !== 'PropertyDefinition' || part.static !== isStatic || part.key.type !== 'Identifier') return []
    const value = part.value ? translate(part.value, frame) : null
    withUser(value, member(self, 'user'), module)
    return [{ name: part.key.name, type: 'any', ...(value && { value }) }]
  })
  if (isStatic) return declared
  const known = new Set([...declared.map(({ name }) => name), ...inherited(one, module)])
  const assigned = assignedFields(one).filter((name) => !known.has(name))
  return [...declared, ...assigned.map((name) => ({ name, type: 'any' }))]
}

/** Returns the fields of the base classes. */
function inherited({ base }: ScriptClass, module: Module): string[] {
  const of = base === null ? undefined : module.classes.get(base)
  return of ? [...assignedFields(of), ...inherited(of, module)] : []
}

/**
 * Replaces references to the user with the expression `user`, and the placeholder `ownThis` with `this`. Changes the code in place, because later
 * steps change the addresses of requests in the same objects.
 */
function withUser(piece: unknown, user: Expr, module: Module): void {
  if (typeof piece !== 'object' || piece === null) return
  const of = piece as Record<string, unknown>
  for (const [key, value] of Object.entries(of)) {
    const next = replacement(value, of, { user, module })
    if (next) of[key] = next
    else withUser(value, user, module)
  }
}

interface Place {
  user: Expr
  module: Module
}

/** Returns the code that replaces the user or `this`; null for any other value. */
function replacement(value: unknown, parent: Record<string, unknown>, { user, module }: Place): Expr | null {
  if (typeof value !== 'object' || value === null || !('k' in value)) return null
  if (value.k === 'id' && 'name' in value && value.name === ownThis) return self
  if (value.k !== 'this') return null
  const name = parent['k'] === 'member' && typeof parent['name'] === 'string' ? parent['name'] : null
  if (name === null || membersOfUser.has(name)) return user
  // `name` is a field or a method of the scenario's user class.
  module.classUses.add(name)
  return { k: 'as', of: user, type: 'any' }
}
