import { type Entry, type Expr, type Stmt, assign, expression, member, self } from '../../scenario/code.ts'
import type { Field, Method, UserClass } from '../../scenario/model.ts'
import { Names, memberName } from '../../scenario/names.ts'
import { planOf } from '../code/declarations.ts'
import { firstYield, isGenerator } from '../code/yields.ts'
import { block } from '../code/translator.ts'
import { any, unified } from '../code/value-types.ts'
import type { Frame, Member, Module, Self, Value } from '../frame.ts'
import type { Py, PyFunction } from '../python/syntax.ts'
import { todoFor } from '../code/context.ts'
import { type Known, fieldType, plain, readable } from './fields.ts'
import { type Members, leftDecorators } from './kinds.ts'
import { docOf, localNames, paramNames, paramsOf } from './params.ts'
import { tidied } from './tidied.ts'

/** A part of a locustfile whose methods are translated together: a user, or a TaskSet inside a user. */
export interface Unit {
  members: Members
  /** The prefix for method names of this unit. A method name gets the prefix only if another member of the class already has this name. */
  prefix: string
  leave: readonly Stmt[]
  pause: readonly Stmt[]
  around: Unit | null
  names: Map<string, string>
}

/** Builds one user class: the names of its members, its fields with the types of their values, and its methods. */
export class ClassBuilder {
  readonly module: Module
  readonly name: string
  readonly host: string | null
  readonly methods: Method[] = []
  readonly notes: string[] = []
  readonly #names: Names
  readonly #known = new Map<string, Known>()
  readonly #base: ClassBuilder | null
  isPublic = false
  /** The options that the class sets for all of its requests. */
  defaults: readonly Entry[] = []
  /** The value of `default_headers` in the class or in one of its base classes. */
  inheritedHeaders: Py | undefined
  /** `true` if the class is a FastHttpUser. */
  isFast = false

  constructor(module: Module, name: string, base: ClassBuilder | null, host: string | null) {
    this.module = module
    this.name = name
    this.#base = base
    this.host = host
    this.#names = new Names(base ? base.takenNames() : [])
  }

  takenNames(): string[] {
    return [
      ...(this.#base?.takenNames() ?? []),
      ...[...this.#known.values()].filter(({ isMethod }) => isMethod).map(({ name }) => name),
    ]
  }

  /** Returns a name that no other member has. */
  take(wanted: string): string {
    return this.#names.take(memberName(wanted))
  }

  /** Chooses the names for the methods and attributes of a unit. */
  enter(unit: Unit): void {
    for (const [name, fn] of unit.members.methods) {
      const life = ({ on_start: 'onStart', on_stop: 'onStop' } as Record<string, string>)[name]
      if (life !== undefined)
        this.#known.set(`${unit.prefix}${name}()`, { ...plain(life), isMethod: true, type: { kind: 'function' } })
      if (life !== undefined || name === '__init__' || name === 'wait_time' || name === 'tick') continue
      const inherited = this.#base?.lookup(name)
      const own = inherited?.isMethod ? inherited.name : this.#clashing(unit, name)
      unit.names.set(name, own)
      const isProperty = fn.decorators.some((one) => one.t === 'name' && one.id === 'property')
      this.#known.set(`${unit.prefix}${name}()`, {
        ...plain(own),
        isMethod: true,
        isProperty,
        params: paramNames(fn.params.slice(1)),
        type: { kind: 'function', of: returnsResponse(fn) ? { kind: 'response' } : any },
      })
    }
  }

  #clashing(unit: Unit, name: string): string {
    const wanted = memberName(name)
    return this.#names.has(wanted) && unit.prefix !== ''
      ? this.#names.take(memberName(`${unit.prefix} ${name}`))
      : this.#names.take(wanted)
  }

  /** Returns the field that has the given Python name. Adds the field if it does not exist. */
  field(name: string, initial: Value | null, isStatic = false): Known {
    const inherited = this.#base?.lookup(name)
    if (inherited && !inherited.isMethod && !initial) return inherited
    let known = this.#known.get(name)
    if (!known) {
      const own = inherited && !inherited.isMethod ? inherited.name : this.#names.take(memberName(name, 'Value'))
      known = {
        ...plain(own),
        isInherited: inherited !== undefined,
        type: initial?.type ?? { kind: 'lost' },
        initial: initial?.expr ?? null,
        isStatic,
      }
      this.#known.set(name, known)
    }
    return known
  }

  lookup(name: string): Known | undefined {
    return this.#known.get(`${name}()`) ?? this.#known.get(name) ?? this.#base?.lookup(name)
  }

  /** Returns the translation of `self` in a method of a unit. */
  selfOf(unit: Unit, name: string): Self {
    return {
      name,
      kind: 'user',
      expr: self,
      leave: unit.leave,
      pause: unit.pause,
      host: this.host,
      className: this.name,
      defaults: this.defaults,
      memberOf: (wanted) => this.#memberOf(unit, wanted),
      superOf: (wanted) => {
        const known = this.#base?.lookup(wanted)
        return known && readable(known, this.name)
      },
      assigned: (wanted, value) => {
        const known = this.lookup(wanted)
        if (known) known.type = unified(known.type, value.type)
      },
    }
  }

  #memberOf(unit: Unit | null, name: string): Member | undefined {
    for (let at = unit; at; at = at.around) {
      const own = at.names.get(name)
      const known = own === undefined ? undefined : this.#known.get(`${at.prefix}${name}()`)
      if (known) return readable(known, this.name)
    }
    const known = this.lookup(name) ?? this.#openField(name)
    return known && readable(known, this.name)
  }

  /** Adds a field to a base class if a method of the base class reads a member that only the subclasses assign. */
  #openField(name: string): Known | undefined {
    if (!this.isPublic || !this.module.uses.assigned.has(name)) return undefined
    const known = this.field(name, null)
    known.type = any
    // The values of the field are not yet known. Because of this count, the field gets the type any, and never the type string.
    known.reads.other++
    return known
  }

  frame(fn: { params: PyFunction['params']; body: PyFunction['body'] }, unit: Unit, isTask: boolean): Frame {
    const selfName = fn.params[0]?.name ?? 'self'
    return {
      module: this.module,
      self: this.selfOf(unit, selfName),
      scope: new Map(),
      names: new Names(localNames(this.module)),
      plan: planOf(fn.body),
      before: [],
      judged: null,
      isText: false,
      isTask,
      returns: undefined,
    }
  }

  /** Adds a method. */
  add(name: string, fn: PyFunction, unit: Unit, more: Partial<Method> & { isTask?: boolean } = {}): Method {
    const { isTask = false, ...rest } = more
    const frame = this.frame(fn, unit, isTask || ['onStart', 'onStop'].includes(name) || isGenerator(fn))
    const isStatic = fn.decorators.some((one) => one.t === 'name' && one.id === 'staticmethod')
    const params = rest.params ?? paramsOf(fn.params.slice(isStatic ? 0 : 1), frame)
    const left = leftDecorators(fn).map((one) => todoFor(frame, one, 'the decorator is left out'))
    const isRun = isTask || ['onStart', 'onStop'].includes(name)
    const first = isRun ? firstYield(fn.body) : null
    const body = first
      ? [todoFor(frame, first, 'a function that yields returns a generator, which Locust does not run')]
      : [...left, ...tidied(block(fn.body, frame, true))]
    const method: Method = {
      name,
      params,
      async: isRun || this.module.asynchronous.has(fn.name),
      ...(!isRun && isGenerator(fn) && { generator: true }),
      body,
      ...(fn.doc !== null && { doc: docOf(fn.doc) }),
      ...rest,
    }
    this.methods.push(method)
    return method
  }

  /** Returns the fields, with the types of their values. */
  fields(): { statics: Field[]; fields: Field[] } {
    const own = [...this.#known.values()].filter(({ isMethod }) => !isMethod)
    const field = (known: Known): Field => ({
      name: this.isPublic || known.isStatic || known.isInherited ? known.name : `private ${known.name}`,
      ...fieldType(known, this.module.uses.indexed),
    })
    return {
      statics: own.filter(({ isStatic }) => isStatic).map(field),
      fields: own.filter(({ isStatic }) => !isStatic).map(field),
    }
  }

  /** Returns the finished class, with its methods in the order of `ordered`. */
  finish(more: Omit<UserClass, 'name' | 'fields' | 'methods'>): UserClass {
    const { statics, fields } = this.fields()
    return {
      name: this.name,
      ...more,
      statics: [...more.statics, ...statics],
      fields,
      methods: ordered(this.methods),
      ...(this.notes.length > 0 && { notes: this.notes }),
    }
  }
}

/** Sorts the methods: `onStart`, tasks, `onStop`, and then the methods that the earlier methods call. */
function ordered(methods: readonly Method[]): Method[] {
  const rank = (method: Method): number =>
    method.name === 'onStart' ? 0 : method.task ? 1 : method.name === 'onStop' ? 2 : 3
  return methods.toSorted((a, b) => rank(a) - rank(b))
}

function returnsResponse({ body }: PyFunction): boolean {
  return body.some(
    (stmt) =>
      stmt.t === 'return' &&
      stmt.of?.t === 'call' &&
      stmt.of.of.t === 'attr' &&
      stmt.of.of.of.t === 'attr' &&
      stmt.of.of.of.name === 'client',
  )
}

export const setField = (name: string, value: Expr): Stmt => expression(assign(member(self, name), value))
