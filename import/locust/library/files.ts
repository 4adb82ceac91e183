import { type Expr, call, fromModule, member, str } from '../../scenario/code.ts'

/** Returns the text of a file beside the scenario. */
export const readText = (path: Expr): Expr =>
  call(
    fromModule('readFileSync', 'node:fs'),
    call(fromModule('join', 'node:path'), member({ k: 'id', name: 'import.meta' }, 'dirname'), path),
    str('utf8'),
  )
