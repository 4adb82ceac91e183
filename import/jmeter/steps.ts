import { textExpr } from '../requests/request.ts'
import { type Stmt, arrow, awaited, expression, method, self } from '../scenario/code.ts'
import { actionSteps, timerSteps, timers } from './controllers/actions.ts'
import {
  ifSteps,
  interleavedSteps,
  onceSteps,
  parallelSteps,
  randomSteps,
  shareSteps,
  shuffledSteps,
  switchSteps,
} from './controllers/choices.ts'
import { forEachSteps, loopSteps, runtimeSteps, whileSteps } from './controllers/loops.ts'
import { type Control, type Parts, inside, withLocals } from './controllers/parents.ts'
import { type Step, around, todoStep } from './controllers/step.ts'
import { loopRow, randomVariable } from './controllers/variables.ts'
import { type Plan, todoFor } from './plan.ts'
import { isScript, scriptOf } from './scripts/script.ts'
import { type Scope, requestOf } from './samplers.ts'
import { textIn } from './texts.ts'
import { type Branch, type Element, itemsOf, textOf } from './xml.ts'

const samplers = new Set(['HTTPSamplerProxy', 'HTTPSampler', 'HTTPSampler2'])
const extractors = /(?:Extractor|PostProcessor|PreProcessor|Assertion)$|^UserParameters$/
/**
 * Elements that do not become steps. Some of these elements, such as `CookieManager`, specify what burst does by default. burst's report replaces
 * elements such as `ResultCollector`. Other code translates elements such as `Arguments`.
 */
const silent =
  /^(?:ResultCollector|Summariser|BackendListener|CookieManager|CacheManager|DebugSampler|Arguments|CSVDataSet|HeaderManager|ConfigTestElement|DNSCacheManager|CounterConfig|RandomVariableConfig|\S*Visualizer|(?!JSR223|BeanShell)\S*Listener|TestFragmentController)$/

/** Returns the steps of a tree. Configuration elements apply to elements at the same level and below. */
export function stepsOf(plan: Plan, branches: readonly Branch[], outer: Scope): Step[] {
  const { first, all } = levelOf(plan, branches, outer)
  return [...first, ...all.flatMap(({ steps }) => steps)]
}

/** Returns the steps of each sampler and controller separately. */
function partsOf(plan: Plan, branches: readonly Branch[], outer: Scope): Parts {
  const { first, all } = levelOf(plan, branches, outer)
  const others = all.filter(({ branch }) => !isPart(branch))
  const parts = all.filter(({ branch }) => isPart(branch))
  return {
    before: [...first, ...others.flatMap(({ steps }) => steps)],
    parts: parts.map(({ branch, steps }) => ({ name: nameOf(branch.element), steps })),
  }
}

interface Level {
  /** The steps that increase counters, draw rows and draw random values. These steps run before all other steps of the level. */
  first: Step[]
  all: { branch: Branch; steps: Step[] }[]
}

function levelOf(plan: Plan, branches: readonly Branch[], outer: Scope): Level {
  const elements = branches.map(({ element }) => element)
  const scope: Scope = {
    defaults: [...outer.defaults, ...elements.filter((one) => one.attributes['guiclass'] === 'HttpDefaultsGui')],
    headers: [...outer.headers, ...elements.filter(({ name }) => name === 'HeaderManager')],
    timers: [...outer.timers, ...elements.filter(({ name }) => timers.has(name))],
    after: [...outer.after, ...elements.filter(({ name }) => extractors.test(name))],
  }
  const { steps, locals } = variablesOf(plan, elements)
  const all = withLocals(plan, locals, () => branches.map((branch) => ({ branch, steps: stepOf(plan, branch, scope) })))
  return { first: steps, all }
}

function nameOf({ attributes }: Element): string {
  return attributes['testname'] ?? ''
}

/** Returns true for samplers and controllers. If a controller runs only one of its elements, it chooses among its samplers and controllers. */
function isPart({ element: { name } }: Branch): boolean {
  return samplers.has(name) || Object.hasOwn(controllers, name) || /Sampler|Sample$|Controller$|^TestAction$/.test(name)
}

/**
 * Returns the steps that increase the counters, draw the rows and draw the random values of the current controller. Also returns the variables that
 * contain the rows and the random values.
 */
function variablesOf(plan: Plan, elements: readonly Element[]): { steps: Step[]; locals: Locals } {
  const steps: Step[] = []
  const locals: Locals = []
  const isInLoop = plan.parents.some(({ kind }) => kind === 'loop')
  for (const element of elements) {
    const counted = element.name === 'CounterConfig' ? plan.counts.get(element) : undefined
    if (counted) {
      steps.push({ stmts: [counted.count] })
      if (isInLoop && textOf(element, 'CounterConfig.reset_on_tg_iteration') === 'true') plan.resets.push(counted.reset)
    }
    const feed = element.name === 'CSVDataSet' && isInLoop ? plan.dataFiles.get(element) : undefined
    const row = feed && loopRow(plan, feed.name, feed.columns)
    const drawn = element.name === 'RandomVariableConfig' ? randomVariable(plan, element) : undefined
    steps.push(...(row ? [row.step] : []), ...(drawn ? [drawn.step] : []))
    locals.push(...(row?.locals ?? []), ...(drawn ? [drawn.local] : []))
  }
  return { steps, locals }
}

type Locals = Parameters<typeof withLocals>[1][number][]

function stepOf(plan: Plan, branch: Branch, scope: Scope): Step[] {
  const { element, below } = branch
  const { name } = element
  if (samplers.has(name)) return samplerSteps(plan, branch, scope)
  if (name === 'ModuleController') return moduleSteps(plan, element, scope)
  if (name === 'CookieManager') noteCookies(plan, element)
  const control = Object.hasOwn(controllers, name) ? controllers[name] : undefined
  if (control)
    return control(plan, element, {
      steps: () => stepsOf(plan, below, scope),
      parts: () => partsOf(plan, below, scope),
    })
  if (timers.has(name) || extractors.test(name) || silent.test(name)) return []
  if (isScript(element)) return [{ stmts: scriptOf(plan, element).stmts }, ...stepsOf(plan, below, scope)]
  if (name === 'TestAction') return actionSteps(plan, element)
  return [todoStep(plan, element, reasonFor(element)), ...stepsOf(plan, below, scope)]
}

/**
 * Translates a module controller. Such a controller contains a path of names. The last name in this path is the name of the fragment or controller
 * that the module controller runs.
 */
function moduleSteps(plan: Plan, element: Element, scope: Scope): Step[] {
  const name = itemsOf(element, 'ModuleController.node_path').at(-1)?.text ?? ''
  const found = plan.modules.get(name)
  if (!found || found.element === element || plan.left-- < 0)
    return [todoStep(plan, element, `the plan has no module '${name}'`)]
  plan.left -= 1000
  return stepOf(plan, { ...found, element: { ...found.element, name: moduleName(found.element.name) } }, scope)
}

/**
 * Returns the kind of the element that a module controller runs. A fragment is treated as a simple controller, because both run their elements in
 * order.
 */
function moduleName(name: string): string {
  return name === 'TestFragmentController' ? 'GenericController' : name
}

/** Adds a comment if the plan sets cookies, and a comment if the plan clears the cookies before each iteration. */
function noteCookies(plan: Plan, element: Element): void {
  const names = itemsOf(element, 'CookieManager.cookies').map(({ attributes }) => attributes['name'] ?? '')
  if (names.length > 0)
    plan.notes.add(todoFor(plan, element, `send the cookies ${names.join(', ')} with headers: { cookie: … }`))
  if (textOf(element, 'CookieManager.clearEachIteration') === 'true')
    plan.notes.add(todoFor(plan, element, 'in burst, a user keeps its cookies from iteration to iteration'))
}

/** The advice in the TODO comments for elements without a counterpart. The patterns match the names of these elements. */
const reasons: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/websocket|wssampler/i, 'write it with this.ws(url); see WebSocket in docs/scenarios.md'],
  [/^KeystoreConfig$/, 'write tls: { cert, key } in scenario(), or this.http.tls for each user'],
  [/ThroughputTimer$/, 'write wait = pacing(…), or load: [arrivals(…)]'],
  [/^AuthManager$/, 'write auth: { user, password } at each request'],
  [/grpc/i, 'burst has no gRPC client; count calls with this.record'],
  [/^CriticalSectionController$/, 'in burst, users do not wait for each other, so these steps can overlap'],
]

function reasonFor(element: Element): string {
  if (element.name === 'IncludeController')
    return `${textOf(element, 'IncludeController.includepath')} is not included; import it separately, and copy its steps`
  const script = (textOf(element, 'script') || textOf(element, 'BeanShellSampler.query')).replaceAll(/\s+/g, ' ')
  const found = reasons.find(([pattern]) => pattern.test(element.name))?.[1]
  if (found !== undefined || script === '') return found ?? 'this element has no counterpart'
  return `this script has no counterpart: ${script.slice(0, 400)}`
}

function samplerSteps(plan: Plan, branch: Branch, scope: Scope): Step[] {
  const own = branch.below.map(({ element }) => element).filter(({ name }) => timers.has(name))
  const pauses = [...scope.timers, ...own].flatMap((timer) => timerSteps(plan, timer))
  return [...pauses, { request: requestOf(plan, branch, scope) }]
}

const plainSteps: Control = (plan, _element, below) => inside(plan, { kind: 'plain' }, () => below.steps())

const controllers: Readonly<Record<string, Control>> = {
  GenericController: plainSteps,
  RecordingController: plainSteps,
  LoopController: loopSteps,
  TransactionController: (plan, element, below) => {
    if (plan.hook) return plainSteps(plan, element, below)
    const name = textExpr(textIn(plan, element.attributes['testname'] ?? 'step'))
    const write = (body: readonly Stmt[]): Stmt[] => [
      expression(awaited(method(self, 'step', name, arrow([], body, true)))),
    ]
    return [
      {
        ...around(
          inside(plan, { kind: 'function' }, () => below.steps()),
          write,
        ),
        isCertain: true,
      },
    ]
  },
  OnceOnlyController: onceSteps,
  IfController: ifSteps,
  WhileController: whileSteps,
  ForeachController: forEachSteps,
  RunTime: runtimeSteps,
  ThroughputController: shareSteps,
  SwitchController: switchSteps,
  RandomController: randomSteps,
  RandomOrderController: shuffledSteps,
  InterleaveControl: interleavedSteps,
  'com.blazemeter.jmeter.controller.ParallelSampler': parallelSteps,
}
