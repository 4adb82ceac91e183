import { types } from 'node:util'

/** What burst gives to each instance, and what its class says of all. */
const given: ReadonlySet<string> = new Set(['http', 'random', 'index', 'data', 'vars', 'tasks', 'wait'])
/** Values inside the fields of one user that are looked at; one with more is not carried over. */
const mostValues = 100_000

/** Own fields of a user's instance that another process can have; `functions` are there again when it is made there. */
export interface OwnFields {
  values: Record<string, unknown>
  functions: string[]
}

/**
 * The own fields of an instance.
 * @returns a sentence, where one of them is of a kind that another process cannot have
 */
export function ownFieldsOf(instance: object): OwnFields | string {
  const fields: OwnFields = { values: {}, functions: [] }
  let left = mostValues
  const may = (): boolean => left-- > 0
  for (const [name, field] of Object.entries(Object.getOwnPropertyDescriptors(instance))) {
    const value: unknown = field.value
    if (given.has(name) || !Object.prototype.propertyIsEnumerable.call(instance, name)) continue
    if (typeof value === 'function') fields.functions.push(name)
    else if ('get' in field || !isPlain(value, new Set(), may)) return `its field ${name} holds ${kindOf(value)}`
    else fields.values[name] = value
  }
  const hidden = privateFieldOf(instance)
  return hidden === undefined ? fields : `its class has the private field ${hidden}`
}

/**
 * Gives an instance that has just been made the fields of another one.
 * @returns false when a function is missing: then it is another kind of user than the one before
 */
export function restoreOwnFields(instance: object, { values, functions }: OwnFields): boolean {
  const known = new Set([...Object.keys(values), ...functions])
  for (const name of Object.keys(instance)) {
    if (!known.has(name) && !given.has(name)) Reflect.deleteProperty(instance, name)
  }
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(instance, name, { value, configurable: true, enumerable: true, writable: true })
  }
  return functions.every((name) => typeof (instance as Record<string, unknown>)[name] === 'function')
}

/** Whether `structuredClone` gives the same again: it takes an object of a class for a plain one. */
function isPlain(value: unknown, seen: Set<object>, may: () => boolean): boolean {
  if (!may()) return false
  if (typeof value === 'function' || typeof value === 'symbol') return false
  if (typeof value !== 'object' || value === null || seen.has(value)) return true
  seen.add(value)
  const inside = insideOf(value)
  return inside !== undefined && inside.every((one) => isPlain(one, seen, may))
}

/** What a value of a kind that can be carried holds; undefined for other kinds. */
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

/** As a sentence has it. */
function kindOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`
  const name = (value as { constructor?: { name?: unknown } }).constructor?.name
  return typeof name === 'string' && name !== 'Object' && name !== 'Array'
    ? `a ${name.slice(0, 80)}`
    : 'something of a class'
}

const declared = /^[ \t]*(#[\p{ID_Start}$_][\p{ID_Continue}$]*)(?:[ \t]*=|;)/mu

/** A private field of the scenario's own classes: nobody outside can read it. */
function privateFieldOf(instance: object): string | undefined {
  let level = Object.getPrototypeOf(instance) as { constructor: unknown } | null
  while (level && typeof level.constructor === 'function') {
    const above = Object.getPrototypeOf(level) as { constructor: unknown } | null
    // The last level before Object is HttpUser itself, whose private fields burst fills.
    const isBursts = above === null || Object.getPrototypeOf(above) === null
    const found = isBursts ? null : declared.exec(Function.prototype.toString.call(level.constructor))
    if (found) return found[1]
    level = above
  }
  return undefined
}
