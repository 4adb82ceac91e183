import type { Pattern } from '../../scenario/code.ts'
import { membersOfUser } from '../../scenario/names.ts'
import { type Node, propertyName } from '../syntax.ts'

/** Names that the generated file itself uses. */
const taken = new Set(
  `HttpUser Response RunContext Random Visitor arrivals between burst checkAll constant countUp createHash createHmac csv file formOf hold join json
  betweenTexts pickOne ramp rampArrivals randomInteger randomText readFileSync run scenario send setTimeout task pacing throughput
  process`.split(/\s+/),
)

/** Returns the name of a variable in the generated file. */
export function ownName(name: string): string {
  return taken.has(name) ? `${name}_` : name
}

const globals = new Set(
  `Array ArrayBuffer BigInt Boolean Buffer DataView Date Error EvalError Float32Array Float64Array Infinity Int8Array Int16Array Int32Array
  Intl JSON Map Math NaN Number Object Promise Proxy RangeError ReferenceError Reflect RegExp Set String Symbol SyntaxError TextDecoder
  TextEncoder TypeError URIError URL URLSearchParams Uint8Array Uint16Array Uint32Array WeakMap WeakSet atob btoa clearTimeout console
  crypto decodeURI decodeURIComponent encodeURI encodeURIComponent escape isFinite isNaN parseFloat parseInt setTimeout structuredClone
  unescape`.split(/\s+/),
)

/** Returns true if the name is a global of Node that scripts may use. */
export function isGlobal(name: string): boolean {
  return globals.has(name)
}

/** Members of the generated class, and members that JavaScript itself uses. */
const ofClasses = new Set('iteration constructor then toString valueOf toJSON'.split(' '))

/** Returns the name of a member of the class. */
export function ownMember(name: string): string {
  return membersOfUser.has(name) || ofClasses.has(name) ? `${name}_` : name
}

export function takenNames(): string[] {
  return [...taken, ...globals]
}

function itemOf(node: Node): string | Pattern | null {
  if (node.type !== 'RestElement') return patternOf(node)
  return node.argument.type === 'Identifier' ? `...${ownName(node.argument.name)}` : null
}

/** Returns a name, or a pattern of names without defaults; null for any other pattern. */
export function patternOf(node: Node): string | Pattern | null {
  if (node.type === 'Identifier') return ownName(node.name)
  if (node.type === 'ArrayPattern') {
    const names = node.elements.map((one) => (one === null ? null : (itemOf(one) ?? undefined)))
    return names.includes(undefined) ? null : { array: names as (string | Pattern | null)[] }
  }
  if (node.type !== 'ObjectPattern') return null
  const pairs = node.properties.map((one): [string, string] | null => {
    const key = propertyName(one)
    return one.type === 'Property' && key !== null && one.value.type === 'Identifier'
      ? [key, ownName(one.value.name)]
      : null
  })
  return pairs.includes(null) ? null : { object: pairs as [string, string][] }
}
