import { type Expr, binary, call, fromModule, id, num, str } from '../../../scenario/code.ts'

/** Returns true for a value that `===` compares by its content. */
export function isPrimitive(value: Expr): boolean {
  return ['str', 'num', 'bool', 'null', 'undefined', 'template', 'unary', 'binary'].includes(value.k)
}

/** Returns a comparison of two values by their content. */
export function sameAs(left: Expr, right: Expr): Expr {
  if (isPrimitive(right)) return binary(right.k === 'num' ? numeric(left) : left, '===', right)
  return call(fromModule('isDeepStrictEqual', 'node:util'), left, right)
}

/** Returns true for an expression such as `this.vars.name ?? ''`, whose value is a string from the command line. */
export function isVariable(expr: Expr): boolean {
  return expr.k === 'binary' && expr.op === '??'
}

/** Converts a variable of the command line, which is a string, to a number. Other values stay unchanged. */
export function numeric(expr: Expr): Expr {
  return isVariable(expr) ? call(id('Number'), expr) : expr
}

/** Returns the value at a path such as `a.b[0]`. */
export function alongPath(of: Expr, path: string): Expr {
  const parts = path.split(/[.[\]]+/).filter((part) => part !== '')
  return parts.reduce<Expr>(
    (found, part, index) => ({
      k: 'index',
      of: found,
      at: /^\d+$/.test(part) ? num(Number(part)) : str(part),
      ...(index > 0 && { optional: true }),
    }),
    of,
  )
}
