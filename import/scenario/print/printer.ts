import type { Expr, Stmt } from '../code.ts'
import type { Doc } from './doc.ts'

/** The two printers that depend on each other: an expression may contain statements. */
interface Printer {
  expression(expr: Expr): Doc
  block(body: readonly Stmt[]): Doc
}

let printer: Printer | null = null

/** Sets the printers, once, before anything is printed. */
export function usePrinter(given: Printer): void {
  printer = given
}

export function printExpr(expr: Expr): Doc {
  return ready().expression(expr)
}

/** Statements between braces. */
export function printBlock(body: readonly Stmt[]): Doc {
  return ready().block(body)
}

function ready(): Printer {
  if (!printer) throw new Error('usePrinter() comes first')
  return printer
}
