import { type Expr, bool, num, str } from '../../scenario/code.ts'
import { type Type, any, typeText } from '../code/value-types.ts'
import type { Member } from '../frame.ts'

/** A field or a method of a user class in TypeScript. The importer changes this object until the importer writes the class. */
export interface Known {
  name: string
  type: Type
  isMethod: boolean
  isProperty: boolean
  isStatic: boolean
  params?: readonly string[]
  initial: Expr | null
  /** `true` if a base class in the file declares the member. */
  isInherited: boolean
  reads: { text: number; other: number }
}

export function plain(name: string): Known {
  return {
    name,
    type: any,
    isMethod: false,
    isProperty: false,
    isStatic: false,
    initial: null,
    isInherited: false,
    reads: { text: 0, other: 0 },
  }
}

export function readable(known: Known, owner: string): Member {
  const { name, type, isMethod, isProperty, isStatic, params } = known
  const read = (isText: boolean): void => void known.reads[isText ? 'text' : 'other']++
  return { name, type, isMethod, isProperty, staticOf: isStatic ? owner : null, read, ...(params && { params }) }
}

const initials: Partial<Record<Type['kind'], [Expr, string?]>> = {
  str: [str('')],
  num: [num(0)],
  bool: [bool(false)],
  lost: [str('TODO')],
  list: [{ k: 'array', items: [] }, 'list'],
  dict: [{ k: 'object', entries: [] }, 'dict'],
}

export function fieldType(known: Known, indexed: ReadonlySet<string>): { type?: string; value?: Expr } {
  const { name, type, initial } = known
  if (!initial || initial.k === 'null') return unsetField(known)
  if (initial.k === 'object' && (indexed.has(name) || initial.entries.length === 0))
    return { type: 'Record<string, any>', value: initial }
  if (initial.k === 'array' && initial.items.length === 0) return { type: 'any[]', value: initial }
  return type.kind === 'any' ? { type: 'any', value: initial } : { value: initial }
}

/**
 * Returns the type and the initial value of a field that Python declares without an initial value, or with the value None. The values that later code
 * assigns determine the result.
 */
function unsetField({ type, initial, reads }: Known): { type?: string; value?: Expr } {
  const onlyText = type.kind === 'any' && reads.other === 0 && reads.text > 0
  const known = onlyText ? initials.str : initials[type.kind]
  if (!known) return initial ? { type: 'any', value: initial } : { type: 'any' }
  return known[1] === undefined ? { value: known[0] } : { type: typeText(type), value: known[0] }
}
