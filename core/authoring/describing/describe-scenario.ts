import { BurstError, invalidInput } from '../../errors.ts'
import { durationMs } from '../../duration.ts'
import { inWords, numberFromZero } from '../../values-in-words.ts'
import { RandomStream } from '../../random.ts'
import type { ClassDescription, FeedDescription, ScenarioDescription } from '../description.ts'
import type { AbortRule } from '../../thresholds/abort-rule.ts'
import { type FindWish, shareIn } from '../../thresholds/find-wish.ts'
import type { AbortOn, Find, Scenario } from '../definition.ts'
import { feedRegistry } from '../feed.ts'
import type { Http } from '../requests/http.ts'
import { type UserRuntime, marks, shared } from '../runtime.ts'
import { describeNetwork } from './network-checks.ts'
import { misspeltMembers } from './misspelt.ts'
import { ownCode, readable } from './readable.ts'
import { checkedScenario, http2Hint, isHttp2 } from './scenario-checks.ts'
import { checkedTags } from '../task.ts'
import { isWait, waitHint } from '../wait.ts'
import { collectTasks, membersOf, shieldOwnMethods } from '../tasks.ts'
import type { HttpUser } from '../http-user.ts'

type UserClass = (new () => HttpUser) & {
  weight?: unknown
  count?: unknown
  tags?: unknown
  handOver?: unknown
  connection?: unknown
  http2?: unknown
  [marks.user]?: true
}

/** The longest time for which a shape function is sampled. */
const shapeCapSeconds = 86_400

/**
 * Describes a scenario file's default export as plain data for the planner.
 * @throws BurstError (104) that names the first mistake; the scenario's own error if a constructor or the function `load` throws
 */
export function describeScenario(definition: unknown): ScenarioDescription {
  return readable('the scenario', () => described(definition))
}

function described(definition: unknown): ScenarioDescription {
  const scenario = checkedScenario(definition)
  const warnings: string[] = []
  const classes = scenario.users.map((one) => describeClass(one as UserClass, warnings))
  checkClasses(classes)
  checkProtocols(scenario)
  return {
    name: scenario.name ?? null,
    host: scenario.host ?? null,
    classes,
    load: describeLoad(scenario.load),
    thresholds: [...(scenario.thresholds ?? [])],
    ...endings(scenario),
    ...connectionsOf(scenario),
    hooks: hooksOf(scenario),
    feeds: [...((globalThis as { [feedRegistry]?: FeedDescription[] })[feedRegistry] ?? [])],
    ...(scenario.budget !== undefined && { budgetUsd: budgetOf(scenario.budget) }),
    warnings,
  }
}

/** Returns the options for connections to the target. */
function connectionsOf(
  scenario: Scenario,
): Pick<ScenarioDescription, 'connections' | 'insecure' | 'network' | 'proxy'> {
  const { connections, tls } = scenario
  return {
    connections: connections ?? 'per-user',
    ...(tls?.insecure && { insecure: true as const }),
    ...describeNetwork(scenario),
  }
}

/** Returns the options `find` and `abortOn`, which can end the run before the planned end of the load. */
function endings({ find, abortOn }: Scenario): Pick<ScenarioDescription, 'find' | 'abortOn'> {
  return { ...(find && { find: findWish(find) }), ...(abortOn && { abortOn: abortOn.map(abortRule) }) }
}

function findWish({ max, start, step, until, precision }: Find): FindWish {
  return {
    max,
    ...(start !== undefined && { start }),
    ...(step !== undefined && { stepMs: durationMs(step, "'step' of find") }),
    ...(until !== undefined && { until: [...until] }),
    ...(precision !== undefined && { precision: shareIn(precision, "'precision' of find") }),
  }
}

function abortRule({ threshold, over }: AbortOn): AbortRule {
  return { expression: threshold, overMs: durationMs(over, `the span of '${threshold}' in abortOn`) }
}

function checkClasses(classes: readonly ClassDescription[]): void {
  const twice = classes.find((one, index) => classes.findIndex((other) => other.name === one.name) !== index)
  if (twice)
    throw invalidInput(`two user classes are called ${twice.name}`, {
      hint: 'give each class a different name, because the report identifies classes by name',
    })
  if (classes.every((one) => one.weight === 0 && one.count === null)) {
    throw invalidInput(`the weights of all user classes are zero: ${classes.map((one) => one.name).join(', ')}`)
  }
}

/**
 * The stages of `beforeRun` and `afterRun` send the events `runStart` and `runStop`. If the scenario has `onEvent`, burst therefore runs both stages,
 * even if the scenario has neither of the hooks `beforeRun` and `afterRun`.
 */
function hooksOf({ beforeRun, afterRun, onRequest, onEvent }: Scenario): ScenarioDescription['hooks'] {
  const isGiven = (...hooks: unknown[]): boolean => hooks.some((hook) => typeof hook === 'function')
  return {
    beforeRun: isGiven(beforeRun, onEvent),
    afterRun: isGiven(afterRun, onEvent),
    onRequest: isGiven(onRequest),
    ...(isGiven(onEvent) && { onEvent: true as const }),
  }
}

function budgetOf(text: unknown): number {
  const usd = typeof text === 'string' && /^\$\d+(\.\d+)?$/.test(text) ? Number(text.slice(1)) : Number.NaN
  if (usd > 0) return usd
  throw invalidInput(`budget is ${inWords(text)}`, { hint: "write it like budget: '$5'" })
}

function describeClass(userClass: UserClass, warnings: string[]): ClassDescription {
  const name = checkedClassName(userClass.name)
  const tags = userClass.tags === undefined ? [] : checkedTags(userClass.tags, `class ${name}`)
  const instance = probe(userClass)
  checkWait(name, instance.wait)
  checkHandOver(name, userClass.handOver)
  checkConnection(name, userClass.connection)
  const tasks = describeTasks(userClass, instance, tags)
  warnings.push(...misspeltMembers({ className: name, ...membersOf(userClass, instance) }))
  shieldOwnMethods(instance)
  return {
    name,
    weight: numberFromZero(userClass.weight ?? 1, `static weight of class ${name}`),
    count: userClass.count === undefined ? null : countOf(userClass.count, name),
    tags,
    tasks,
    ...(instance.wait === undefined && { unpaced: true }),
  }
}

/** Refuses a class without a name, or with a `static name` that is not a string, because the report tells classes apart by name. */
function checkedClassName(name: unknown): string {
  if (name === '') {
    throw invalidInput('a class in users has no name', { hint: 'write class Shopper extends HttpUser {…}' })
  }
  if (typeof name === 'string') return name
  throw invalidInput(`'static name' of a class in 'users' is ${inWords(name)}`, {
    hint: 'write a string, or remove the static name',
  })
}

function countOf(value: unknown, className: string): number {
  const count = numberFromZero(value, `static count of class ${className}`)
  if (Number.isInteger(count)) return count
  throw invalidInput(`static count of class ${className} is ${count}`, { hint: 'give a whole number' })
}

function describeTasks(
  userClass: UserClass,
  instance: HttpUser,
  classTags: readonly string[],
): ClassDescription['tasks'] {
  const { name } = userClass
  const tasks = collectTasks(userClass, instance)
  if (tasks.length === 0) {
    throw invalidInput(`class ${name} has no task`, {
      hint: 'mark a method with @task(1) or write tasks = { method: 1 }',
    })
  }
  if (tasks.every((one) => one.weight === 0)) throw invalidInput(`the weights of all tasks of class ${name} are zero`)
  return tasks.map((one) => ({ ...one, tags: [...new Set([...classTags, ...one.tags])].sort() }))
}

function checkHandOver(className: string, value: unknown): void {
  if (value === undefined || typeof value === 'boolean') return
  throw invalidInput(`'static handOver' of class ${className} is ${inWords(value)}`, { hint: 'write true or false' })
}

function checkConnection(className: string, value: unknown): void {
  if (value === undefined || value === 'close' || value === 'keep-alive') return
  throw invalidInput(`'static connection' of class ${className} is ${inWords(value)}`, {
    hint: "write 'close' or 'keep-alive'",
  })
}

/**
 * Refuses an invalid `http2` of a class. If users share connections, also refuses a class whose protocol differs from the protocol of the scenario.
 */
function checkProtocols({ users, connections, http2 = false }: Scenario): void {
  for (const { name, http2: own } of users as readonly UserClass[]) {
    if (own === undefined) continue
    if (!isHttp2(own)) throw invalidInput(`'static http2' of class ${name} is ${inWords(own)}`, { hint: http2Hint })
    if (connections !== 'shared' || own === http2) continue
    throw invalidInput(
      `'static http2' of class ${name} differs from 'http2' of scenario(), but users with connections: 'shared' need one protocol`,
      {
        hint: "write http2 in scenario(), or remove the option 'connections'",
      },
    )
  }
}

function checkWait(className: string, wait: unknown): void {
  if (wait === undefined || isWait(wait)) return
  throw invalidInput(`wait of class ${className} is ${inWords(wait)}`, { hint: waitHint })
}

function describeLoad(load: Scenario['load']): ScenarioDescription['load'] {
  if (load === undefined) return { kind: 'none' }
  if (typeof load !== 'function') return { kind: 'stages', stages: [...load] }
  const users: number[] = []
  for (let second = 0; second < shapeCapSeconds; second++) {
    const level = ownCode(() => load(second))
    if (level === null) return { kind: 'samples', users, ended: true }
    users.push(numberFromZero(level, `load(${second})`))
  }
  return { kind: 'samples', users, ended: false }
}

/** Creates one instance, to read its fields and to find field initialisers that wait or send a request. */
function probe(userClass: UserClass): HttpUser {
  const random = new RandomStream(1, 2, 3)
  const runtime: UserRuntime = {
    http: new Proxy({} as Http, { get: (_, property) => (property === 'headers' ? new Map() : tooEarly) }),
    random,
    dataRandom: random,
    index: 0,
    data: {},
    vars: {},
    ws: tooEarly,
    sleep: tooEarly,
    step: tooEarly,
    record: tooEarly,
    leaveNow: tooEarly,
    draw: () => 0,
    rank: () => ({ rank: 0, of: 1 }),
  }
  shared[marks.runtime] = runtime
  shared[marks.currentRuntime] = () => runtime
  try {
    return ownCode(() => new userClass())
  } finally {
    delete shared[marks.runtime]
    delete shared[marks.currentRuntime]
  }
}

function tooEarly(): never {
  throw new BurstError('invalidInput', 'a field initialiser sends a request or waits', {
    hint: 'move the request or the wait to onStart',
  })
}
