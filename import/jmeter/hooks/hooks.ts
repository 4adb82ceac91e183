import {
  type Entry,
  type Expr,
  type Stmt,
  array,
  arrow,
  bool,
  comment,
  constant,
  id,
  member,
  object,
  str,
} from '../../scenario/code.ts'
import { Names } from '../../scenario/names.ts'
import { namesIn, some } from '../../scenario/walk.ts'
import { type Step, lastOk, requestsIn, stmtsOf } from '../controllers/step.ts'
import { type Plan, todoFor } from '../plan.ts'
import { numberIn } from '../texts.ts'
import { type Element, property, textOf } from '../xml.ts'
import { withoutUser } from './rewriting.ts'
import { sentStmts } from './sending.ts'

export type Hook = 'beforeRun' | 'afterRun'

/** A setUp or tearDown thread group. */
export interface HookGroup {
  hook: Hook
  element: Element
  steps: Step[]
}

/** Returns the hook of a setUp or tearDown thread group; null for a group of users. */
export function hookOf({ name }: Element): Hook | null {
  if (name === 'SetupThreadGroup') return 'beforeRun'
  return name === 'PostThreadGroup' ? 'afterRun' : null
}

/** Translates setUp and tearDown thread groups to the hooks of a run. If a setUp group sets properties, `beforeRun` returns these properties. */
export function hookEntries(plan: Plan, groups: readonly HookGroup[], host: { host: string; base: string }): Entry[] {
  return (['beforeRun', 'afterRun'] as const).flatMap((hook): Entry[] => {
    const own = groups.filter((group) => group.hook === hook)
    const names = new Names([...plan.localNames, ...fieldsOf(plan).map(({ name }) => name), 'data', 'run'])
    const body = own.flatMap(({ element, steps }) => [
      ...runsOnce(plan, element),
      ...withoutCookies(plan, element, steps),
      ...rowNotes(plan, element, stmtsOf(steps, { ...host, names, write: sentStmts })),
    ])
    if (body.length === 0) return []
    const stmts = withData(hook, withFields(plan, withoutUser(body)))
    return [{ key: hook, value: arrow(namesIn(stmts).has('run') ? ['run'] : [], stmts, true) }]
  })
}

/** Returns a comment if JMeter runs the group more than once. */
function runsOnce(plan: Plan, element: Element): Stmt[] {
  const controller = property(element, 'ThreadGroup.main_controller')
  const threads = numberIn(plan, textOf(element, 'ThreadGroup.num_threads')) ?? 1
  const loops = (controller ? numberIn(plan, textOf(controller, 'LoopController.loops')) : null) ?? 1
  if (threads <= 1 && loops === 1) return []
  const times = loops < 0 ? 'without an end' : `${threads * loops} times`
  const why = `JMeter runs this group ${times}; burst runs it once`
  return [comment(todoFor(plan, element, why))]
}

/** The requests of a hook do not share cookies. Returns a comment if the plan has a cookie manager, and the group has more than one request. */
function withoutCookies(plan: Plan, element: Element, steps: readonly Step[]): Stmt[] {
  const isShared = requestsIn(steps).length > 1 && plan.lines.some((line) => line.includes('<CookieManager'))
  return isShared
    ? [
        comment(
          todoFor(
            plan,
            element,
            'send the cookies of each response with the later requests; fetch does not keep cookies',
          ),
        ),
      ]
    : []
}

function rowNotes(plan: Plan, element: Element, stmts: readonly Stmt[]): Stmt[] {
  const used = namesIn(stmts)
  const feeds = [...plan.feeds.values()].filter(({ name }) => used.has(`${name}Row`))
  const notes = feeds.map(({ path }) =>
    todoFor(plan, element, `write the values of one row of ${path} into this code; a hook does not draw rows`),
  )
  return [...notes.map(comment), ...stmts]
}

function fieldsOf(plan: Plan): { name: string; value: Expr; type?: string }[] {
  return [
    ...[...plan.fields.values()].map((name) => ({ name, value: plan.scripts.initial.get(name) ?? str('') })),
    ...[...plan.lists.values()].map((name) => ({ name, type: 'string[]', value: array([]) })),
    ...[...plan.state].map(([name, value]) => ({ name, value })),
    { name: lastOk.name, value: bool(true) },
  ]
}

/**
 * Declares the variables of the hook. If a variable is assigned only once, and no earlier statement uses the variable, the assignment becomes the
 * declaration.
 */
function withFields(plan: Plan, stmts: readonly Stmt[]): Stmt[] {
  const used = namesIn(stmts)
  const fields = fieldsOf(plan).filter(({ name }) => used.has(name))
  let body = [...stmts]
  const first: Stmt[] = []
  for (const { name, value, type } of fields) {
    const at = body.findIndex((stmt) => namesIn(stmt).has(name))
    const given = countOf(stmts, name) === 1 ? valueGivenTo(name, body[at]) : null
    if (given) body = body.with(at, constant(name, given))
    else first.push({ k: 'var', kind: 'let', name, value, ...(type !== undefined && { type }) })
  }
  return [...first, ...body]
}

/** If the statement is `name = value`, and the value does not use the variable `name`, returns the value. Otherwise, returns null. */
function valueGivenTo(name: string, stmt: Stmt | undefined): Expr | null {
  if (stmt?.k !== 'expr' || stmt.of.k !== 'assign' || stmt.of.op !== '=') return null
  const { to, value } = stmt.of
  return to.k === 'id' && to.name === name && !namesIn(value).has(name) ? value : null
}

/** Returns the number of times that code changes a variable. */
function countOf(stmts: readonly Stmt[], name: string): number {
  let count = 0
  some(stmts, (node) => {
    const to = node.k === 'assign' ? node.to : node.k === 'postfix' ? node.of : undefined
    if (to?.k === 'id' && to.name === name) count++
    return false
  })
  return count
}

/** Adds the object that contains the properties. `beforeRun` returns this object, and `afterRun` receives it. */
function withData(hook: Hook, stmts: readonly Stmt[]): Stmt[] {
  if (!namesIn(stmts).has('data')) return [...stmts]
  if (hook === 'afterRun') return [constant('data', { k: 'as', of: member(id('run'), 'data'), type: 'any' }), ...stmts]
  const constants = new Set(
    stmts.flatMap((one) => (one.k === 'var' && one.kind === 'const' && typeof one.name === 'string' ? [one.name] : [])),
  )
  const isPlain = (value: Expr): boolean => [...namesIn(value)].every((name) => constants.has(name) || name === 'run')
  const settings = stmts.map((one) => settingIn(one)).filter((one) => one !== null)
  const others = stmts.filter((one) => settingIn(one) === null)
  if (!namesIn(others).has('data') && settings.every(({ value }) => isPlain(value)))
    return [...others, { k: 'return', of: object(settings) }]
  const data: Stmt = { k: 'var', kind: 'const', name: 'data', type: 'Record<string, any>', value: object([]) }
  return [data, ...stmts, { k: 'return', of: id('data') }]
}

/** Returns the name and the value in `data.name = value`; null for any other statement. */
function settingIn(stmt: Stmt): { key: string; value: Expr } | null {
  if (stmt.k !== 'expr' || stmt.of.k !== 'assign') return null
  const { to, value } = stmt.of
  if (to.k !== 'index' || to.of.k !== 'id' || to.of.name !== 'data' || to.at.k !== 'str') return null
  return { key: to.at.value, value }
}
