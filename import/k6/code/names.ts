import type { Expr, Pattern } from '../../scenario/code.ts'
import { membersOfUser } from '../../scenario/names.ts'
import { type Node, propertyName } from '../syntax.ts'

/** Names that the generated file itself may use. Names of the script must differ from these. */
const taken = new Set(
  `HttpUser Response RunContext Random Visitor arrivals between burst checkAll constant countUp createHash createHmac csv file formOf hold join json
  betweenTexts pickOne ramp rampArrivals randomInteger randomText readFileSync run scenario secondsIn send setTimeout task pacing throughput
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

/** Members of the generated class, and members that JavaScript itself uses. Members of the script must differ from these. */
const ofClasses = new Set('iteration constructor then toString valueOf toJSON'.split(' '))

/** Returns the name of a member of the class. */
export function ownMember(name: string): string {
  return membersOfUser.has(name) || ofClasses.has(name) ? `${name}_` : name
}

export function takenNames(): string[] {
  return [...taken, ...globals]
}

function itemOf(node: Node, value: ValueOf): string | Pattern | null {
  if (node.type !== 'RestElement') return patternOf(node, value)
  return node.argument.type === 'Identifier' ? `...${ownName(node.argument.name)}` : null
}

/** Returns the code of a default value in a pattern; null if the default value has no counterpart. */
type ValueOf = (node: Node) => Expr | null

/** Translates a name or a pattern. Returns null if a part of the pattern has no counterpart. */
export function patternOf(node: Node, value: ValueOf = () => null): string | Pattern | null {
  if (node.type === 'Identifier') return ownName(node.name)
  if (node.type === 'ArrayPattern') {
    const names = node.elements.map((one) => (one === null ? null : (itemOf(one, value) ?? undefined)))
    return names.includes(undefined) ? null : { array: names as (string | Pattern | null)[] }
  }
  if (node.type !== 'ObjectPattern') return null
  const members = node.properties.map((one) => memberOf(one, value))
  const known = members.filter((one) => one !== null)
  return known.length === members.length ? { object: known } : null
}

function memberOf(one: Node, value: ValueOf): readonly [string, string | Pattern, Expr?] | null {
  if (one.type === 'RestElement') {
    const rest = itemOf(one, value)
    return rest === null ? null : ['', rest]
  }
  const key = propertyName(one)
  if (one.type !== 'Property' || key === null) return null
  const isOptional = one.value.type === 'AssignmentPattern'
  const target = patternOf(one.value.type === 'AssignmentPattern' ? one.value.left : one.value, value)
  const otherwise = one.value.type === 'AssignmentPattern' ? value(one.value.right) : null
  if (target === null || (isOptional && !otherwise)) return null
  return otherwise ? [key, target, otherwise] : [key, target]
}
