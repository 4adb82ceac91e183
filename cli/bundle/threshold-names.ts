import type { ScenarioDescription } from '../../core/authoring/description.ts'
import { readFileSync } from 'node:fs'
import { invalidInput } from '../../core/errors.ts'
import { isNamed } from '../../core/counted-name.ts'
import type { ThresholdScope } from '../../core/thresholds/threshold.ts'
import { respeltHint, respeltThreshold } from '../../core/thresholds/respelt-threshold.ts'
import { parseWrittenThreshold } from '../../core/thresholds/written-threshold.ts'
import { closestFirst } from '../../core/closest-name.ts'
import { few } from '../../core/words.ts'
import { type SourceText, escapeRegExp, locate } from './sources.ts'

/**
 * Matches the start of an expression whose value is known only at run time, for example a variable, a template with a placeholder, or a
 * concatenation. Does not match a plain string.
 */
const computed = String.raw`\s*(?:[^'"\x60\s]|\x60[^\x60]*\$\{|'[^'\n]*'\s*\+|"[^"\n]*"\s*\+)`
/**
 * Matches a request, a recorded sample or a step whose name or route is computed. Every `.get(x)` matches, even the `get` of a Map, because a valid
 * file must never be refused. Every call of `.submit` and `.resources` matches, because only the loaded page contains the routes of its forms and
 * resources.
 */
const computedName = new RegExp(
  String.raw`\bname\s*(?::${computed}|[,}])|\.(?:get|post|put|patch|delete|head|options|step|sse|stream|ws|graphql)(?:<[^()]*>)?\(${computed}|\.(?:submit|resources)\(|\.request(?:<[^()]*>)?\([^,)]*,${computed}|\bhttp\s*(?:\?\.)?\[`,
)
/** Matches an object that contains data of a request, such as its headers. A field `name` in such an object is not the name of the request. */
const payload = /\b(?:params|json|query|form|headers)\s*:\s*\{[^{}]*\}/g
/** Matches the list of a class's tasks. The names in this list are names of tasks, not of requests. */
const taskList = /\btasks\b[^={}\n]*=\s*\{[^{}]*\}/g
/** Matches the suffix in the name of a row that burst itself counts for a connection or an event stream. burst appends it to the request's name. */
const ownRow = /(?:: (?:first event|between events|reconnect)| (?:sent|received|message|lost|closed \d(?:\d{3}|xxx)))$/
const computedCheck = new RegExp(String.raw`\.check\(${computed}`)

/** The scenario, which contains the names that thresholds may use. */
export interface Named {
  description: ScenarioDescription
  sources: readonly SourceText[]
  /** The source files of the packages that the scenario imports. */
  packages: readonly string[]
}

/**
 * Checks the expressions of `thresholds`, `abortOn` and `until` in the file: every name in them must occur in the scenario. If the source computes
 * names of requests, every request name is accepted; the same applies to checks. A tag must always be a tag of a task.
 * @throws BurstError (104) when a name does not occur in the scenario, or an expression is invalid
 */
export function checkThresholds(named: Named): void {
  const { description, sources } = named
  const { thresholds, abortOn = [], find } = description
  const all = [
    ...(find?.until ?? []).map((expression) => ({ expression, at: locate(sources, expression, 'until') })),
    ...thresholds.map((expression) => ({ expression, at: locate(sources, expression, 'thresholds') })),
    ...abortOn.map(({ expression }) => ({ expression, at: locate(sources, expression, 'abortOn') })),
  ]
  const code = codeOf(
    named,
    all.map(({ expression }) => expression),
  )
  for (const { expression, at } of all) checkName(expression, at, { ...named, code })
}

/**
 * Checks thresholds of the command line with the same rules as thresholds of the scenario file.
 * @throws BurstError (104) when a name does not occur in the scenario, or an expression is invalid
 */
export function checkNames(thresholds: readonly string[], named: Named): void {
  const { thresholds: own, abortOn = [], find } = named.description
  const code = codeOf(named, [...own, ...abortOn.map(({ expression }) => expression), ...(find?.until ?? [])])
  for (const expression of thresholds) checkName(expression, undefined, { ...named, code })
}

/** Returns the code of the sources without the expressions of the thresholds, because these expressions contain the names too. */
function codeOf({ sources }: Named, thresholds: readonly string[]): string {
  const own = sources.map((one) => one.text).join('\n')
  // `'it\'s'` names it's.
  return thresholds.reduce((text, expression) => text.replaceAll(expression, ''), own).replaceAll(/\\(?=['"`/])/g, '')
}

function checkName(
  expression: string,
  at: string | undefined,
  { code, description, packages }: Named & { code: string },
): void {
  const tags = new Set(description.classes.flatMap((one) => one.tasks.flatMap((task) => task.tags)))
  const scope = parse(expression, at)
  const missing = missingSubject(scope, code, tags)
  if (missing === undefined || isInPackages(scope, packages)) return
  const hint = hintFor(expression, scope, { code, tags })
  throw invalidInput(`threshold '${expression}' does not name a ${missing} of this scenario`, {
    ...(at && { at }),
    ...(hint && { hint }),
  })
}

/**
 * If a corrected spelling of the threshold names something in the scenario, returns a hint with this spelling. Otherwise, returns a hint with similar
 * names.
 */
function hintFor(
  expression: string,
  scope: ThresholdScope,
  { code, tags }: { code: string; tags: ReadonlySet<string> },
): string | undefined {
  const spelling = respeltThreshold(expression)
  if (spelling !== undefined && missingSubject(parseWrittenThreshold(spelling).scope, code, tags) === undefined)
    return respeltHint(spelling)
  const there = scope.kind === 'tag' ? [...tags] : namesIn(scope, code)
  return there.length > 0 ? `the scenario has ${few(closestFirst(wantedIn(scope), there))}` : undefined
}

function wantedIn(scope: ThresholdScope): string {
  if (scope.kind === 'request') return withoutMethod(scope.name)
  return scope.kind === 'tag' ? scope.tag : scope.kind === 'check' ? scope.check : ''
}

/** Returns the names in the code: for a threshold on a check, the names of checks; otherwise, the names of requests, recorded samples and steps. */
function namesIn(scope: ThresholdScope, code: string): string[] {
  const named = scope.kind === 'check' ? /\.check\(\s*(['"`])(.+?)\1/g : callsWithName
  return [...new Set([...code.replaceAll(payload, '').matchAll(named)].map(([, , name]) => name as string))]
}

const callsWithName =
  /(?:\.(?:get|post|put|patch|delete|head|options|step|sse|stream|ws)(?:<[^()]*>)?\(\s*|\.request\([^,)]*,\s*|\bname\s*:\s*)(['"`])(.+?)(?:[?#][^'"`\n]*)?\1/g

function withoutMethod(name: string): string {
  return name.replace(/^\S+ +/, '')
}

function parse(expression: string, at: string | undefined): ThresholdScope {
  try {
    return parseWrittenThreshold(expression).scope
  } catch (cause) {
    const { message, hint } = cause as { message: string; hint?: string }
    throw invalidInput(message, { cause, ...(hint && { hint }), ...(at && { at }) })
  }
}

function missingSubject(scope: ThresholdScope, code: string, tags: ReadonlySet<string>): string | undefined {
  if (scope.kind === 'tag') return [...tags].some((tag) => isNamed(scope.tag, tag)) ? undefined : 'tag'
  if (scope.kind === 'check') return mayOccur(code, [scope.check], computedCheck) ? undefined : 'check'
  if (scope.kind === 'all') return undefined
  const names = [scope.name, scope.name.replace(ownRow, '')].flatMap((name) => [name, withoutMethod(name)])
  if (isOperation(scope.name, code) || mayOccur(code, names, computedName)) return undefined
  return 'request, recorded sample or step'
}

/** Returns true if the code sends GraphQL requests, and the name ends with an operation or a `{ field }` that occurs in the code. */
function isOperation(name: string, code: string): boolean {
  const found = / (?:(\w+)|\{ (?:\.\.\.)?(\w+) \})$/.exec(name)
  if (!found || !/\.graphql\b/.test(code)) return false
  const [, operation, field] = found
  const used = operation ? String.raw`\b(?:query|mutation|subscription)\s+${operation}\b` : String.raw`\b${field}\b`
  return new RegExp(used).test(code)
}

/** Returns true if the code of a package contains the name, because the package may send the request or make the check. */
function isInPackages(scope: ThresholdScope, packages: readonly string[]): boolean {
  const name = scope.kind === 'request' ? scope.name : scope.kind === 'check' ? scope.check : undefined
  if (name === undefined) return false
  return packages.some((path) => {
    const text = readFileSync(path, 'utf8')
    return occurs(text, name) || occurs(text, withoutMethod(name))
  })
}

function mayOccur(code: string, names: readonly string[], unlessComputed: RegExp): boolean {
  const calls = code.replace(payload, '').replace(taskList, '')
  return unlessComputed.test(calls) || names.some((name) => occurs(calls, name))
}

/**
 * Returns true if the code contains the name as a string, with or without a query string, and with or without blanks around the name. If the name is
 * a path, the function also accepts a URL with this path.
 */
function occurs(code: string, name: string): boolean {
  const origin = name.startsWith('/') ? '(?:https?://[^\'"`/]*)?' : ''
  return new RegExp(`['"\`]\\s*${origin}${escapeRegExp(name)}\\s*['"\`?#]`).test(code)
}
