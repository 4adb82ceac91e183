import { type ImportedRequest, textExpr } from '../requests/request.ts'
import {
  type Expr,
  type Stmt,
  arrow,
  awaited,
  binary,
  call,
  comment,
  expression,
  id,
  member,
  method,
  num,
  self,
  snippet,
} from '../scenario/code.ts'
import { requestStmts } from '../requests/statement.ts'
import { Names } from '../scenario/names.ts'
import { conditionOf } from './conditions.ts'
import { type Plan, todoFor } from './plan.ts'
import { type Scope, requestOf } from './samplers.ts'
import { numberIn, textIn } from './texts.ts'
import { type Branch, type Element, itemsOf, textOf } from './xml.ts'

/** A step of a user. */
export type Step =
  | { request: ImportedRequest }
  | { stmts: readonly Stmt[] }
  | { around: (body: readonly Stmt[]) => Stmt[]; steps: readonly Step[] }
  /** The steps run only in the first iteration of a user. */
  | { once: readonly Step[] }

const samplers = new Set(['HTTPSamplerProxy', 'HTTPSampler', 'HTTPSampler2'])
const timers = new Set(['ConstantTimer', 'UniformRandomTimer', 'GaussianRandomTimer', 'PoissonRandomTimer'])
const extractors = /(?:Extractor|PostProcessor|PreProcessor|Assertion)$|^UserParameters$/
/** Elements that need no step: burst has the feature by default, the report of burst replaces the element, or other code translates it. */
const silent =
  /^(?:ResultCollector|Summariser|BackendListener|CookieManager|CacheManager|DebugSampler|Arguments|CSVDataSet|HeaderManager|ConfigTestElement|DNSCacheManager|CounterConfig|RandomVariableConfig|\S*Visualizer|\S*Listener|TestFragmentController)$/

/** Returns the steps of a tree. Configuration elements apply to elements at the same level and below. */
export function stepsOf(plan: Plan, branches: readonly Branch[], outer: Scope): Step[] {
  const elements = branches.map(({ element }) => element)
  const scope: Scope = {
    defaults: [...outer.defaults, ...elements.filter((one) => one.attributes['guiclass'] === 'HttpDefaultsGui')],
    headers: [...outer.headers, ...elements.filter(({ name }) => name === 'HeaderManager')],
    timers: [...outer.timers, ...elements.filter(({ name }) => timers.has(name))],
    after: [...outer.after, ...elements.filter(({ name }) => extractors.test(name))],
  }
  return branches.flatMap((branch) => stepOf(plan, branch, scope))
}

function stepOf(plan: Plan, branch: Branch, scope: Scope): Step[] {
  const { element, below } = branch
  const { name } = element
  if (samplers.has(name)) return samplerSteps(plan, branch, scope)
  if (name === 'ModuleController') return moduleSteps(plan, element, scope)
  if (name === 'CookieManager') noteCookies(plan, element)
  const control = Object.hasOwn(controllers, name) ? controllers[name] : undefined
  if (control) return control(plan, element, () => stepsOf(plan, below, scope))
  if (timers.has(name) || extractors.test(name) || silent.test(name)) return []
  if (name === 'TestAction') return pauseSteps(plan, element)
  const todo: Step = { stmts: [comment(todoFor(plan, element, reasonFor(name)))] }
  return [todo, ...stepsOf(plan, below, scope)]
}

/** A module controller contains a path of names. It runs the fragment or the controller with the last name of the path. */
function moduleSteps(plan: Plan, element: Element, scope: Scope): Step[] {
  const name = itemsOf(element, 'ModuleController.node_path').at(-1)?.text ?? ''
  const found = plan.modules.get(name)
  if (!found || found.element === element || plan.left-- < 0)
    return [{ stmts: [comment(todoFor(plan, element, `the plan has no module ${name}`))] }]
  plan.left -= 1000
  return stepOf(plan, { ...found, element: { ...found.element, name: moduleName(found.element.name) } }, scope)
}

/** A fragment runs its elements in their order. */
function moduleName(name: string): string {
  return name === 'TestFragmentController' ? 'GenericController' : name
}

/** Adds a comment if the plan sets cookies, and a comment if the plan clears the cookies before each iteration. */
function noteCookies(plan: Plan, element: Element): void {
  const names = itemsOf(element, 'CookieManager.cookies').map(({ attributes }) => attributes['name'] ?? '')
  if (names.length > 0)
    plan.notes.add(todoFor(plan, element, `send the cookies ${names.join(', ')} with headers: { cookie: … }`))
  if (textOf(element, 'CookieManager.clearEachIteration') === 'true')
    plan.notes.add(todoFor(plan, element, 'here a user keeps its cookies from iteration to iteration'))
}

/** Advice for elements that have no counterpart. */
const reasons: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/websocket|wssampler/i, 'write it with this.ws(url); see WebSocket in docs/scenarios.md'],
  [/^KeystoreConfig$/, 'write tls: { cert, key } in scenario(), or this.http.tls for each user'],
  [/ThroughputTimer$/, 'write wait = pacing(…), or load: [arrivals(…)]'],
  [/^AuthManager$/, 'write auth: { user, password } at each request'],
  [/grpc/i, 'burst has no gRPC client; count calls with this.record'],
]

function reasonFor(name: string): string {
  return reasons.find(([pattern]) => pattern.test(name))?.[1] ?? 'this has no counterpart'
}

function samplerSteps(plan: Plan, branch: Branch, scope: Scope): Step[] {
  const own = branch.below.map(({ element }) => element).filter(({ name }) => timers.has(name))
  const pauses = [...scope.timers, ...own].flatMap((timer) => timerSteps(plan, timer))
  return [...pauses, { request: requestOf(plan, branch, scope) }]
}

function timerSteps(plan: Plan, timer: Element): Step[] {
  const seconds = timerExpr(plan, timer)
  if (!seconds && plan.told.has(timer)) return []
  plan.told.add(timer)
  if (!seconds) return [{ stmts: [comment(todoFor(plan, timer, 'the length of this pause cannot be determined'))] }]
  return seconds.k === 'num' && seconds.value === 0 ? [] : [{ stmts: [pause(seconds)] }]
}

function pause(seconds: Expr): Stmt {
  return expression(awaited(method(self, 'sleep', seconds)))
}

/** Returns the pause of a timer in seconds; null if its length cannot be determined. */
function timerExpr(plan: Plan, timer: Element): Expr | null {
  const delay = numberIn(plan, textOf(timer, 'ConstantTimer.delay') || '0')
  if (delay === null || delay < 0) return null
  if (timer.name === 'ConstantTimer') return num(delay / 1000)
  const range = numberIn(plan, textOf(timer, 'RandomTimer.range') || '0')
  if (range === null || range < 0) return null
  const random = member(self, 'random')
  if (timer.name === 'UniformRandomTimer') return sum(delay, binary(num(range / 1000), '*', method(random, 'next')))
  // A Poisson distribution with a large mean is almost a normal distribution.
  const isPoisson = timer.name === 'PoissonRandomTimer'
  const deviation = isPoisson ? Number(Math.sqrt(range).toPrecision(3)) : range
  const drawn = binary(num(deviation / 1000), '*', call(snippet('drawNormal'), random))
  return method(id('Math'), 'max', num(0), sum(isPoisson ? delay + range : delay, drawn))
}

function sum(delayMs: number, more: Expr): Expr {
  return delayMs === 0 ? more : binary(num(delayMs / 1000), '+', more)
}

function pauseSteps(plan: Plan, element: Element): Step[] {
  const ms = numberIn(plan, textOf(element, 'ActionProcessor.duration'))
  const isPause = textOf(element, 'ActionProcessor.action') === '1'
  return isPause && ms !== null && ms >= 0
    ? [{ stmts: [pause(num(ms / 1000))] }]
    : [{ stmts: [comment(todoFor(plan, element, 'only pauses are translated'))] }]
}

type Control = (plan: Plan, element: Element, steps: () => Step[]) => Step[]

const controllers: Readonly<Record<string, Control>> = {
  GenericController: (_plan, _element, steps) => steps(),
  RecordingController: (_plan, _element, steps) => steps(),
  LoopController: loopSteps,
  TransactionController: (plan, element, steps) => {
    const name = textExpr(textIn(plan, element.attributes['testname'] ?? 'step'))
    const around = (body: readonly Stmt[]): Stmt[] => [
      expression(awaited(method(self, 'step', name, arrow([], body, true)))),
    ]
    return [{ around, steps: steps() }]
  },
  OnceOnlyController: (_plan, _element, steps) => [{ once: steps() }],
  IfController: ifSteps,
  WhileController: whileSteps,
  ThroughputController: shareSteps,
  RandomController: (plan, element, steps) => oneOf(plan, element, steps()),
}

function loopSteps(plan: Plan, element: Element, steps: () => Step[]): Step[] {
  const times = numberIn(plan, textOf(element, 'LoopController.loops'))
  if (times === 1) return steps()
  if (times === null || times < 1)
    return [{ stmts: [comment(todoFor(plan, element, 'the number of repetitions cannot be determined'))] }, ...steps()]
  const first: Stmt = { k: 'var', kind: 'let', name: 'turn', value: num(0) }
  const next: Expr = { k: 'postfix', op: '++', of: id('turn') }
  const around = (body: readonly Stmt[]): Stmt[] => [
    { k: 'loop', first, test: binary(id('turn'), '<', num(times)), next, body },
  ]
  return [{ around, steps: steps() }]
}

function ifSteps(plan: Plan, element: Element, steps: () => Step[]): Step[] {
  const whole = textOf(element, 'IfController.condition')
  const test = conditionOf(plan, whole)
  if (!test) return [{ stmts: [comment(todoFor(plan, element, `the condition is left out: ${whole}`))] }, ...steps()]
  return [{ around: (body) => [{ k: 'if', test, yes: body, no: [] }], steps: steps() }]
}

function whileSteps(plan: Plan, element: Element, steps: () => Step[]): Step[] {
  const whole = textOf(element, 'WhileController.condition')
  const test = conditionOf(plan, whole)
  if (!test)
    return [
      {
        stmts: [
          comment(
            todoFor(
              plan,
              element,
              `the steps of this controller run once here; repeat them while ${whole || 'no sampler fails'}`,
            ),
          ),
        ],
      },
      ...steps(),
    ]
  return [{ around: (body) => [{ k: 'while', test, body }], steps: steps() }]
}

/** Translates steps that run in only a percentage of the iterations. */
function shareSteps(plan: Plan, element: Element, steps: () => Step[]): Step[] {
  const share = numberIn(
    plan,
    element.children.find(({ name }) => name === 'FloatProperty')?.children.find(({ name }) => name === 'value')
      ?.text ?? '',
  )
  const isPercent = textOf(element, 'ThroughputController.style') === '1'
  if (!isPercent || share === null || share < 0 || share > 100)
    return [{ stmts: [comment(todoFor(plan, element, 'the number of executions is left out'))] }, ...steps()]
  const test = method(member(self, 'random'), 'chance', num(share / 100))
  return [{ around: (body) => [{ k: 'if', test, yes: body, no: [] }], steps: steps() }]
}

/** JMeter draws one of the steps in each iteration. The scenario runs all steps, and a TODO comment above the steps says so. */
function oneOf(plan: Plan, element: Element, steps: readonly Step[]): Step[] {
  const todo: Step = {
    stmts: [comment(todoFor(plan, element, 'all steps of this controller run; pick one with this.random.pick'))],
  }
  return [todo, ...steps]
}

/** Returns the statements of the steps of one method. */
export function stmtsOf(steps: readonly Step[], place: { host: string; base: string; names: Names }): Stmt[] {
  return steps.flatMap((step): Stmt[] => {
    if ('stmts' in step) return [...step.stmts]
    if ('request' in step) return requestStmts(step.request, place)
    if ('once' in step) return []
    // Each block has its own names, so that another block can use the same names.
    return step.around(stmtsOf(step.steps, { ...place, names: place.names.copy() }))
  })
}

/** Returns all requests, in their order. */
export function requestsIn(steps: readonly Step[]): ImportedRequest[] {
  return steps.flatMap((step) => {
    if ('request' in step) return [step.request]
    if ('stmts' in step) return []
    return requestsIn('once' in step ? step.once : step.steps)
  })
}

/** Returns the steps of `OnceOnlyController`s. */
export function onceIn(steps: readonly Step[]): Step[] {
  return steps.flatMap((step) => {
    if ('once' in step) return [...step.once]
    return 'around' in step ? onceIn(step.steps) : []
  })
}
