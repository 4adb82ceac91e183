import type { Entry, Expr } from '../code.ts'
import {
  type Doc,
  breaks,
  brokenGroup,
  choice,
  group,
  hardline,
  ifBroken,
  indent,
  join,
  line,
  softline,
  unwrapped,
} from './doc.ts'
import { isStatements, printArrow } from './functions.ts'
import { inComment, isPlainKey, propertyKey } from './literals.ts'
import { printAssignment, within } from './operators.ts'
import { printExpr } from './printer.ts'

export function printArray(items: readonly Expr[]): Doc {
  if (items.length === 0) return '[]'
  const printed = items.map(printExpr)
  const kinds = new Set(items.map((item) => item.k))
  const isTable = items.length > 1 && kinds.size === 1 && items.every((item) => sizeOf(item) > 1)
  const fill = items.length > 1 && items.every((item) => item.k === 'num')
  const body = [indent(softline, fill ? filled(printed) : join([',', line], printed)), ifBroken(',', ''), softline]
  return isTable && (kinds.has('object') || kinds.has('array')) ? brokenGroup('[', body, ']') : group('[', body, ']')
}

function sizeOf(item: Expr): number {
  if (item.k === 'object') return item.entries.length
  return item.k === 'array' ? item.items.length : 0
}

/** Returns the items of a list, with as many items on each line as fit. */
function filled(docs: readonly Doc[]): Doc {
  return docs.map((doc, index) => (index === 0 ? doc : [',', group(line, doc)]))
}

export function printObject(entries: readonly Entry[], broken: boolean): Doc {
  if (entries.length === 0) return '{}'
  const printed = entries.map((entry, index) => printEntry(entry, index === entries.length - 1))
  const isBroken =
    broken || entries.some((entry) => 'comment' in entry || ('comments' in entry && entry.comments?.length))
  const body = [indent(line, join(line, printed)), line]
  return isBroken ? brokenGroup('{', body, '}') : group('{', body, '}')
}

/**
 * Options that cannot be strings. If burst cannot translate the value of such an option, the placeholder gets the type `any`, so that the scenario
 * compiles.
 */
const notStrings = new Set(['bytes', 'form', 'headers', 'ms', 'params', 'query', 'timeout'])

function printEntry(entry: Entry, isLast: boolean): Doc {
  if ('comment' in entry) return `// ${inComment(entry.comment)}`
  const comma = isLast ? ifBroken(',', '') : ','
  if ('spread' in entry) return ['...', within(entry.spread, 2), comma]
  if ('computed' in entry) return ['[', printExpr(entry.computed), ']: ', within(entry.value, 2), comma]
  const comments = (entry.comments ?? []).map((text): Doc => [`// ${inComment(text)}`, hardline])
  const { key, value: given } = entry
  const isLost = given.k === 'str' && given.value === 'TODO' && notStrings.has(key)
  const value: Expr = isLost ? { k: 'as', of: given, type: 'any' } : given
  const isShort = value.k === 'id' && value.name === key && isPlainKey(key) && key !== '__proto__'
  return [comments, isShort ? key : printAssignment(propertyKey(key), ':', value), comma]
}

/** Prints the arguments of a call. If the last argument is a function, an object or a list, its opening bracket can stay on the line of the call. */
export function printArguments(args: readonly Expr[]): Doc {
  if (args.length === 0) return '()'
  const printed = args.map((arg) => within(arg, arg.k === 'spread' ? 1 : 2))
  const all = [indent(softline, join([',', line], printed)), ifBroken(',', ''), softline]
  const last = args.at(-1) as Expr
  const others = printed.slice(0, -1)
  if (!isHuggable(last) || others.some(breaks) || args.slice(0, -1).some((arg) => arg.k === last.k))
    return group('(', all, ')')
  const end = printed.at(-1) ?? ''
  const start: Doc = others.map((doc) => [doc, ', '])
  const flatOrBroken = [['(', start, end, ')'], brokenGroup('(', all, ')')] as const
  const hug = printed.length === 1 ? huggedAlone(last, end) : hugged(last, end)
  return hug ? choice(flatOrBroken[0], ['(', start, hug, ')'], flatOrBroken[1]) : choice(...flatOrBroken)
}

function isHuggable(last: Expr): boolean {
  if (last.k === 'object') return last.entries.length > 0
  if (last.k === 'array') return last.items.length > 1
  return last.k === 'arrow'
}

/**
 * Prints the only argument of a call. If the argument is an arrow function that has parameters and returns a call, the returned call begins on a new
 * line.
 */
function huggedAlone(last: Expr, printed: Doc): Doc | null {
  return last.k === 'arrow' && !isStatements(last.body) && last.body.k === 'call' && last.params.length > 0
    ? printArrow(last, true)
    : huggedBrackets(last, printed)
}

/**
 * Prints the last argument of a call so that the argument begins on the line of the call and continues on the next lines. Returns null if the
 * argument must begin on a new line.
 */
function hugged(last: Expr, printed: Doc): Doc | null {
  const isCall = last.k === 'arrow' && !isStatements(last.body) && last.body.k === 'call'
  return isCall ? printArrow(last, true) : huggedBrackets(last, printed)
}

function huggedBrackets(last: Expr, printed: Doc): Doc | null {
  if (last.k !== 'arrow') return brokenGroup(unwrapped(printed))
  if (isStatements(last.body)) return printed
  return last.body.k === 'object' || last.body.k === 'array' ? printArrow(last, true) : null
}
