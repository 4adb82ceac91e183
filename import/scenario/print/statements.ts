import type { Expr, Func, Stmt } from '../code.ts'
import {
  type Doc,
  brokenGroup,
  firstCharacter,
  group,
  hardline,
  ifBroken,
  indent,
  join,
  line,
  softline,
} from './doc.ts'
import { printDeclared, printParams } from './functions.ts'
import { inComment } from './literals.ts'
import { binaryParts, printAssignment, within } from './operators.ts'
import { printBlock, printClass, printExpr } from './printer.ts'

type Printers = { [K in Stmt['k']]: (stmt: Extract<Stmt, { k: K }>) => Doc }

const printers: Printers = {
  // The file has no semicolons at the ends of lines. A statement that begins with `(`, `[`, a backtick, `+`, `-` or `/` gets a semicolon before it,
  // because it would otherwise be parsed as a part of the previous line.
  expr: ({ of }) => {
    const printed = printExpr(of)
    const found: Doc = firstCharacter(printed) === '{' ? ['(', printed, ')'] : printed
    return '([`+-/'.includes(firstCharacter(found)) ? [';', found] : found
  },
  var: ({ kind, name, type, value }) => {
    // A placeholder gets the type `any`, so that code that uses the variable compiles.
    const known = type ?? (value?.k === 'str' && value.value === 'TODO' ? 'any' : undefined)
    const left = [`${kind} `, printDeclared(name), known === undefined ? '' : `: ${known}`]
    return value ? printAssignment(left, ' =', value) : left
  },
  if: (stmt) => printIf(stmt),
  for: ({ name, of, body, isAwaited }) => [
    `for ${isAwaited ? 'await ' : ''}(const `,
    printDeclared(name),
    ' of ',
    printExpr(of),
    ') ',
    printBlock(body),
  ],
  while: ({ test, body }) => [group('while (', printExpr(test), ') '), printBlock(body)],
  loop: (stmt) => printLoop(stmt),
  switch: ({ of, cases }) => [
    'switch (',
    printExpr(of),
    ') ',
    brokenGroup(
      '{',
      cases.map((one) => indent(hardline, printCase(one))),
      hardline,
      '}',
    ),
  ],
  return: ({ of }) => printEnd('return', of),
  throw: ({ of }) => printEnd('throw', of),
  yield: ({ of, all }) => [all ? 'yield* ' : 'yield ', within(of, 2)],
  break: ({ label = '' }) => `break ${label}`.trimEnd(),
  continue: ({ label = '' }) => `continue ${label}`.trimEnd(),
  labelled: ({ label, of }) => [`${label}: `, printStmt(of)],
  blank: () => '',
  try: ({ body, error, caught, last }) => [
    'try ',
    printBlock(body),
    caught ? [error === undefined ? ' catch ' : ` catch (${error}) `, printBlock(caught)] : '',
    last ? [' finally ', printBlock(last)] : '',
  ],
  comment: ({ text }) => `// ${inComment(text)}`,
  class: (stmt) => printClass(stmt),
  function: ({ fn }) => [
    printDoc(fn.doc),
    fn.async ? 'async ' : '',
    fn.generator ? 'function* ' : 'function ',
    fn.name,
    printSignature(fn),
    printBlock(fn.body),
  ],
}

export function printStmt(stmt: Stmt): Doc {
  return (printers[stmt.k] as (stmt: Stmt) => Doc)(stmt)
}

/** Returns the parameters and the return type, with the space before the body. */
export function printSignature({ params, returns }: Func): Doc {
  return [printParams(params), returns === undefined ? '' : `: ${returns}`, ' ']
}

export function printDoc(sentences: readonly string[] | undefined): Doc {
  const shown = (sentences ?? []).map((text) => inComment(text).replaceAll('*/', '* /'))
  if (shown.length === 0) return ''
  if (shown.length === 1) return [`/** ${shown[0]} */`, hardline]
  return ['/**', shown.map((text): Doc => [hardline, ` * ${text}`]), hardline, ' */', hardline]
}

/** Prints statements between braces. */
export function blockDoc(body: readonly Stmt[]): Doc {
  if (body.length === 0) return '{}'
  return brokenGroup('{', indent(hardline, printStmts(body)), hardline, '}')
}

function printStmts(body: readonly Stmt[]): Doc {
  return join(hardline, body.map(printStmt))
}

/** Prints an `if` statement. A single short statement has no braces if there is no `else`. */
function printIf({ test, yes, no }: Extract<Stmt, { k: 'if' }>): Doc {
  const head: Doc = group('if (', indent(softline, softTest(test)), softline, ')')
  const [only] = yes
  const printed = only ? printStmt(only) : ''
  const isShort =
    only !== undefined &&
    ['return', 'throw', 'break', 'continue', 'expr'].includes(only.k) &&
    firstCharacter(printed) !== ';'
  if (no.length === 0 && yes.length === 1 && isShort) {
    return group(head, indent(line, printed))
  }
  const [elif] = no
  const rest: Doc = no.length === 1 && elif?.k === 'if' ? printStmt(elif) : printBlock(no)
  return [head, ' ', printBlock(yes), no.length === 0 ? '' : [' else ', rest]]
}

function printLoop({ first, more = [], test, next, body }: Extract<Stmt, { k: 'loop' }>): Doc {
  const others = more.map(({ name, value }): Doc => [`, ${name} = `, printExpr(value)])
  const parts: Doc[] = [
    first ? [printStmt(first), others] : '',
    test ? printExpr(test) : '',
    next ? printExpr(next) : '',
  ]
  const head = first || test || next ? join([';', line], parts) : ';;'
  return [group('for (', indent(softline, head), softline, ')'), ' ', printBlock(body)]
}

function printCase({ test, body }: { test: Expr | null; body: readonly Stmt[] }): Doc {
  const head = test ? ['case ', printExpr(test), ':'] : 'default:'
  return body.length === 0 ? head : [head, indent(hardline, printStmts(body))]
}

function softTest(test: Extract<Stmt, { k: 'if' }>['test']): Doc {
  return test.k === 'binary' ? binaryParts(test) : printExpr(test)
}

function printEnd(word: string, of: Parameters<typeof within>[0] | undefined): Doc {
  if (of?.k === 'binary')
    return [word, ' ', group(ifBroken('(', ''), indent(softline, binaryParts(of)), softline, ifBroken(')', ''))]
  return of === undefined ? word : [word, ' ', within(of, 2)]
}
