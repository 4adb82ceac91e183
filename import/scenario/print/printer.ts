import type { Expr, PlainClass, Stmt } from '../code.ts'
import type { Doc } from './doc.ts'

/** The printers that depend on each other: an expression may contain statements, and a statement may be a class. */
interface Printer {
  expression(expr: Expr): Doc
  block(body: readonly Stmt[]): Doc
  class(one: PlainClass): Doc
}

let printer: Printer | null = null

/** Sets the printers. Must be called once, before any other function of this file. */
export function usePrinter(given: Printer): void {
  printer = given
}

export function printExpr(expr: Expr): Doc {
  return ready().expression(expr)
}

/** Prints statements between braces. */
export function printBlock(body: readonly Stmt[]): Doc {
  return ready().block(body)
}

export function printClass(one: PlainClass): Doc {
  return ready().class(one)
}

function ready(): Printer {
  if (!printer) throw new Error('usePrinter() comes first')
  return printer
}
