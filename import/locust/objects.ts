import { type Expr, id, member } from '../scenario/code.ts'
import { type Type, any, unified } from './code/value-types.ts'
import type { Module, ObjectClass, Value } from './frame.ts'
import type { Py } from './python/syntax.ts'

type Objects = Module['objects']

/** Returns the first class for which `has` is true: the class of an object, or the nearest base class. Returns null if no class matches. */
export function classWith(objects: Objects, cls: string, has: (one: ObjectClass) => boolean): ObjectClass | null {
  const seen = new Set<string>()
  for (let at: string | null = cls; at !== null && !seen.has(at); at = objects.get(at)?.base ?? null) {
    seen.add(at)
    const one = objects.get(at)
    if (one && has(one)) return one
  }
  return null
}

export function objectType(objects: Objects, cls: string): Type {
  return { kind: 'object', cls: { python: cls, name: objects.get(cls)?.name ?? 'any' } }
}

type Signature = NonNullable<ReturnType<ObjectClass['methods']['get']>>

/** Returns the method of an object. If the class of the object is unknown, returns the method of the first class that has a method of this name. */
export function methodNamed(objects: Objects, { cls }: Type, name: string): Signature | null {
  const has = ({ methods }: ObjectClass): boolean => methods.has(name)
  const found = cls ? classWith(objects, cls.python, has) : [...objects.values()].find(has)
  return found?.methods.get(name) ?? null
}

/** Translates a field or a property of an object whose class is in the file. Returns null for any other value. */
export function ofObject({ name }: Extract<Py, { t: 'attr' }>, owner: Value, module: Module): Value | null {
  const { kind, cls } = owner.type
  if (!cls && !(kind === 'any' && isOnlyOfObjects(module, name))) return null
  const own = module.objectMembers.get(name) ?? name
  if (!cls) return { expr: member(owner.expr, own), type: any }
  const one = classWith(module.objects, cls.python, ({ fields }) => fields.has(name))
  return { expr: member(staticOwner(owner, name, module.objects), own), type: one?.fields.get(name) ?? any }
}

/** Returns true if a class of the file has a member with this name, and no record has such a member. */
function isOnlyOfObjects({ objectMembers, records }: Module, name: string): boolean {
  return objectMembers.has(name) && ![...records.values()].some(({ params }) => params.includes(name))
}

/** Returns the class if all objects of the class share the field; otherwise returns the object. */
export function staticOwner({ expr, type: { cls } }: Value, name: string, objects: Objects): Expr {
  const one = cls ? classWith(objects, cls.python, ({ statics }) => statics.has(name)) : null
  return one ? id(one.name) : expr
}

/** Records the type of a value that code assigns to a field. */
export function noteField(objects: Objects, cls: string, { name, type }: { name: string; type: Type }): void {
  const one = classWith(objects, cls, ({ fields }) => fields.has(name))
  const known = one?.fields.get(name)
  one?.fields.set(name, known === undefined || known === unset ? type : unified(known, type))
}

/** The type of a field until the code assigns a value to it. */
export const unset: Type = { kind: 'any' }
