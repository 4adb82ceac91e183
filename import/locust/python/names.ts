import type { Py } from './syntax.ts'

/** Returns a dotted path of names such as `a.b.c`; null for any other expression. */
export function dottedName(py: Py): string | null {
  if (py.t === 'name') return py.id
  if (py.t !== 'attr') return null
  const of = dottedName(py.of)
  return of === null ? null : `${of}.${py.name}`
}
