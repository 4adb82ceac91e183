import type { Expr } from '../code.ts'
import { printChain } from './chains.ts'
import { type Doc, firstCharacter, group, indent, line, softline } from './doc.ts'
import { printArrow } from './functions.ts'
import { printArguments, printArray, printObject } from './lists.ts'
import { inTemplate, numeral, quoted, regexLiteral } from './literals.ts'
import { binaryParts, printAssignment, within } from './operators.ts'
import { printExpr } from './printer.ts'

type Printers = { [K in Expr['k']]: (expr: Extract<Expr, { k: K }>) => Doc }

const printers: Printers = {
  id: ({ name }) => name,
  import: ({ name }) => name,
  snippet: ({ name }) => name,
  this: () => 'this',
  super: () => 'super',
  null: () => 'null',
  undefined: () => 'undefined',
  str: ({ value }) => quoted(value),
  num: ({ value }) => numeral(value),
  bool: ({ value }) => String(value),
  regex: ({ source, flags }) => regexLiteral(source, flags),
  template: ({ parts }) => ['`', parts.map((part) => (typeof part === 'string' ? inTemplate(part) : hole(part))), '`'],
  array: ({ items }) => printArray(items),
  object: ({ entries, broken }) => printObject(entries, broken ?? false),
  member: (expr) => printChain(expr),
  index: (expr) => printChain(expr),
  call: (expr) => printChain(expr),
  new: ({ of, args, types }) => ['new ', printExpr(of), types === undefined ? '' : `<${types}>`, printArguments(args)],
  unary: ({ op, of }) => {
    if (of.k !== 'binary') return [op, /\w$/.test(op) ? ' ' : '', within(of, of.k === 'await' ? 16 : 15)]
    return [op, /\w$/.test(op) ? ' ' : '', '(', group(indent(softline, binaryParts(of)), softline), ')']
  },
  postfix: ({ op, of }) => [within(of, 18), op],
  binary: (expr) => {
    const [first = '', ...rest] = binaryParts(expr)
    return group(first, indent(rest))
  },
  cond: ({ test, yes, no }) =>
    group(
      within(test, test.k === 'as' ? 12 : 4),
      indent(line, '? ', indent(branch(yes)), line, ': ', indent(branch(no))),
    ),
  assign: ({ op, to, value }) => printAssignment(printExpr(to), ` ${op}`, value),
  arrow: (expr) => printArrow(expr),
  await: ({ of }) => ['await ', within(of, 15)],
  spread: ({ of }) => ['...', printExpr(of)],
  present: ({ of }) => [within(of, 18), '!'],
  as: ({ of, type }) => [within(of, 12), ' as ', type],
}

export function expressionDoc(expr: Expr): Doc {
  return (printers[expr.k] as (expr: Expr) => Doc)(expr)
}

/** Prints a branch of a condition. In a branch, `??` gets parentheses, as in prettier. */
function branch(expr: Expr): Doc {
  return expr.k === 'binary' && expr.op === '??' ? ['(', printExpr(expr), ')'] : within(expr, 3)
}

function hole(expr: Expr): Doc {
  return ['${', flat(printExpr(expr)), '}']
}

/** Returns a document without line breaks, because an expression in a template literal stays on one line. */
function flat(doc: Doc): Doc {
  if (typeof doc === 'string') return doc
  if (Array.isArray(doc)) {
    const docs = doc as readonly Doc[]
    // Line breaks before the methods of a chain are removed.
    return docs.map((one, index) => (isLine(one) && firstCharacter(docs[index + 1] ?? '') === '.' ? '' : flat(one)))
  }
  const one = doc as Exclude<Doc, string | readonly Doc[]>
  if (one.d === 'line') return one.hard ? ' ' : one.flat
  if (one.d === 'ifBroken') return flat(one.flat)
  if (one.d === 'choice') return flat(one.of[0] ?? '')
  return flat(one.of)
}

function isLine(doc: Doc): boolean {
  return typeof doc === 'object' && 'd' in doc && doc.d === 'line'
}
