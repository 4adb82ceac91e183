import { types } from 'node:util'

/** The fields that are not handed over, because burst sets them on each instance, or because they are the same for all users of a class. */
const given: ReadonlySet<string> = new Set(['http', 'random', 'index', 'data', 'vars', 'tasks', 'wait'])
/** The maximum number of values in the fields of one user. A user with more values is not handed over. */
const mostValues = 100_000

/**
 * The fields of a user's instance, in a form that another process can receive. `functions` are the names of fields that contain functions. The
 * functions themselves are not sent, because the constructor in the other process creates them again.
 */
export interface OwnFields {
  values: Record<string, unknown>
  functions: string[]
}

/** Returns the own fields of an instance. If another process cannot receive one of the fields, returns the reason as a string. */
export function ownFieldsOf(instance: object): OwnFields | string {
  const fields: OwnFields = { values: {}, functions: [] }
  let left = mostValues
  const may = (): boolean => left-- > 0
  for (const [name, field] of Object.entries(Object.getOwnPropertyDescriptors(instance))) {
    const value: unknown = field.value
    if (given.has(name) || !Object.prototype.propertyIsEnumerable.call(instance, name)) continue
    if (typeof value === 'function') fields.functions.push(name)
    else if ('get' in field || !isPlain(value, new Set(), may)) return `the field ${name} holds ${kindOf(value)}`
    else define(fields.values, name, value)
  }
  const hidden = privateFieldOf(instance)
  return hidden === undefined ? fields : `the class has the private field ${hidden}`
}

/**
 * Copies the fields of another instance to a newly created instance, and deletes the fields that only the new instance has.
 * @returns false when the new instance lacks a function that the other instance had
 */
export function restoreOwnFields(instance: object, { values, functions }: OwnFields): boolean {
  const known = new Set([...Object.keys(values), ...functions])
  for (const name of Object.keys(instance)) {
    if (!known.has(name) && !given.has(name)) Reflect.deleteProperty(instance, name)
  }
  for (const [name, value] of Object.entries(values)) {
    define(instance, name, value)
  }
  return functions.every((name) => typeof (instance as Record<string, unknown>)[name] === 'function')
}

/** Sets a property, even if its name is `__proto__`. (An assignment to `__proto__` would set the prototype.) */
function define(owner: object, name: string, value: unknown): void {
  Object.defineProperty(owner, name, { value, configurable: true, enumerable: true, writable: true })
}

/**
 * Returns whether `structuredClone` of a value is equal to the value. An instance of a class is not equal to its clone, because the clone is a plain
 * object.
 */
function isPlain(value: unknown, seen: Set<object>, may: () => boolean): boolean {
  if (!may()) return false
  if (typeof value === 'function' || typeof value === 'symbol') return false
  if (typeof value !== 'object' || value === null || seen.has(value)) return true
  seen.add(value)
  const inside = insideOf(value)
  return inside !== undefined && inside.every((one) => isPlain(one, seen, may))
}

/** Returns the values that an object contains; undefined if an object of this kind cannot be handed over. */
function insideOf(value: object): unknown[] | undefined {
  if (types.isProxy(value)) return undefined
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Map.prototype) return [...(value as Map<unknown, unknown>)].flat(1)
  if (prototype === Set.prototype) return [...(value as Set<unknown>)]
  if (prototype === Object.prototype || prototype === null || prototype === Array.prototype) return valuesOf(value)
  return isLeaf(value, prototype) ? [] : undefined
}

function valuesOf(value: object): unknown[] | undefined {
  const descriptors = Object.values(Object.getOwnPropertyDescriptors(value))
  return descriptors.some((one) => 'get' in one) ? undefined : descriptors.map((one) => one.value as unknown)
}

const typedArray: unknown = Object.getPrototypeOf(Uint8Array.prototype)
const leaves: ReadonlySet<unknown> = new Set([
  Date.prototype,
  RegExp.prototype,
  ArrayBuffer.prototype,
  Buffer.prototype,
])

function isLeaf(value: object, prototype: unknown): boolean {
  if (leaves.has(prototype) || types.isBoxedPrimitive(value)) return true
  return types.isTypedArray(value) && Object.getPrototypeOf(prototype) === typedArray
}

/** Returns the kind of a value in words. */
function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`
  if (types.isProxy(value)) return 'a proxy'
  const name = (value as { constructor?: { name?: unknown } }).constructor?.name
  return typeof name === 'string' && name !== 'Object' && name !== 'Array'
    ? `a ${name.slice(0, 80)}`
    : 'an instance of a class'
}

const declared = /^[ \t]*(#[\p{ID_Start}$_][\p{ID_Continue}$]*)(?:[ \t]*=|;)/mu

/**
 * Returns the name of a private field that the scenario's own classes declare. The values of private fields cannot be handed over, because code
 * outside a class cannot read them.
 */
function privateFieldOf(instance: object): string | undefined {
  let level = Object.getPrototypeOf(instance) as { constructor: unknown } | null
  while (level && typeof level.constructor === 'function') {
    const above = Object.getPrototypeOf(level) as { constructor: unknown } | null
    // Skips HttpUser (the last class in the prototype chain before Object), because burst sets its private fields.
    const isBursts = above === null || Object.getPrototypeOf(above) === null
    const found = isBursts ? null : declared.exec(Function.prototype.toString.call(level.constructor))
    if (found) return found[1]
    level = above
  }
  return undefined
}
