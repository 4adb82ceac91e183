import { type Expr, type Stmt, comment, id } from '../../scenario/code.ts'
import { todo } from '../../scenario/model.ts'
import { namesIn } from '../../scenario/walk.ts'
import { booleanOf } from '../expressions/operands.ts'
import { operandIn } from '../expressions/parse.ts'
import { type Plan, todoFor } from '../plan.ts'
import { type Element, property, textOf } from '../xml.ts'
import { failingOf } from './failing.ts'
import { type Line, linesIn } from './reading.ts'
import { type State, assignedIn, declarationOf, effectOf, responseName } from './statements.ts'

/** A translated script. */
export interface Script {
  stmts: Stmt[]
  /** Arguments of `.expect(…)`. */
  expectations: Expr[][]
}

const mostCharacters = 20_000

/** The maximum length of a line when a comment quotes a script. */
const width = 120

/** A script can run after a request. In the statements of such a script, this variable stands for the response. */
const response = id(responseName)

/** Returns true for elements that run a script, except timers and listeners. */
export function isScript({ name }: Element): boolean {
  return /^(?:JSR223|BeanShell)(?:PreProcessor|PostProcessor|Sampler|Assertion)$/.test(name)
}

/** Translates a script. Statements without a counterpart become TODO comments that contain their text. */
export function scriptOf(plan: Plan, element: Element): Script {
  const file = element.file ?? plan.file
  const other = textOf(element, 'filename') || textOf(element, `${element.name}.filename`)
  if (other !== '') {
    const text = todo(`${file}:${element.line}`, other, 'the script in this file is not translated')
    return { stmts: [comment(text)], expectations: [] }
  }
  const source = ['script', `${element.name}.query`]
    .map((name) => property(element, name))
    .find((one) => one?.text.trim())
  const text = source?.text ?? ''
  if (text.length > mostCharacters) {
    const why = todoFor(plan, element, `this script is longer than ${mostCharacters} characters`)
    return { stmts: [comment(why)], expectations: [] }
  }
  const assigned = assignedIn(text)
  const state: State = {
    plan,
    scope: {
      isScript: true,
      locals: new Map(),
      lost: new Set(),
      response: /(?:PostProcessor|Assertion)$/.test(element.name) ? response : null,
    },
    values: new Map(),
    isOfSampler: element.name.endsWith('Sampler'),
    reassigned: new Set(assigned.filter((name, index) => assigned.indexOf(name) !== index)),
    expectations: [],
    place: (line) => `${file}:${line}`,
  }
  const stmts = withoutUnused(stmtsOf(linesIn(text, source?.line ?? element.line), state, true))
  return { stmts, expectations: state.expectations }
}

function stmtsOf(lines: readonly Line[], state: State, isTop: boolean): Stmt[] {
  const found: Stmt[] = []
  let lost: Line[] = []
  const flush = (): void => {
    found.push(...lostStmts(lost, state))
    lost = []
  }
  for (const [index, line] of lines.entries()) {
    const isLast = isTop && index === lines.length - 1
    const stmts = stmtsIn(line, state, isTop) ?? (isLast && isResult(line, state) ? [] : null)
    if (!stmts) {
      lost.push(line)
      state.plan.scripts.lostText += `${line.text}\n`
      for (const name of assignedIn(line.text)) state.scope.lost.add(name)
      for (const [, name = ''] of line.text.matchAll(/vars\.put\(\s*["']([^"'$]+)["']/g))
        state.plan.scripts.lostPuts.add(name)
    } else if (stmts.length > 0) {
      flush()
      found.push(...stmts)
    }
  }
  flush()
  return found
}

/** Returns true if the last statement of a script only returns a value, as `return x` and `x` do. */
function isResult({ text, branches }: Line, { plan, scope }: State): boolean {
  if (branches) return false
  return /^return\b/.test(text) || operandIn(plan, text, scope) !== null
}

function stmtsIn(line: Line, state: State, isTop: boolean): Stmt[] | null {
  const { plan, scope } = state
  const { branches } = line
  if (!branches) return declarationOf(line.text, state) ?? effectOf(line.text, state)
  const failing = isTop ? failingOf(line, state) : null
  if (failing) return failing
  const test = operandIn(plan, branches.test, scope)
  if (!test) return null
  const condition = booleanOf(test, scope)
  const inner = (): State => ({ ...state, scope: { ...scope, locals: new Map(scope.locals) } })
  const [yes, no] = [branches.yes, branches.no].map((lines) => withoutUnused(stmtsOf(lines, inner(), false)))
  if (condition.k === 'bool') return (condition.value ? yes : no) ?? []
  return (yes ?? []).length + (no ?? []).length === 0
    ? []
    : [{ k: 'if', test: condition, yes: yes ?? [], no: no ?? [] }]
}

/** Returns a TODO with the text of statements that have no counterpart. */
function lostStmts(lines: readonly Line[], { place }: State): Stmt[] {
  const [first] = lines
  if (!first) return []
  const texts = lines.flatMap(({ text }) => text.split('\n').map((one) => one.trimEnd()))
  const [only = ''] = texts
  const head = `TODO ${place(first.at)}`
  if (texts.length === 1 && only.length <= width) return [comment(`${head}: this script is not translated: ${only}`)]
  const pieces = texts.flatMap((text) => text.match(new RegExp(`.{1,${width}}`, 'g')) ?? [])
  return [comment(`${head}: this part of the script is not translated:`), ...pieces.map((text) => comment(`  ${text}`))]
}

/** Removes the variables that no later statement uses. */
function withoutUnused(stmts: readonly Stmt[]): Stmt[] {
  const kept: Stmt[] = []
  const used = new Set<string>()
  for (const stmt of stmts.toReversed()) {
    if (stmt.k === 'var' && typeof stmt.name === 'string' && !used.has(stmt.name)) continue
    for (const name of namesIn(stmt)) used.add(name)
    kept.push(stmt)
  }
  return kept.toReversed()
}
