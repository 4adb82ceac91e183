import type { Expr } from '../code.ts'
import { type Doc, breaks, brokenGroup, choice, group, hardline, indent, softline } from './doc.ts'
import { printArguments } from './lists.ts'
import { isPlainKey, quoted } from './literals.ts'
import { within } from './operators.ts'
import { printExpr } from './printer.ts'

type Link = Extract<Expr, { k: 'member' | 'index' | 'call' }>

/** One link of a chain: `.name`, `[index]` or `(arguments)`. */
interface Piece {
  doc: Doc
  link: Link
}

/** Prints a chain such as `a.b.c(…).d(…)` on one line if it fits. Otherwise, a chain with two or more calls has each call on a separate line. */
export function printChain(expr: Link): Doc {
  const { head, pieces } = piecesOf(expr)
  const groups = grouped(head, pieces)
  const oneLine: Doc = [printHead(head), ...pieces.map(({ doc }) => doc)]
  const [first, ...rest] = groups
  const cutoff = isShortHead(head, first) ? 3 : 2
  if (groups.length <= cutoff && !rest.slice(cutoff).some((piece) => breaks(piece.map(({ doc }) => doc))))
    return group(oneLine)
  const merged = cutoff === 3 ? rest.slice(0, 1) : []
  const later = rest.slice(merged.length)
  const lines = later.map((piece): Doc => [hardline, piece.map(({ doc }) => doc)])
  const expanded = brokenGroup(
    printHead(head),
    [...first, ...merged.flat()].map(({ doc }) => doc),
    indent(lines),
  )
  const calls = pieces.filter(({ link }) => link.k === 'call')
  if (calls.length < 2) return group(oneLine)
  const isBusy =
    calls.length > 2 && calls.some(({ link }) => link.k === 'call' && !link.args.every((arg) => isSimple(arg, 0)))
  if (isBusy || later.slice(0, -1).some((piece) => breaks(piece.map(({ doc }) => doc)))) return expanded
  return choice(oneLine, expanded)
}

function piecesOf(expr: Link): { head: Expr; pieces: Piece[] } {
  const pieces: Piece[] = []
  let head: Expr = expr
  while (head.k === 'member' || head.k === 'index' || head.k === 'call') {
    pieces.unshift({ doc: printLink(head), link: head })
    head = head.of
  }
  return { head, pieces }
}

function printHead(head: Expr): Doc {
  if (head.k === 'num') return ['(', printExpr(head), ')']
  return head.k === 'await' ? group('(', indent(softline, printExpr(head)), softline, ')') : within(head, 18)
}

function printLink(link: Link): Doc {
  const mark = link.optional ? '?.' : ''
  if (link.k === 'call') return [mark, link.types === undefined ? '' : `<${link.types}>`, printArguments(link.args)]
  if (link.k === 'member') return isPlainKey(link.name) ? [mark || '.', link.name] : [mark, '[', quoted(link.name), ']']
  if (link.at.k === 'str' && isPlainKey(link.at.value)) return [mark || '.', link.at.value]
  return [mark, '[', printExpr(link.at), ']']
}

/**
 * Groups the links as prettier does. The first group contains the links before the first call. Each of the following groups contains a call and the
 * names before this call.
 */
function grouped(head: Expr, pieces: readonly Piece[]): [Piece[], ...Piece[][]] {
  let at = 0
  const first: Piece[] = []
  const kindAt = (index: number): string | undefined => pieces[index]?.link.k
  if (head.k !== 'call') {
    while (kindAt(at) === 'call' || (kindAt(at) === 'index' && isLiteralIndex(pieces[at])))
      first.push(pieces[at++] as Piece)
    while (at + 1 < pieces.length && kindAt(at) !== 'call' && kindAt(at + 1) !== 'call')
      first.push(pieces[at++] as Piece)
  }
  const groups: [Piece[], ...Piece[][]] = [first]
  let current: Piece[] = []
  let hadCall = false
  for (const piece of pieces.slice(at)) {
    if (hadCall && isName(piece.link)) {
      groups.push(current)
      current = []
      hadCall = false
    }
    if (piece.link.k === 'call') hadCall = true
    current.push(piece)
  }
  if (current.length > 0) groups.push(current)
  return groups
}

/** Returns true for `.name` and for an index such as `['name']`, which means the same. */
function isName(link: Link): boolean {
  return link.k === 'member' || (link.k === 'index' && link.at.k === 'str' && isPlainKey(link.at.value))
}

function isLiteralIndex(piece: Piece | undefined): boolean {
  return piece?.link.k === 'index' && ['num', 'str'].includes(piece.link.at.k) && !isName(piece.link)
}

function isShortHead(head: Expr, first: readonly Piece[]): boolean {
  if (first.length > 0) {
    const last = first.at(-1)?.link
    return last?.k === 'member' && /^[A-Z_$]/.test(last.name)
  }
  if (head.k === 'this') return true
  return (head.k === 'id' || head.k === 'import') && (/^[A-Z]|^[_$]+$/.test(head.name) || head.name.length <= 2)
}

/** Returns true if prettier treats an argument as simple (`isSimpleCallArgument`). */
function isSimple(arg: Expr, depth: number): boolean {
  if (depth >= 2) return false
  if (arg.k === 'object')
    return arg.entries.every((entry) => 'value' in entry && !('computed' in entry) && isSimple(entry.value, depth + 1))
  if (arg.k === 'array') return arg.items.every((item) => isSimple(item, depth + 1))
  if (arg.k === 'call')
    return arg.args.length <= 2 && isSimple(arg.of, depth) && arg.args.every((one) => isSimple(one, depth + 1))
  if (arg.k === 'member') return isSimple(arg.of, depth)
  if (arg.k === 'index') return isSimple(arg.of, depth) && ['str', 'num', 'id'].includes(arg.at.k)
  if (arg.k === 'unary') return isSimple(arg.of, depth)
  if (arg.k === 'template') return arg.parts.every((part) => typeof part === 'string' || part.k === 'id')
  return ['id', 'this', 'str', 'num', 'bool', 'null', 'undefined', 'regex', 'import', 'snippet'].includes(arg.k)
}
