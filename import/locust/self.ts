import { type Expr, id } from '../scenario/code.ts'
import type { Frame } from './frame.ts'
import type { Py } from './python/syntax.ts'

/** Returns true if an expression is the user itself: `self`, `self.user`, `self.parent`, or a parameter that holds a user. */
export function isUser(py: Py, frame: Frame): boolean {
  if (py.t === 'name') return py.id === frame.self?.name || frame.scope.get(py.id)?.type.kind === 'user'
  return py.t === 'attr' && ['user', 'parent', 'locust', '_user'].includes(py.name) && isUser(py.of, frame)
}

/** Returns the user in TypeScript: `this`, or a parameter. */
export function userOf(py: Py, frame: Frame): Expr {
  if (py.t === 'attr') return userOf(py.of, frame)
  if (py.t === 'name' && py.id !== frame.self?.name) return id(frame.scope.get(py.id)?.name ?? 'user')
  return frame.self?.expr ?? { k: 'this' }
}
