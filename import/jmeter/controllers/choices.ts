import { type Text, plainText, textExpr } from '../../requests/request.ts'
import {
  type Expr,
  type Stmt,
  array,
  arrow,
  assign,
  awaited,
  binary,
  bool,
  call,
  constant,
  expression,
  id,
  member,
  method,
  num,
  self,
  snippet,
  str,
} from '../../scenario/code.ts'
import { camelCase } from '../../scenario/names.ts'
import { isNumeric } from '../numbers.ts'
import type { Plan } from '../plan.ts'
import { numberIn, openText } from '../texts.ts'
import { type Element, textOf } from '../xml.ts'
import { conditionOf } from './conditions.ts'
import { type Below, type Part, type Parts, inside, takeLocal } from './parents.ts'
import { type Step, around, todoStep } from './step.ts'
import { sharedNumber, userField } from './variables.ts'

/** Translates a controller that runs its steps under a condition. */
export function ifSteps(plan: Plan, element: Element, below: Below): Step[] {
  const whole = textOf(element, 'IfController.condition')
  const test = conditionOf(plan, whole)
  if (!test) {
    plan.scripts.lostText += whole
    return [todoStep(plan, element, `the condition is left out: ${whole}`), ...below.steps()]
  }
  if (test.k === 'bool' && test.value) return inside(plan, { kind: 'plain' }, () => below.steps())
  if (test.k === 'bool') return [todoStep(plan, element, `the condition is never true: ${whole}`)]
  const when = (steps: readonly Step[]): Step => ({
    ...around(steps, (body) => [{ k: 'if', test, yes: body, no: [] }]),
    test,
  })
  if (textOf(element, 'IfController.evaluateAll') !== 'true')
    return [when(inside(plan, { kind: 'choice' }, () => below.steps()))]
  // If `evaluateAll` is set, JMeter tests the condition again before each step.
  const { before, parts } = inside(plan, { kind: 'choice' }, () => below.parts())
  return [...before, ...parts.map(({ steps }) => when(steps))]
}

/** Translates a Switch Controller. The value of the controller is the number or the name of the step that JMeter runs. */
export function switchSteps(plan: Plan, element: Element, below: Below): Step[] {
  const value = openText(plan, textOf(element, 'SwitchController.value'))
  const { before, parts } = inside(plan, { kind: 'switch' }, () => below.parts())
  const plain = plainText(value)
  if (plain !== null) {
    const why = `the value is always ${plain === '' ? '0' : plain}, so the other steps are left out`
    const others = parts.length > 1 ? [todoStep(plan, element, why)] : []
    return [...before, ...others, ...(chosenBy(parts, plain)?.steps ?? [])]
  }
  const cases = switchCases(plan, parts, value)
  const unused = parts.filter((_, index) => cases.tests[index]?.length === 0)
  const comments = unused.map(({ name }) =>
    todoStep(plan, element, `no value of the switch selects the step '${name}', so it is left out`),
  )
  return [...before, ...comments, ...switched(parts, cases)]
}

/** Returns the step that JMeter runs for a constant value. */
function chosenBy(parts: readonly Part[], value: string): Part | undefined {
  if (value === '' || /^\d+$/.test(value)) return parts[Number(value)] ?? parts[0]
  return parts.find(({ name }) => name === value) ?? parts.find(({ name }) => /^default$/i.test(name))
}

interface Cases {
  of: Expr
  /** For each step, the values of the cases that run the step in the `switch` statement. The value `null` becomes the case `default`. */
  tests: (Expr | null)[][]
}

function switchCases(plan: Plan, parts: readonly Part[], value: Text): Cases {
  const of = textExpr(value)
  if (isNumeric(plan, of)) {
    const isComplete = isWithin(of, parts.length)
    return { of, tests: parts.map((_, index) => [index === 0 && !isComplete ? null : num(index)]) }
  }
  const possible = valuesOf(of)
  const seen = new Set<string>()
  const fresh = (text: string): boolean => !seen.has(text) && seen.add(text) !== null
  // If the value of the switch is a number, and no step has this number, JMeter runs the first step.
  const large = [...(possible ?? [])].filter((one) => /^\d+$/.test(one) && Number(one) >= parts.length)
  const numbers = parts.map((_, index) => [...(index === 0 ? ['', ...large] : []), String(index)].filter(fresh))
  const tests = parts.map(({ name }, index) => {
    const isDefault = /^default$/i.test(name)
    const all = [...(numbers[index] ?? []), ...(!isDefault && fresh(name) ? [name] : [])]
    const names = all.filter((one) => !possible || possible.has(one)).map(str)
    return isDefault ? [...names, null] : names
  })
  return { of, tests }
}

/** Returns the values of `random.pick(['a', 'b'])`; null for any other expression. */
function valuesOf(of: Expr): Set<string> | null {
  const [list] = of.k === 'call' && of.of.k === 'member' && of.of.name === 'pick' ? of.args : []
  if (list?.k !== 'array') return null
  const texts = list.items.flatMap((item) => (item.k === 'str' ? [item.value] : []))
  return texts.length === list.items.length ? new Set(texts) : null
}

/** Returns true if the value of an expression is always the number of a step, as for `random.int(0, 2)` and three steps. */
function isWithin(of: Expr, count: number): boolean {
  if (of.k !== 'call' || of.of.k !== 'member' || of.of.name !== 'int') return false
  const [low, high] = of.args
  return low?.k === 'num' && high?.k === 'num' && low.value >= 0 && high.value < count
}

/** Returns a step that consists of a `switch` statement. */
function switched(parts: readonly Part[], { of, tests }: Cases): Step[] {
  const write = (bodies: readonly (readonly Stmt[])[]): Stmt[] => {
    const cases = bodies.flatMap((body, index) => {
      const own = tests[index] ?? []
      const isDefault = own.includes(null)
      return own.map((test, at) => ({
        test,
        isDefault,
        body: at === own.length - 1 ? [...body, { k: 'break' as const }] : [],
      }))
    })
    // JavaScript allows `default` in any position, but readers expect it at the end.
    const sorted = [...cases.filter((one) => !one.isDefault), ...cases.filter((one) => one.isDefault)]
    return [{ k: 'switch', of, cases: sorted.map(({ test, body }) => ({ test, body })) }]
  }
  const isCertain = tests.flat().includes(null) || tests.flat().every((test) => test?.k === 'num')
  return parts.length === 0 ? [] : [{ parts: parts.map(({ steps }) => steps), write, isCertain }]
}

/** Translates a controller that runs one of its steps, drawn at random. */
export function randomSteps(plan: Plan, element: Element, below: Below): Step[] {
  const { before, parts } = inside(plan, { kind: 'switch' }, () => singles(plan, element, below))
  const draw = method(member(self, 'random'), 'int', num(0), num(parts.length - 1))
  return [...before, ...oneOf(parts, draw)]
}

/** Translates a controller that runs its steps in turn, one in each iteration. */
export function interleavedSteps(plan: Plan, element: Element, below: Below): Step[] {
  const { before, parts } = inside(plan, { kind: 'switch' }, () => singles(plan, element, below))
  const isShared = textOf(element, 'InterleaveControl.accrossThreads') === 'true'
  const turn = isShared ? sharedNumber(plan, 'turn', 0) : userField(plan, 'turn', num(0))
  return [...before, ...oneOf(parts, inTurn(turn, parts.length))]
}

function inTurn(turn: Expr, count: number): Expr {
  return binary({ k: 'postfix', op: '++', of: turn }, '%', num(count))
}

function oneOf(parts: readonly Part[], of: Expr): Step[] {
  const [only] = parts
  if (parts.length === 1 && only) return only.steps
  return switched(parts, { of, tests: parts.map((_, index) => [num(index)]) })
}

/**
 * Returns the parts from which a controller chooses. With the option `ignore sub-controller blocks`, a chosen inner controller runs only its next
 * step, not all of its steps.
 */
function singles(plan: Plan, element: Element, below: Below): Parts {
  const { before, parts } = below.parts()
  if (textOf(element, 'InterleaveControl.style') !== '0') return { before, parts }
  const single = parts.map(({ name, steps }): Part => {
    const runs = runsIn(steps)
    if (runs.length < 2) return { name, steps }
    const turn = userField(plan, 'turn', num(0))
    return {
      name,
      steps: oneOf(
        runs.map((run) => ({ name, steps: run })),
        inTurn(turn, runs.length),
      ),
    }
  })
  return { before, parts: single }
}

/** Splits a list of steps after each request and each controller. */
function runsIn(steps: readonly Step[]): Step[][] {
  const found: Step[][] = []
  let isOpen = false
  for (const step of steps) {
    if (isOpen) found.at(-1)?.push(step)
    else found.push([step])
    isOpen = 'stmts' in step
  }
  return found
}

/** Translates a controller that runs all of its steps in random order. */
export function shuffledSteps(plan: Plan, _element: Element, below: Below): Step[] {
  const list = takeLocal(plan, 'parts')
  const { before, parts } = inside(plan, { kind: 'function' }, () => below.parts())
  if (parts.length < 2) return [...before, ...parts.flatMap(({ steps }) => steps)]
  const name = list.replace(/^parts/, 'part')
  const write = (bodies: readonly (readonly Stmt[])[]): Stmt[] => [
    constant(list, array(bodies.map((body) => arrow([], body, true)))),
    {
      k: 'for',
      name,
      of: call(snippet('inRandomOrder'), id(list)),
      body: [expression(awaited(call(id(name))))],
    },
  ]
  return [...before, { parts: parts.map(({ steps }) => steps), write, isCertain: true }]
}

/** Translates a plugin's controller that runs all of its steps at the same time. */
export function parallelSteps(plan: Plan, _element: Element, below: Below): Step[] {
  const { before, parts } = inside(plan, { kind: 'function' }, () => below.parts())
  const write = (bodies: readonly (readonly Stmt[])[]): Stmt[] => {
    const calls = bodies.map((body) => {
      const [only, more] = body
      if (!more && only?.k === 'expr' && only.of.k === 'await') return only.of.of
      return call(arrow([], body, true))
    })
    return [expression(awaited(method(id('Promise'), 'all', array(calls))))]
  }
  return parts.length < 2
    ? [...before, ...parts.flatMap(({ steps }) => steps)]
    : [...before, { parts: parts.map(({ steps }) => steps), write, isCertain: true }]
}

/** Translates a controller that runs its steps in a given percentage of the iterations, or at most a given number of times. */
export function shareSteps(plan: Plan, element: Element, below: Below): Step[] {
  const steps = inside(plan, { kind: 'choice' }, () => below.steps())
  if (textOf(element, 'ThroughputController.style') === '1') {
    const share = percentOf(plan, element)
    if (share === null)
      return [todoStep(plan, element, 'the percentage cannot be determined, so the steps always run'), ...steps]
    const test = share >= 100 ? bool(true) : method(member(self, 'random'), 'chance', num(share / 100))
    return share >= 100 ? steps : [around(steps, (body) => [{ k: 'if', test, yes: body, no: [] }])]
  }
  const most = numberIn(plan, textOf(element, 'ThroughputController.maxThroughput'))
  if (most === null)
    return [todoStep(plan, element, 'the number of executions cannot be determined, so the steps always run'), ...steps]
  const isOfUser = textOf(element, 'ThroughputController.perThread') === 'true'
  const runs = isOfUser ? userField(plan, 'runs', num(0)) : sharedNumber(plan, 'runs', 0)
  const test = binary({ k: 'postfix', op: '++', of: runs }, '<', num(most))
  const limited = around(steps, (body) => [{ k: 'if', test, yes: body, no: [] }])
  const why = `each worker runs these steps ${most} times`
  return isOfUser ? [limited] : [todoStep(plan, element, why), limited]
}

function percentOf(plan: Plan, element: Element): number | null {
  const property = element.children.find(({ name }) => name === 'FloatProperty')
  const text = property?.children.find(({ name }) => name === 'value')?.text
  const share = numberIn(plan, text ?? textOf(element, 'ThroughputController.percentThroughput'))
  return share === null || share < 0 ? null : share
}

/**
 * Translates a Once Only Controller. Directly inside a loop, its steps run only in the first pass of the loop. Elsewhere, its steps run only the
 * first time that a user reaches them. In a hook, its steps always run.
 */
export function onceSteps(plan: Plan, element: Element, below: Below): Step[] {
  if (plan.hook) return inside(plan, { kind: 'plain' }, () => below.steps())
  const parent = plan.parents.at(-1)
  const isCertain = plan.parents.every(({ kind }) => kind === 'plain' || kind === 'function')
  if (parent?.kind === 'loop') {
    const steps = inside(plan, { kind: 'choice' }, () => below.steps())
    if (!parent.turn) return steps
    parent.turn.isUsed = true
    return [{ once: steps, test: binary(id(parent.turn.name), '===', num(0)), isCertain: false }]
  }
  const steps = inside(plan, { kind: isCertain ? 'plain' : 'choice' }, () => below.steps())
  if (isCertain) return [{ once: steps, test: binary(member(self, 'iteration'), '===', num(1)), isCertain }]
  const flag = userField(plan, camelCase(`did ${element.attributes['testname'] ?? ''}`), bool(false))
  const mark = expression(assign(flag, bool(true)))
  return [{ once: steps, test: { k: 'unary', op: '!', of: flag }, mark, isCertain }]
}
