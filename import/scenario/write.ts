import { type Stmt, array, burst, call, id, object } from './code.ts'
import type { ScenarioModel } from './model.ts'
import { classDoc, comments, printUserClass } from './print/classes.ts'
import { type Doc, hardline, join, layOut } from './print/doc.ts'
import { expressionDoc } from './print/expressions.ts'
import { quoted } from './print/literals.ts'
import { printExpr, usePrinter } from './print/printer.ts'
import { blockDoc, printStmt } from './print/statements.ts'
import { snippets } from './snippets.ts'
import { namesIn, namesOf, typesIn, walk } from './walk.ts'

usePrinter({ expression: expressionDoc, block: blockDoc, class: classDoc })

const width = 120

/**
 * Returns the text of a scenario file: imports, constants, functions, classes and `export default`. Leaves out constants, functions and classes that
 * no other code uses, and abstract user classes that no class extends.
 */
export function writeScenario(model: ScenarioModel): string {
  const users = model.classes.filter((one) => !one.abstract).map((one) => id(one.name))
  const options = object(
    [
      ...model.options.slice(0, hosts(model)),
      { key: 'users', value: array(users) },
      ...model.options.slice(hosts(model)),
    ],
    true,
  )
  const end: Doc = [comments(model.notes), 'export default ', printExpr(call(burst('scenario'), options))]
  const classes = model.classes.filter((one) => !one.abstract || model.classes.some((other) => other.base === one.name))
  const top = used(model.top, [classes, options])
  const helpers = snippetsIn([top, classes, options])
  const imports = importLines({
    code: [top, classes, options],
    helpers,
    hasUsers: classes.some((one) => one.base === undefined),
  })
  const pieces: Doc[] = [
    [comments(model.about), join(hardline, imports)],
    ...paragraphs(top),
    ...helpers.map((name): Doc => lines(snippets[name]?.text ?? '')),
    ...classes.map(printUserClass),
    end,
  ]
  return `${layOut(join([hardline, hardline], pieces), width)}\n`
}

function hosts(model: ScenarioModel): number {
  return model.options.findIndex((entry) => !('key' in entry && ['name', 'host'].includes(entry.key))) === -1
    ? model.options.length
    : model.options.findIndex((entry) => !('key' in entry && ['name', 'host'].includes(entry.key)))
}

function lines(text: string): Doc {
  return join(hardline, text.split('\n'))
}

/**
 * Returns true if `stmt` is a class and the statement before the class is a TODO comment. Such a comment is not about the class. It is about the code
 * before the comment.
 */
function isTodoBefore(last: readonly Stmt[] | undefined, stmt: Stmt): boolean {
  const comment = last?.at(-1)
  return stmt.k === 'class' && comment?.k === 'comment' && comment.text.startsWith('TODO')
}

function isBlock(kind: Stmt['k']): boolean {
  return kind === 'function' || kind === 'class'
}

/** Groups statements into paragraphs: consecutive constants form one paragraph, and each function and class is a separate paragraph. */
function paragraphs(top: readonly Stmt[]): Doc[] {
  const found: Stmt[][] = []
  for (const stmt of top) {
    const last = found.at(-1)
    const before = last?.at(-1)?.k
    const joins = before !== undefined && !isBlock(stmt.k) && !isBlock(before)
    if (joins || (before === 'comment' && !isTodoBefore(last, stmt))) last?.push(stmt)
    else found.push([stmt])
  }
  return found.map((stmts) => join(hardline, stmts.map(printStmt)))
}

const declarations: ReadonlySet<Stmt['k']> = new Set(['function', 'var', 'class'])

/** Removes the constants, functions and classes that no other code uses. */
function used(top: readonly Stmt[], code: unknown): Stmt[] {
  const declaring = new Map<string, Stmt[]>()
  for (const stmt of top)
    for (const name of declaredBy(stmt)) declaring.set(name, [...(declaring.get(name) ?? []), stmt])
  const kept = new Set<Stmt>(top.filter((stmt) => !declarations.has(stmt.k)))
  const seen = new Set<string>()
  const left: unknown[] = [code, ...kept]
  for (let one = left.pop(); one !== undefined; one = left.pop()) {
    const names = [...namesIn(one), ...basesIn(one)].filter((name) => !seen.has(name))
    for (const name of names) seen.add(name)
    const found = names.flatMap((name) => declaring.get(name) ?? []).filter((stmt) => !kept.has(stmt))
    for (const stmt of found) kept.add(stmt)
    left.push(...found)
  }
  return withoutLostComments(
    top.filter((stmt) => kept.has(stmt)),
    top,
  )
}

/** Returns the name of the base class if the code is a class that is not a user class. Otherwise, returns an empty list. */
function basesIn(code: unknown): string[] {
  const { k, base } = code as { k?: unknown; base?: unknown }
  return k === 'class' && typeof base === 'string' ? [base] : []
}

function declaredBy(stmt: Stmt): string[] {
  if (stmt.k === 'function') return [stmt.fn.name]
  if (stmt.k === 'class') return [stmt.name]
  if (stmt.k !== 'var') return []
  return namesOf(stmt.name)
}

/** Removes a comment if the statement after it is left out. A TODO comment stays, because it is not about that statement. */
function withoutLostComments(kept: readonly Stmt[], top: readonly Stmt[]): Stmt[] {
  const known = new Set(kept)
  const lost = new Set(
    top.filter((stmt, index) => {
      const next = top[index + 1]
      return stmt.k === 'comment' && !stmt.text.startsWith('TODO') && (next === undefined || !known.has(next))
    }),
  )
  return kept.filter((stmt) => !lost.has(stmt))
}

function snippetsIn(code: unknown): string[] {
  const found = new Set<string>()
  walk(code, (node) => {
    if (node.k === 'snippet') found.add(node.name)
  })
  return [...found].toSorted()
}

const burstTypes = ['Http', 'HttpUser', 'Random', 'Response', 'RunContext']

function importLines({
  code,
  helpers,
  hasUsers,
}: {
  code: unknown
  helpers: readonly string[]
  hasUsers: boolean
}): string[] {
  const byModule = new Map<string, Set<string>>([
    ['burst', new Set(hasUsers ? ['HttpUser', 'scenario'] : ['scenario'])],
  ])
  const add = (from: string, name: string): void => void byModule.set(from, (byModule.get(from) ?? new Set()).add(name))
  walk(code, (node) => {
    if (node.k === 'import') add(node.from, node.name)
  })
  const words = new Set([...typesIn(code), ...helpers.flatMap((name) => snippets[name]?.types ?? [])])
  for (const type of burstTypes) if (words.has(type)) add('burst', type === 'HttpUser' ? type : `type ${type}`)
  if (usesTasks(code)) add('burst', 'task')
  for (const [own, from] of helpers.flatMap((name) => snippets[name]?.node ?? [])) add(from, own)
  return [...byModule]
    .toSorted(([a], [b]) => order(a) - order(b) || (a < b ? -1 : 1))
    .map(([from, names]) => importLine(from, [...names]))
}

function order(from: string): number {
  return from.startsWith('node:') ? 0 : 1
}

function importLine(from: string, names: readonly string[]): string {
  const plain = (name: string): string => name.replace('type ', '')
  const sorted = names.toSorted((a, b) => (plain(a) < plain(b) ? -1 : 1))
  return `import { ${sorted.join(', ')} } from ${quoted(from)}`
}

function usesTasks(code: unknown): boolean {
  const left: unknown[] = [code]
  while (left.length > 0) {
    const one = left.pop()
    if (typeof one !== 'object' || one === null) continue
    if ('task' in one && typeof one.task === 'object' && 'body' in one) return true
    left.push(...Object.values(one))
  }
  return false
}
