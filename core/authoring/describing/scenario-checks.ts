import { invalidInput } from '../../errors.ts'
import { suggestedName } from '../../closest-name.ts'
import { inWords, isClass, isGenerator, isRecord, refuseUnknown, wrongItem } from '../../values-in-words.ts'
import { k6Hint } from '../../thresholds/k6-threshold.ts'
import { mostAbortRules } from '../../thresholds/abort-rule.ts'
import type { Scenario, ScenarioOptions } from '../definition.ts'
import { checkedTls } from './tls-texts.ts'
import { marks } from '../runtime.ts'

/** All known options. An unknown option is an error, because a misspelt `thresholds` would otherwise be ignored silently. */
const known: Record<keyof ScenarioOptions, true> = {
  host: true,
  users: true,
  load: true,
  thresholds: true,
  abortOn: true,
  find: true,
  budget: true,
  allow: true,
  name: true,
  connections: true,
  tls: true,
  http2: true,
  proxy: true,
  localAddress: true,
  addressFamily: true,
  dns: true,
  onRequest: true,
  onEvent: true,
  beforeRun: true,
  afterRun: true,
}

/** Names of options in other tools, each with the option of burst that has the same purpose. */
const instead = new Map([
  ['stages', 'load'],
  ['vus', 'load'],
  ['duration', 'load'],
  ['scenarios', 'users'],
  ['classes', 'users'],
  ['abort', 'abortOn'],
  ['abortonfail', 'abortOn'],
  ['baseurl', 'host'],
  ['url', 'host'],
  ['target', 'host'],
  ['setup', 'beforeRun'],
  ['teardown', 'afterRun'],
  ['tlsauth', 'tls'],
  ['verify', 'tls'],
  ['insecureskiptlsverify', 'tls'],
  ['h2', 'http2'],
  ['alpn', 'http2'],
])

/**
 * Refuses a generator function, because burst would call the function but its body would not run. Also refuses a class, because a class cannot be
 * called.
 */
const isHook = (value: unknown): boolean => typeof value === 'function' && !isGenerator(value) && !isClass(value)
const hookHint = 'write a function without a star; a class cannot be called'
const isString = (value: unknown): value is string => typeof value === 'string'
const isNumber = (value: unknown): boolean => typeof value === 'number'
const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== ''
/** Accepts a host, a host with a port, and a pattern `*.host`. Refuses a URL, because a URL matches no host and the option would have no effect. */
const isHost = (value: unknown): boolean => typeof value === 'string' && /^(?:\*\.)?[^\s/*@?#]+$/.test(value)

/** Returns whether the option `http2` accepts the value. */
export function isHttp2(value: unknown): boolean {
  return typeof value === 'boolean' || value === 'auto'
}

export const http2Hint = "write true, false or 'auto'"

/** The options that can be checked independently of other options. */
const simple: [keyof ScenarioOptions, (value: unknown) => boolean, string][] = [
  ['name', isText, 'write a string'],
  ['connections', (value) => value === 'per-user' || value === 'shared', "write 'per-user' or 'shared'"],
  ['http2', isHttp2, http2Hint],
  ['beforeRun', isHook, hookHint],
  ['afterRun', isHook, hookHint],
  ['onRequest', isHook, hookHint],
  ['onEvent', isHook, hookHint],
]

/**
 * Checks the types of the default export of a scenario file and of its options.
 * @throws BurstError (104) for the first mistake
 */
export function checkedScenario(definition: unknown): Scenario {
  const scenario = definition as Scenario | undefined
  if (typeof scenario !== 'object' || scenario === null || !scenario[marks.scenario]) {
    throw invalidInput('the default export is not a scenario', {
      hint: 'end the file with: export default scenario({ host, users })',
    })
  }
  refuseUnknownOption(scenario)
  checkHostAndUsers(scenario)
  checkLoad(scenario.load)
  checkThresholds(scenario.thresholds)
  checkAbortOn(scenario.abortOn)
  checkFind(scenario.find)
  checkAllow(scenario.allow)
  if (scenario.tls !== undefined) checkedTls(scenario.tls, "'tls' of scenario()")
  for (const [option, isRight, hint] of simple) {
    const value: unknown = scenario[option]
    if (value !== undefined && !isRight(value)) throw wrong(option, value, hint)
  }
  return scenario
}

function refuseUnknownOption(scenario: object): void {
  const unknown = Object.keys(scenario).find((key) => !Object.hasOwn(known, key))
  if (unknown === undefined) return
  const names = Object.keys(known)
  const meant = instead.get(unknown.toLowerCase()) ?? suggestedName(unknown, names)
  const hint = meant === undefined ? `the options are ${names.join(', ')}` : `did you mean ${meant}?`
  throw invalidInput(`scenario() has no option '${unknown}'`, { hint })
}

/** Checks an option that is a list, and all its items. */
function checkList(
  option: string,
  list: unknown,
  isRight: (item: unknown) => boolean,
  hint: string,
): asserts list is readonly unknown[] {
  if (!Array.isArray(list)) throw wrong(option, list, hint)
  const found = wrongItem(list, isRight)
  if (found) throw invalidInput(`item ${found.place} of '${option}' is ${inWords(found.value)}`, { hint })
}

function checkAllow(allow: unknown): void {
  if (allow === undefined) return
  const hint = "write a list of hosts, without https:// and path: allow: ['cdn.example.com', '*.example.com']"
  checkList('allow', allow, isHost, hint)
}

function checkHostAndUsers({ host, users }: { host?: unknown; users?: unknown }): void {
  if (host !== undefined && typeof host !== 'string') throw wrong('host', host, "write a string: host: 'https://…'")
  if (users !== undefined && !Array.isArray(users)) throw wrong('users', users, 'write a list: users: [Shopper]')
  if (!users?.length) throw invalidInput('the scenario has no user classes', { hint: 'add users: [YourUser]' })
  const found = wrongItem(users, isUserClass)
  if (!found) return
  const { place, value } = found
  throw invalidInput(`item ${place} of 'users' is ${inWords(value)}, not a class that extends HttpUser`, {
    hint: usersHint(value),
  })
}

function isUserClass(value: unknown): boolean {
  return typeof value === 'function' && (value as { [marks.user]?: unknown })[marks.user] === true
}

function usersHint(value: unknown): string {
  if (value === undefined)
    return 'check the name of the class; if two files import each other, move the class to a third file'
  if (isString(value)) return `write the class itself, without quotes: users: [${value.slice(0, 40)}]`
  return 'write users: [Shopper], with class Shopper extends HttpUser {…}'
}

function checkLoad(load: unknown): void {
  if (load === undefined || (typeof load === 'function' && !isClass(load))) return
  const hint = "write a list of stages: load: [ramp(10, '10s'), hold('1m')]; without 'load', 1 user runs"
  if (!Array.isArray(load) || load.length === 0) throw wrong('load', load, hint)
  checkList('load', load, isStage, stageHint)
}

const stageHint = "a stage is ramp(10, '10s'), hold('1m'), arrivals(50, '1m') or rampArrivals(0, 50, '1m')"

/**
 * Returns whether a value is a stage with valid numbers. A file may write a stage as an object, without `ramp()` or another function that checks its
 * arguments.
 */
function isStage(value: unknown): boolean {
  if (!isRecord(value) || !isFromZero(value['ms'])) return false
  const { kind, from, to } = value
  if (kind === 'hold') return true
  return isFromZero(to) && (kind === 'ramp' || (kind === 'arrivals' && isFromZero(from)))
}

function isFromZero(value: unknown): boolean {
  return Number.isFinite(value) && Number(value) >= 0
}

function checkThresholds(thresholds: unknown): void {
  if (thresholds === undefined) return
  const hint = "write a list of strings: thresholds: ['p95 < 500ms', 'errors < 1%', 'POST /cart: p99 < 1s']"
  checkList('thresholds', thresholds, isString, ofK6(thresholds) ?? hint)
}

const findHint = "write find: { max: 5000, step: '1m', until: ['p95 < 400ms', 'errors < 1%'] }"

function checkFind(find: unknown): void {
  if (find === undefined) return
  if (!isRecord(find)) throw wrong('find', find, findHint)
  refuseUnknown(find, ['max', 'start', 'step', 'until', 'precision'], "'find'")
  const rules: [string, (value: unknown) => boolean][] = [
    ['max', isNumber],
    ['start', (value) => value === undefined || isNumber(value)],
  ]
  const wrongOne = rules.find(([field, isRight]) => !isRight(find[field]))
  if (wrongOne) throw invalidInput(`'${wrongOne[0]}' of find is ${inWords(find[wrongOne[0]])}`, { hint: findHint })
  const { until = [] } = find
  if (!Array.isArray(until)) throw invalidInput(`'until' of find is ${inWords(until)}`, { hint: findHint })
  checkList('until', until, isText, findHint)
}

const abortHint = "write a list: abortOn: [{ threshold: 'errors < 10%', over: '30s' }]"

function checkAbortOn(abortOn: unknown): void {
  if (abortOn === undefined) return
  checkList('abortOn', abortOn, isRecord, abortHint)
  if (abortOn.length > mostAbortRules) {
    throw invalidInput(`'abortOn' has ${abortOn.length} rules`, { hint: `give at most ${mostAbortRules}` })
  }
  for (const rule of abortOn) checkAbortRule(rule as Record<string, unknown>)
}

function checkAbortRule(rule: Record<string, unknown>): void {
  refuseUnknown(rule, ['threshold', 'over'], "'abortOn'")
  if (!isText(rule['threshold'])) {
    throw invalidInput(`the threshold of a rule in 'abortOn' is ${inWords(rule['threshold'])}`, { hint: abortHint })
  }
  if (rule['over'] !== undefined) return
  throw invalidInput(`'${String(rule['threshold'])}' in abortOn has no 'over'`, { hint: abortHint })
}

/**
 * Returns a hint if the thresholds have the form of k6: `{ http_req_duration: ['p(95)<500'] }`. The hint shows how to write the first of them in
 * burst. Returns undefined if the thresholds do not have this form.
 */
function ofK6(thresholds: unknown): string | undefined {
  if (!isRecord(thresholds)) return undefined
  const [metric, rules] = Object.entries(thresholds)[0] ?? []
  const [rule]: unknown[] = Array.isArray(rules) ? rules : [rules]
  // k6 also accepts { threshold: 'p(95)<500', abortOnFail: true }.
  const first = isRecord(rule) ? rule['threshold'] : rule
  const found = typeof first === 'string' ? k6Hint(`${metric}: ${first}`) : undefined
  return found && `${found}; thresholds are a list of strings, such as thresholds: ['p95 < 400ms']`
}

function wrong(option: string, value: unknown, hint: string): Error {
  return invalidInput(`'${option}' of scenario() is ${inWords(value)}`, { hint })
}
