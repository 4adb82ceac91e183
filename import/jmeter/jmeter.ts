import { invalidInput } from '../../core/errors.ts'
import { loadExpr, weightsOf } from '../k6/options/load.ts'
import { commonHost, headerStmts, sharedHeaders } from '../requests/tasks.ts'
import { joinedSettings, partialNotes, settingsEntries } from '../requests/settings.ts'
import { hostKey } from '../requests/url.ts'
import {
  type Entry,
  type Stmt,
  array,
  bool,
  comment,
  constant,
  expression,
  id,
  member,
  method,
  num,
  self,
  str,
} from '../scenario/code.ts'
import type { Field, Method, ScenarioModel, UserClass } from '../scenario/model.ts'
import { Names, memberName, pascalCase } from '../scenario/names.ts'
import { namesIn, some } from '../scenario/walk.ts'
import { feedExpr, readVariables } from './data.ts'
import { type GroupLoad, loadOf } from './groups.ts'
import { modulesIn, withIncludes } from './includes.ts'
import { globals, planOf } from './begin.ts'
import { type Plan, todoFor } from './plan.ts'
import { type HookGroup, hookEntries, hookOf } from './hooks/hooks.ts'
import { type Once, type Step, lastOk, requestsIn, stmtsOf, watchRequests, withoutHeaders } from './controllers/step.ts'
import { withoutUnread } from './scripts/unread.ts'
import { stepsOf } from './steps.ts'
import { type Branch, type Element, branchesOf, flattened, readXml } from './xml.ts'

const mostRequests = 5000
const mostGroups = 200
const others = /ThreadGroup$/

interface Group {
  element: Element
  load: GroupLoad
  steps: Step[]
  /** The statements that reset counters at the beginning of an iteration. */
  resets: Stmt[]
  /** The methods that contain the shared scripts. A shared script applies to several requests. */
  scripts: Method[]
}

/**
 * Translates a JMeter plan (.jmx) to a scenario. Each thread group becomes a class, except setUp and tearDown thread groups, which become hooks.
 * @throws BurstError (104) when the file is not a JMeter plan, when no thread group of users has a request, or when the plan has more than 5000
 * requests, more than 200 thread groups, or too many references between its variables
 */
export function importJmeter(
  file: string,
  text: string,
  { folder, prefix }: { folder: string; prefix: string },
): Promise<ScenarioModel> {
  const root = readXml(file, text).children.find(({ name }) => name === 'jmeterTestPlan')
  const tree = root?.children.find(({ name }) => name === 'hashTree')
  if (!tree) throw invalidInput(`${file} is not a JMeter plan`, { at: `${file}:1` })
  const plan = planOf(file, text, { folder, prefix })
  const all = withIncludes(branchesOf(tree), folder)
  const elements = flattened(all)
  refuseLarge(file, elements)
  plan.modules = modulesIn(all)
  readVariables(plan, elements)
  const { groups, hooks } = groupsOf(plan, all)
  const requests = groups.flatMap(({ steps }) => requestsIn(steps))
  if (requests.length === 0) throw invalidInput(`${file} has no HTTP request in a thread group`, { at: `${file}:1` })
  if (plan.left < 0) throw invalidInput(`${file} has too many references between its variables`)
  const common = commonHost(requests)
  const host = { host: common.origin, base: hostKey(common) }
  return Promise.resolve(modelOf(plan, { groups, hooks: hookEntries(plan, hooks, host) }, host))
}

function refuseLarge(file: string, elements: readonly Element[]): void {
  const count = (pattern: RegExp): number => elements.filter(({ name }) => pattern.test(name)).length
  const hint = { hint: 'import a part of it' }
  if (count(/^HTTPSampler/) > mostRequests) throw invalidInput(`${file} has more than ${mostRequests} requests`, hint)
  if (count(others) > mostGroups) throw invalidInput(`${file} has more than ${mostGroups} thread groups`, hint)
}

/**
 * Translates the thread groups of the plan. `groups` contains the groups of users. `hooks` contains the setUp and tearDown groups. Elements at the
 * same level as the groups apply to all groups.
 */
function groupsOf(plan: Plan, branches: readonly Branch[]): { groups: Group[]; hooks: HookGroup[] } {
  const top = branches.flatMap((one) => (one.element.name === 'TestPlan' ? one.below : [one]))
  const isGroup = ({ element }: Branch): boolean => others.test(element.name)
  const config = top.filter((one) => !isGroup(one))
  const all = top.filter(isGroup)
  const stepsIn = (branch: Branch): Step[] => {
    plan.names = new Names()
    plan.scripts.methods.clear()
    plan.groupName = branch.element.attributes['testname'] ?? ''
    const steps = stepsOf(plan, [...config, ...branch.below], { defaults: [], headers: [], timers: [], after: [] })
    watchRequests(steps)
    return steps
  }
  // The setUp thread groups are translated first, because they set properties that other groups read.
  const hooks = hookGroups(plan, all, stepsIn)
  const groups = all
    .filter(({ element }) => !hookOf(element))
    .map((branch) => {
      const { element } = branch
      const load = loadOf(plan, element)
      if (element.name !== 'ThreadGroup')
        load.notes.unshift(todoFor(plan, element, 'burst treats this group as a plain thread group'))
      const steps = stepsIn(branch)
      return { element, load, steps, resets: plan.resets.splice(0), scripts: [...plan.scripts.methods.values()] }
    })
  return { groups, hooks }
}

function hookGroups(plan: Plan, all: readonly Branch[], stepsIn: (branch: Branch) => Step[]): HookGroup[] {
  const found = (['beforeRun', 'afterRun'] as const).flatMap((hook) => {
    plan.hook = hook
    const own = all.filter(({ element }) => hookOf(element) === hook)
    return own.map((branch): HookGroup => ({ hook, element: branch.element, steps: stepsIn(branch) }))
  })
  plan.hook = null
  plan.resets.splice(0)
  return found
}

interface Host {
  host: string
  base: string
}

function modelOf(
  plan: Plan,
  { groups, hooks }: { groups: readonly Group[]; hooks: readonly Entry[] },
  host: Host,
): ScenarioModel {
  const workloads = groups.map(({ load }) => ({
    name: '',
    exec: '',
    kind: 'users' as const,
    profile: load.profile,
    maxUsers: null,
    tags: new Map<string, string>(),
  }))
  const weights = weightsOf(workloads)
  const names = new Names(globals)
  const classes = groups.map((group, index) =>
    classOf(plan, group, { host, names, weight: groups.length > 1 ? (weights[index] ?? 1) : 1 }),
  )
  const load = loadExpr(workloads)
  const feeds = [...plan.feeds.values()].flatMap((feed): Stmt[] => [
    ...(feed.note === null ? [] : [comment(feed.note)]),
    constant(feed.name, feedExpr(feed)),
  ])
  return {
    about: [],
    top: [...feeds, ...plan.top],
    classes,
    notes: [
      ...groups.flatMap(({ load: { notes } }) => notes),
      ...plan.notes,
      ...partialNotes(plan.file, plan.settings),
    ],
    options: [
      ...(host.host === '' ? [] : [{ key: 'host', value: str(host.host) }]),
      ...(load ? [{ key: 'load', value: load }] : []),
      ...settingsEntries(joinedSettings(plan.settings)),
      ...hooks,
    ],
  }
}

interface ClassPlace {
  host: Host
  names: Names
  weight: number
}

function classOf(plan: Plan, group: Group, { host, names, weight }: ClassPlace): UserClass {
  const given = group.element.attributes['testname'] ?? ''
  const title = /^thread group/i.test(given) ? '' : given
  const shared = sharedHeaders(requestsIn(group.steps))
  const written = methodsOf(plan, { ...group, steps: withoutHeaders(group.steps, shared) }, host)
  const { start, body, scripts } = withoutUnread(plan, { ...written, scripts: group.scripts })
  const code = [start, body, scripts]
  const counted = usesField(code, 'iteration')
  const count: Stmt[] = counted ? [expression({ k: 'postfix', op: '++', of: member(self, 'iteration') })] : []
  const taken = [...plan.fields.values(), ...plan.lists.values(), ...plan.state.keys()]
  const name = new Names(['onStart', ...taken]).take(memberName(title || 'visit'))
  const task: Method = { name, params: [], async: true, body: [...count, ...body], task: { weight: num(1), tags: [] } }
  return {
    name: names.take(pascalCase(title)),
    statics: weight === 1 ? [] : [{ name: 'weight', value: num(weight) }],
    fields: [...(counted ? [{ name: 'iteration', value: num(0) }] : []), ...fieldsOf(plan, code)],
    methods: [...startOf([...headerStmts(shared), ...start]), task, ...scripts],
  }
}

function startOf(body: readonly Stmt[]): Method[] {
  return body.length === 0 ? [] : [{ name: 'onStart', params: [], async: true, body }]
}

/** Returns those fields of the user that the code uses. */
function fieldsOf(plan: Plan, code: unknown): Field[] {
  const fields: Field[] = [
    ...[...plan.fields.values()].map((name) => ({ name, value: plan.scripts.initial.get(name) ?? str('') })),
    ...[...plan.lists.values()].map((name) => ({ name, type: 'string[]', value: array([]) })),
    ...[...plan.state].map(([name, value]) => ({ name, value })),
    { name: lastOk.name, value: bool(true) },
  ]
  return fields.filter(({ name }) => usesField(code, name))
}

function usesField(code: unknown, name: string): boolean {
  return some(code, (node) => node.k === 'member' && node.of.k === 'this' && node.name === name)
}

/**
 * Returns the statements of `onStart` and of the task. The steps of Once Only Controllers at the beginning of a group move to `onStart`. If one of
 * these steps uses a value of the iteration, all of these steps stay in the task. Values of the iteration are its number, the fields of counters and
 * controllers, the variables of blocks, and the rows that the rest of the task also uses.
 */
function methodsOf(plan: Plan, { steps, resets }: Group, host: Host): { start: Stmt[]; body: Stmt[] } {
  const end = steps.findIndex((step) => !isFirst(step) && !isComment(step))
  const first = steps.slice(0, end === -1 ? steps.length : end).filter(isFirst)
  const rest = steps.filter((step) => !first.includes(step as Once))
  const place = (): { host: string; base: string; names: Names } => ({ ...host, names: new Names(plan.localNames) })
  const start = stmtsOf(
    first.flatMap(({ once }) => once),
    place(),
  )
  const body = [...resets, ...stmtsOf(rest, place())]
  const own = new Set([...plan.localNames, ...rowsIn(plan, body)])
  const isOfIteration =
    [...namesIn(start), ...rowsIn(plan, start)].some((name) => own.has(name)) ||
    ['iteration', ...plan.state.keys()].some((name) => usesField(start, name))
  if (isOfIteration) return { start: [], body: withRows(plan, [...resets, ...stmtsOf(steps, place())]) }
  return { start: withRows(plan, start), body: withRows(plan, body) }
}

/** Returns true for steps that a user runs at the beginning of its first iteration. */
function isFirst(step: Step): step is Once {
  return 'once' in step && step.isCertain
}

function isComment(step: Step): boolean {
  return 'stmts' in step && step.stmts.every(({ k }) => k === 'comment')
}

/**
 * Adds statements that draw rows. If the given statements use a row of a feed, adds one such statement for this feed at the beginning. JMeter also
 * draws rows at the start of an iteration.
 */
function withRows(plan: Plan, stmts: readonly Stmt[]): Stmt[] {
  return [...rowsIn(plan, stmts).map((name) => constant(`${name}Row`, method(id(name), 'next'))), ...stmts]
}

/** Returns the feeds whose rows the statements use. */
function rowsIn({ feeds }: Plan, stmts: readonly Stmt[]): string[] {
  const used = namesIn(stmts)
  return [...feeds.keys()].filter((name) => used.has(`${name}Row`))
}
