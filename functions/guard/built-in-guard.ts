import { few } from '../../core/words.ts'

/** Built-ins of the language and the global scope that the engine and its libraries use. */
const globals = (
  'setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate queueMicrotask performance process ' +
  'Buffer URL URLSearchParams TextEncoder TextDecoder AbortController Array Object Map ' +
  'Set WeakMap WeakSet WeakRef Promise JSON Math String Number ' +
  'BigInt Boolean Symbol RegExp Date Function Reflect Error TypeError ' +
  'RangeError ArrayBuffer SharedArrayBuffer Atomics DataView Uint8Array Uint16Array Int32Array Float64Array ' +
  'structuredClone parseInt parseFloat encodeURIComponent decodeURIComponent'
).split(' ')
/** Members that the scenario may replace. `Math.random` is burst's own random stream. The other members control the format of stack traces. */
const free = new Set(['Math.random', 'Error.stackTraceLimit', 'Error.prepareStackTrace'])
/** The members of `process` that the engine uses. Other members of `process` may change. */
const ofProcess = ['nextTick', 'hrtime', 'memoryUsage']

/** Members that must not be added to a prototype. Such members would change how all objects are converted to JSON, awaited, copied or described. */
const notToBeAdded: readonly (readonly [string, PropertyKey])[] = [
  ...['Object', 'Array', 'Function', 'String', 'Number', 'Boolean'].map((name) => [name, 'toJSON'] as const),
  ...['Object', 'Array', 'Function'].map((name) => [name, 'then'] as const),
  ...['get', 'set', 'value', Symbol.iterator, Symbol.toPrimitive].map((key) => ['Object', key] as const),
]

const { deleteProperty, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, ownKeys } = Reflect

/** Prototypes that have no name in the global scope. Loops, destructuring and generators use them. */
const hiddenPrototypes: readonly (readonly [string, object])[] = [
  ['Iterator.prototype', prototypeOf(prototypeOf([][Symbol.iterator]()))],
  ['ArrayIterator.prototype', prototypeOf([][Symbol.iterator]())],
  ['MapIterator.prototype', prototypeOf(new Map()[Symbol.iterator]())],
  ['SetIterator.prototype', prototypeOf(new Set()[Symbol.iterator]())],
  ['StringIterator.prototype', prototypeOf(''[Symbol.iterator]())],
  ['RegExpStringIterator.prototype', prototypeOf(''.matchAll(/x/g))],
  ['Generator.prototype', prototypeOf(prototypeOf((function* () {})()))],
  ['AsyncGenerator.prototype', prototypeOf(prototypeOf((async function* () {})()))],
]

export interface Known {
  owner: object
  key: PropertyKey
  name: string
  /**
   * The original member. Undefined if the owner had no own member with this name. A member that the scenario adds to the owner would then hide an
   * inherited member with this name.
   */
  was: PropertyDescriptor | undefined
}

/**
 * Records the built-ins of the language before the scenario is loaded. Restores the built-ins that the scenario's code replaces, for example with
 * fake timers, patched prototypes, or another `URL` or `Map`. The HTTP client needs the original built-ins. With replaced built-ins, it would hang or
 * count incorrectly. Members that the scenario adds under new names are not removed, except the members in `notToBeAdded`.
 */
export class BuiltInGuard {
  /**
   * The members that must not be added come first, because they must be removed before other members are restored. Otherwise, the descriptors of the
   * other members would inherit a member that was added to Object.prototype.
   */
  readonly #known: Known[] = [...notToBeAdded.map(knownAbsence), ...globals.flatMap((name) => knownOf(name))]
  readonly #notice: (text: string) => void

  constructor(notice: (text: string) => void) {
    this.#notice = notice
    for (const key of ofProcess) this.#known.push(known(process, key, `process.${key}`))
    this.#known.push(known(performance, 'now', 'performance.now'))
    const typed = getPrototypeOf(Uint8Array) as { prototype: object }
    for (const key of ownKeys(typed.prototype))
      this.#known.push(known(typed.prototype, key, `TypedArray.${String(key)}`))
    for (const [name, owner] of hiddenPrototypes) this.#known.push(...codeIn(owner, `${name}.`))
  }

  /**
   * Restores the replaced members, removes added members that are in `notToBeAdded`, and reports both.
   * @returns the names of members that cannot be restored because they are sealed
   */
  restore(): string[] {
    // This code uses index loops instead of array methods, destructuring and `for … of`, because the scenario may have replaced the methods or the
    // iterator.
    const restored: string[] = []
    const removed: string[] = []
    const sealed: string[] = []
    for (let index = 0; index < this.#known.length; index++) {
      const one = this.#known[index] as Known
      if (isAsItWas(one)) continue
      const names = !putBack(one) ? sealed : one.was ? restored : removed
      names[names.length] = one.name
    }
    if (restored.length > 0) this.#notice(inWords(restored))
    if (removed.length > 0) this.#notice(removedInWords(removed))
    return sealed
  }

  /**
   * Restores the built-ins if the scenario replaced one of the built-ins that the engine uses most (`isTouched`). The check must be fast, because it
   * runs whenever user code returns to the engine.
   */
  check(): void {
    if (isTouched()) this.restore()
  }
}

/* oxlint-disable typescript/unbound-method -- only compared, never called */
const { push, shift, splice, map } = Array.prototype
const { get, set, delete: remove, has } = Map.prototype
const { add } = Set.prototype
const { then } = Promise.prototype
const { allSettled, race, all, resolve, withResolvers } = Promise
const iterate = Array.prototype[Symbol.iterator]
const arrayIterator = prototypeOf([][Symbol.iterator]()) as { next: unknown }
const { next } = arrayIterator
const { floor, max, min, round } = Math
const { entries } = Object
const { from, concat, byteLength } = Buffer
const { stringify, parse } = JSON
const noList: readonly never[] = []
const own = {
  setTimeout,
  setImmediate,
  queueMicrotask,
  clearTimeout,
  URL,
  Map,
  Set,
  Promise,
  Date,
  now: performance.now,
}

/** Compares each member in its own expression, because a loop over the names of the members takes ten times as long. */
// oxlint-disable-next-line complexity -- a list of comparisons
function isTouched(): boolean {
  return (
    globalThis.setTimeout !== own.setTimeout ||
    globalThis.setImmediate !== own.setImmediate ||
    globalThis.queueMicrotask !== own.queueMicrotask ||
    globalThis.clearTimeout !== own.clearTimeout ||
    globalThis.URL !== own.URL ||
    globalThis.Map !== own.Map ||
    globalThis.Set !== own.Set ||
    globalThis.Promise !== own.Promise ||
    globalThis.Date !== own.Date ||
    performance.now !== own.now ||
    areMembersTouched()
  )
}

// oxlint-disable-next-line complexity -- a list of comparisons
function areMembersTouched(): boolean {
  return (
    Array.prototype.push !== push ||
    Array.prototype.shift !== shift ||
    Array.prototype.splice !== splice ||
    Array.prototype.map !== map ||
    Map.prototype.get !== get ||
    Map.prototype.set !== set ||
    Map.prototype.delete !== remove ||
    Map.prototype.has !== has ||
    Set.prototype.add !== add ||
    Promise.prototype.then !== then ||
    Promise.allSettled !== allSettled ||
    Promise.race !== race ||
    Promise.all !== all ||
    Promise.resolve !== resolve ||
    Promise.withResolvers !== withResolvers ||
    Array.prototype[Symbol.iterator] !== iterate ||
    arrayIterator.next !== next ||
    Math.floor !== floor ||
    Math.max !== max ||
    Math.min !== min ||
    Math.round !== round ||
    Object.entries !== entries ||
    Buffer.from !== from ||
    Buffer.concat !== concat ||
    Buffer.byteLength !== byteLength ||
    JSON.stringify !== stringify ||
    JSON.parse !== parse ||
    // Members that were added to Array.prototype or Object.prototype.
    'toJSON' in noList ||
    'then' in noList
  )
}

/* oxlint-enable typescript/unbound-method */

function inWords(names: readonly string[]): string {
  return (
    `the scenario replaced ${few(names)}. burst needs the original to send and measure, so burst restored it. ` +
    'If code of the scenario needs another clock, pass the clock to that code'
  )
}

function knownAbsence([name, key]: readonly [string, PropertyKey]): Known {
  const { prototype } = Reflect.get(globalThis, name) as { prototype: object }
  return known(prototype, key, `${name}.prototype.${String(key)}`)
}

function removedInWords(names: readonly string[]): string {
  return (
    `the scenario added ${few(names)}. The addition changes what burst itself sends and counts, so burst removed it. ` +
    'If a class of the scenario needs such a method, add the method to that class'
  )
}

/** Returns a global, its members, and the members of its prototype. */
function knownOf(name: string): Known[] {
  const all = [known(globalThis, name, name)]
  // Node itself changes some members of `process` and `performance`.
  if (name === 'process' || name === 'performance') return all
  const value: unknown = Reflect.get(globalThis, name)
  if (!isObject(value)) return all
  const prototype: unknown = Reflect.get(value, 'prototype')
  return [...all, ...codeIn(value, `${name}.`), ...(isObject(prototype) ? codeIn(prototype, `${name}.prototype.`) : [])]
}

export function prototypeOf(value: object): object {
  return getPrototypeOf(value) as object
}

function isObject(value: unknown): value is object {
  return typeof value === 'function' || (typeof value === 'object' && value !== null)
}

function codeIn(owner: object, path: string): Known[] {
  return ownKeys(owner)
    .filter((key) => !free.has(path + String(key)) && isCode(getOwnPropertyDescriptor(owner, key)))
    .map((key) => known(owner, key, path + String(key)))
}

export function isCode(descriptor: PropertyDescriptor | undefined): boolean {
  return typeof descriptor?.value === 'function' || descriptor?.get !== undefined
}

export function known(owner: object, key: PropertyKey, name: string): Known {
  return { owner, key, name, was: getOwnPropertyDescriptor(owner, key) }
}

export function isAsItWas({ owner, key, was }: Known): boolean {
  const is = getOwnPropertyDescriptor(owner, key)
  if (!is || !was) return is === was
  return is.value === was.value && is.get === was.get && is.set === was.set
}

/**
 * Restores one member.
 * @returns whether the member could be restored; a sealed member cannot be restored
 */
function putBack({ owner, key, was }: Known): boolean {
  return was ? defineProperty(owner, key, was) : deleteProperty(owner, key)
}
