import { textExpr } from '../../requests/request.ts'
import {
  type Expr,
  type Stmt,
  array,
  binary,
  bool,
  constant,
  expression,
  assign,
  id,
  method,
  num,
  str,
} from '../../scenario/code.ts'
import { valueName } from '../../scenario/names.ts'
import { some } from '../../scenario/walk.ts'
import { numberOf } from '../numbers.ts'
import type { Plan, Turn } from '../plan.ts'
import { listVariable, numberIn, textIn } from '../texts.ts'
import { type Element, textOf } from '../xml.ts'
import { whileCondition } from './conditions.ts'
import { type Below, inside, takeLocal, turnOf, withLocals } from './parents.ts'
import { type Step, around, lastOk, todoStep } from './step.ts'

/** Translates a controller that repeats its steps a given number of times, or forever. */
export function loopSteps(plan: Plan, element: Element, below: Below): Step[] {
  const text = textOf(element, 'LoopController.loops')
  const times = numberIn(plan, text)
  if (times === 0) return [todoStep(plan, element, 'this controller repeats its steps 0 times, so they are left out')]
  if (times === 1) return inside(plan, { kind: 'plain' }, () => onceInLoop(plan, below))
  const { turn, local } = turnOf(plan, element)
  turn.isUsed = times === null || times > 0
  const count = times === null ? numberOf(plan, textExpr(textIn(plan, text))) : num(times)
  const steps = inLoop(plan, turn, () => withLocals(plan, [local], () => below.steps()))
  const test = times === null || times > 0 ? binary(id(turn.name), '<', count) : null
  const loop = { ...around(steps, (body) => [counted(turn, test, body)]), repeats: true, isCertain: times !== null }
  const unknown = some(count, (node) => node.k === 'member' && node.of.k === 'this' && node.name === 'vars')
  if (unknown) return [todoStep(plan, element, `set the number of repetitions with --var: ${text}`), loop]
  return times === null || times > 0 ? [loop] : [todoStep(plan, element, 'this loop has no end'), loop]
}

/** Returns the steps of a loop with one pass. A Once Only Controller in this loop runs its steps each time that the loop starts. */
function onceInLoop(plan: Plan, below: Below): Step[] {
  plan.parents.push({ kind: 'loop' })
  const steps = below.steps()
  plan.parents.pop()
  return steps
}

function inLoop(plan: Plan, turn: Turn, run: () => Step[]): Step[] {
  return inside(plan, { kind: 'loop', turn }, () => {
    takeLocal(plan, turn.name)
    return run()
  })
}

/** Returns a `for` loop that counts its passes in the variable `turn`. If no code uses this variable, returns a `while` loop. */
function counted(turn: Turn, test: Expr | null, body: readonly Stmt[]): Stmt {
  if (!turn.isUsed) return { k: 'while', test: test ?? bool(true), body }
  const first: Stmt = { k: 'var', kind: 'let', name: turn.name, value: num(0) }
  return { k: 'loop', first, test, next: { k: 'postfix', op: '++', of: id(turn.name) }, body }
}

/**
 * Translates a controller that repeats its steps until its condition is `false`. Without a condition, or with the condition `LAST`, the controller
 * repeats its steps until a request fails.
 */
export function whileSteps(plan: Plan, element: Element, below: Below): Step[] {
  const whole = textOf(element, 'WhileController.condition')
  const isBlank = whole === ''
  const test = isBlank || whole === 'LAST' ? lastOk : whileCondition(plan, whole)
  if (!test || !changes(plan, test)) {
    plan.scripts.lostText += whole
    const why = `burst runs the steps of this controller only once; repeat the steps while ${whole}`
    return [todoStep(plan, element, why), ...inside(plan, { kind: 'plain' }, () => below.steps())]
  }
  const { turn, local } = turnOf(plan, element)
  const steps = inLoop(plan, turn, () => withLocals(plan, [local], () => below.steps()))
  const begin: Step[] = isBlank ? [{ stmts: [expression(assign(lastOk, bool(true)))] }] : []
  const loop: Step = { ...around(steps, (body) => [counted(turn, test, body)]), test, repeats: true }
  const fixed = some(test, (node) => node.k === 'index' && isUnknownVariable(plan, node))
  const notes = fixed
    ? [todoStep(plan, element, `this condition reads a variable of the command line, which never changes: ${whole}`)]
    : []
  return [...notes, ...begin, loop]
}

/** Returns true for `this.vars.name` if the plan does not define the variable, or if an untranslated part of a script sets the variable. */
function isUnknownVariable({ constants, scripts }: Plan, { of, at }: Extract<Expr, { k: 'index' }>): boolean {
  return (
    of.k === 'member' &&
    of.of.k === 'this' &&
    of.name === 'vars' &&
    at.k === 'str' &&
    (!constants.has(at.value) || scripts.lostPuts.has(at.value))
  )
}

/** Returns true if a condition depends on a value that can change during a loop. The value of a command-line variable cannot change. */
function changes(plan: Plan, test: Expr): boolean {
  if (test.k === 'bool') return test.value
  const lost = new Set([...plan.scripts.lostPuts].map((name) => plan.fields.get(name)))
  if (some(test, (node) => node.k === 'member' && node.of.k === 'this' && lost.has(node.name))) return false
  return some(test, (node) => {
    if (node.k === 'id') return plan.localNames.has(node.name) || plan.numeric.has(node.name)
    if (node.k === 'call') return node.of.k === 'member' && ['int', 'now', 'next'].includes(node.of.name)
    return node.k === 'member' && node.of.k === 'this' && !['vars', 'random', 'index', 'iteration'].includes(node.name)
  })
}

/** Translates a controller that runs its steps for each value in a list. The values are in the variables `name_1`, `name_2` and so on. */
export function forEachSteps(plan: Plan, element: Element, below: Below): Step[] {
  const input = textOf(element, 'ForeachController.inputVal')
  const output = textOf(element, 'ForeachController.returnVal')
  const separator = textOf(element, 'ForeachController.useSeparator') === 'false' ? '' : '_'
  const [start, end] = ['startIndex', 'endIndex'].map((key) =>
    numberIn(plan, textOf(element, `ForeachController.${key}`)),
  )
  const list = listVariable(plan, input) ?? constantList(plan, input, separator)
  const { turn, local } = turnOf(plan, element)
  const steps = inside(plan, { kind: 'loop', turn }, () => {
    takeLocal(plan, turn.name)
    const name = takeLocal(plan, valueName(output, 'item'))
    const locals = [local, [output, () => id(name)] as const]
    return { name, found: withLocals(plan, locals, () => below.steps()) }
  })
  const items = sliced(list ?? array([str('TODO')]), start ?? 0, end ?? null)
  const write = (body: readonly Stmt[]): Stmt[] => [
    turn.isUsed
      ? { k: 'for', name: { array: [turn.name, steps.name] }, of: method(items, 'entries'), body }
      : { k: 'for', name: steps.name, of: items, body },
  ]
  const loop: Step = { ...around(steps.found, write), repeats: true }
  const why = `replace 'TODO' in this list with the values of ${input}${separator}1, ${input}${separator}2 …`
  return list ? [loop] : [todoStep(plan, element, why), loop]
}

function sliced(list: Expr, start: number, end: number | null): Expr {
  if (start <= 0 && end === null) return list
  return method(list, 'slice', num(Math.max(0, start)), ...(end === null ? [] : [num(end)]))
}

/** Returns the values of the constants `name_1`, `name_2` and so on; null if the plan has no such constants. */
function constantList(plan: Plan, name: string, separator: string): Expr | null {
  const found: Expr[] = []
  for (let at = 1; plan.constants.has(`${name}${separator}${at}`); at++)
    found.push(textExpr(textIn(plan, plan.constants.get(`${name}${separator}${at}`) ?? '')))
  return found.length > 0 ? array(found) : null
}

/** Translates a controller that repeats its steps for a number of seconds. */
export function runtimeSteps(plan: Plan, element: Element, below: Below): Step[] {
  const text = textOf(element, 'RunTime.seconds')
  const seconds = numberIn(plan, text)
  const ms =
    seconds === null ? binary(numberOf(plan, textExpr(textIn(plan, text))), '*', num(1000)) : num(seconds * 1000)
  const now = method(id('Date'), 'now')
  const end = takeLocal(plan, 'end')
  const { turn, local } = turnOf(plan, element)
  const steps = inLoop(plan, turn, () => withLocals(plan, [local], () => below.steps()))
  const write = (body: readonly Stmt[]): Stmt[] => [
    constant(end, binary(now, '+', ms)),
    counted(turn, binary(now, '<', id(end)), body),
  ]
  return [{ ...around(steps, write), repeats: true }]
}
