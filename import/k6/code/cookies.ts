import { type Expr, call, self, snippet } from '../../scenario/code.ts'
import { type Frame, lost, note } from '../frame.ts'
import type { Node } from '../syntax.ts'

/** Translates `http.cookieJar()` and `new http.CookieJar()`. In burst, each user has one cookie jar, and the script cannot read this jar. */
export function jarExpr(node: Node, frame: Frame): Expr {
  if (frame.mode !== 'user') return lost(node, frame, 'only users have cookies')
  note(node, frame, 'this jar contains only cookies of the script, which replace the cookies that servers set')
  return call(snippet('cookieJar'), self)
}
