import { type Entry, type Expr, arrow, id, member, method, num, object, str } from '../../scenario/code.ts'
import { awaits } from '../../scenario/walk.ts'
import { withoutUnused } from '../classes/tidied.ts'
import { condition, opposite, refuseLost } from '../code/conditions.ts'
import { Lost, declare } from '../code/context.ts'
import { everyPy, somePy } from '../code/declarations.ts'
import { block } from '../code/translator.ts'
import { any } from '../code/value-types.ts'
import type { Frame } from '../frame.ts'
import type { Py, PyStmt } from '../python/syntax.ts'
import { type StatusTest, expected, statusTest, translated, usesIn, withResponse } from './responses.ts'

/** One condition that the response must meet. */
type Rule =
  | { kind: 'status'; test: StatusTest }
  | { kind: 'body'; text: Expr }
  | { kind: 'under'; seconds: Expr }
  | { kind: 'test'; holds: Expr; message: Expr | null }

/** Converts the conditions in a Python block `with …, catch_response=True` to calls that are chained to the request. */
export function judged(request: Expr, stmts: readonly PyStmt[], name: string, frame: Frame): Expr {
  const rules = knownRules(stmts, name, frame)
  return rules ? byRules(request, rules) : method(request, 'expect', judgingFunction(stmts, name, frame))
}

/**
 * Returns the rules that the statements express. Returns null if a statement cannot become a rule. The caller then generates a function, which can
 * contain a TODO.
 */
function knownRules(stmts: readonly PyStmt[], name: string, frame: Frame): Rule[] | null {
  // If a function of the file judges the response, the rules are unknown.
  if (somePy(stmts, (py) => py.t === 'call' && py.judges === name)) return null
  try {
    return rulesOf(stmts, name, frame)
  } catch (error) {
    if (!(error instanceof Lost)) throw error
    return null
  }
}

function byRules(request: Expr, rules: readonly Rule[]): Expr {
  const [status, body, under] = [rules.find(isStatus), rules.find(isBody), rules.find(isUnder)]
  const entries: Entry[] = []
  if (status) entries.push({ key: 'status', value: expected(status.test) })
  if (body) entries.push({ key: 'body', value: body.text })
  if (under) entries.push({ key: 'under', value: under.seconds })
  let found = request
  if (entries.length > 0)
    found = method(found, 'expect', status && entries.length === 1 ? expected(status.test) : object(entries))
  for (const rule of rules) {
    if (rule.kind === 'test')
      found = method(found, 'expect', arrow(['response'], rule.holds), ...(rule.message ? [rule.message] : []))
  }
  return found
}

const isStatus = (rule: Rule): rule is Extract<Rule, { kind: 'status' }> => rule.kind === 'status'
const isBody = (rule: Rule): rule is Extract<Rule, { kind: 'body' }> => rule.kind === 'body'
const isUnder = (rule: Rule): rule is Extract<Rule, { kind: 'under' }> => rule.kind === 'under'

/** Returns the rules for a plain `if … failure() else success()`; null for any other statements. */
function rulesOf(stmts: readonly PyStmt[], name: string, frame: Frame): Rule[] | null {
  const rules: Rule[] = []
  for (const stmt of stmts.filter((one) => !hasNoEffect(one, name))) {
    const found = stmt.t === 'if' ? ofIf(stmt, name, frame) : null
    if (!found) return null
    rules.push(...found)
  }
  const counts = [isStatus, isBody, isUnder].map((is) => rules.filter(is).length)
  return counts.some((count) => count > 1) ? null : rules
}

type If = Extract<PyStmt, { t: 'if' }>

function ofIf({ arms, otherwise }: If, name: string, frame: Frame): Rule[] | null {
  const outcomes = arms.map(({ body }) => outcomeOf(body, name))
  const last = outcomeOf(otherwise, name)
  if (outcomes.includes(null) || last === null) return null
  if (outcomes.every((one) => one?.fails) && !last.fails) {
    return arms.flatMap(({ test }, index) => mustNot(test, { name, message: outcomes[index]?.message ?? null }, frame))
  }
  if (outcomes.some((one) => one?.fails)) return null
  if (last.fails)
    return oneOf(
      arms.map(({ test }) => test),
      { name, message: last.message },
      frame,
    )
  return otherwise.length === 0
    ? alsoGood(
        arms.map(({ test }) => test),
        name,
        frame,
      )
    : null
}

interface Outcome {
  fails: boolean
  message: Py | null
}

/**
 * Returns whether a branch calls `failure()`, and the message of the failure. Returns null if the branch contains a statement with any other effect.
 */
function outcomeOf(body: readonly PyStmt[], name: string): Outcome | null {
  let found: Outcome = { fails: false, message: null }
  for (const stmt of body.filter((one) => !hasNoEffect(one, name))) {
    const failure = calledOn(stmt, name, 'failure')
    if (!failure || found.fails) return null
    found = { fails: true, message: failure.args[0] ?? null }
  }
  return found
}

/** Returns the call if the statement calls a method of the response; null for any other statement. */
export function calledOn(stmt: PyStmt, name: string, wanted: string): Extract<Py, { t: 'call' }> | null {
  const py = stmt.t === 'expr' ? stmt.of : null
  if (py?.t !== 'call' || py.of.t !== 'attr' || py.of.name !== wanted) return null
  return py.of.of.t === 'name' && py.of.of.id === name ? py : null
}

/** Returns true if a statement has no effect on the result: a log, `pass`, a comment, `success()`, or a bare `return`. */
function hasNoEffect(stmt: PyStmt, name: string): boolean {
  if (stmt.t === 'pass' || stmt.t === 'comment' || (stmt.t === 'return' && stmt.of === null)) return true
  return calledOn(stmt, name, 'success') !== null || isLog(stmt)
}

/** Returns true for a statement that only writes to a log: `print(…)`, `logging.info(…)` or `logger.error(…)`. */
export function isLog(stmt: PyStmt): boolean {
  const of = stmt.t === 'expr' && stmt.of.t === 'call' ? stmt.of.of : null
  if (of?.t === 'name') return of.id === 'print'
  return of?.t === 'attr' && /^(?:debug|info|warning|warn|error|exception|critical|log)$/.test(of.name)
}

interface Judging {
  name: string
  message: Py | null
}

function mustNot(test: Py, judging: Judging, frame: Frame): Rule[] {
  if (test.t === 'logic' && test.op === 'or' && !statusTest(test, judging.name, frame)) {
    return [...mustNot(test.left, judging, frame), ...mustNot(test.right, judging, frame)]
  }
  const status = statusTest(test, judging.name, frame)
  if (status && !status.positive)
    return status.statuses === 'ok' ? [] : [{ kind: 'status', test: { ...status, positive: true } }]
  const [only] = test.t === 'compare' ? test.rest : []
  if (test.t === 'compare' && only && test.rest.length === 1) {
    const text = only.op === 'not in' ? textIn(test.first, only.right, judging.name) : null
    if (text !== null) return [{ kind: 'body', text: str(text) }]
    if (isSeconds(test.first, judging.name) && ['>', '>='].includes(only.op) && isBelowTimeout(only.right))
      return [{ kind: 'under', seconds: translated(only.right, judging.name, frame) }]
  }
  return [plainRule(test, judging, frame, false)]
}

/** Returns the text in `"text" in response.text`; null for any other expression. */
function textIn(what: Py, where: Py, name: string): string | null {
  const isText =
    where.t === 'attr' && ['text', 'content'].includes(where.name) && where.of.t === 'name' && where.of.id === name
  return isText && what.t === 'str' ? what.value : null
}

/**
 * Returns false for a constant time limit of 60 s or more. burst accepts only a limit that is shorter than the timeout of the request, which is 60 s
 * by default.
 */
function isBelowTimeout(seconds: Py): boolean {
  return seconds.t !== 'num' || seconds.value < 60
}

/** `response.elapsed.total_seconds()` */
function isSeconds(py: Py, name: string): boolean {
  if (py.t !== 'call' || py.of.t !== 'attr' || py.of.name !== 'total_seconds') return false
  const { of } = py.of
  return of.t === 'attr' && of.name === 'elapsed' && of.of.t === 'name' && of.of.id === name
}

function plainRule(test: Py, { name, message }: Judging, frame: Frame, positive: boolean): Rule {
  const holds = withResponse(name, frame, (own) => {
    refuseLost([test], own)
    return condition(test, own)
  })
  return {
    kind: 'test',
    holds: asBoolean(positive ? holds : opposite(holds)),
    message: message && messageOf(message, name, frame),
  }
}

const tests = new Set(['includes', 'startsWith', 'endsWith', 'has', 'some', 'every', 'test', 'isArray'])

/** Converts a string or another value to a condition, because an expectation returns true or false. */
function asBoolean(value: Expr): Expr {
  const name = value.k === 'call' && value.of.k === 'member' ? value.of.name : ''
  const isValue = value.k === 'call' ? !tests.has(name) : value.k === 'index' || value.k === 'id'
  return isValue ? { k: 'call', of: id('Boolean'), args: [value] } : value
}

/** Returns the message of a failure; null if the message depends on the response, or has no counterpart. */
function messageOf(message: Py, name: string, frame: Frame): Expr | null {
  return usesIn(message, name).length > 0 ? null : translated(message, name, frame)
}

/** Returns the rule for conditions that are joined with `or`. */
function oneOf(tests: readonly Py[], judging: Judging, frame: Frame): Rule[] | null {
  const statuses = tests.map((test) => statusTest(test, judging.name, frame))
  if (statuses.every((one) => one?.positive && one.statuses !== 'ok')) {
    return [
      { kind: 'status', test: { statuses: statuses.flatMap((one) => one?.statuses as number[]), positive: true } },
    ]
  }
  const [only] = tests
  if (tests.length > 1 || !only) return null
  return must(only, judging, frame)
}

function must(test: Py, judging: Judging, frame: Frame): Rule[] {
  const status = statusTest(test, judging.name, frame)
  if (status?.positive) return status.statuses === 'ok' ? [] : [{ kind: 'status', test: status }]
  if (test.t === 'logic' && test.op === 'and')
    return [...must(test.left, judging, frame), ...must(test.right, judging, frame)]
  const [only] = test.t === 'compare' ? test.rest : []
  if (test.t === 'compare' && only && test.rest.length === 1) {
    const text = only.op === 'in' ? textIn(test.first, only.right, judging.name) : null
    if (text !== null) return [{ kind: 'body', text: str(text) }]
    if (isSeconds(test.first, judging.name) && ['<', '<='].includes(only.op) && isBelowTimeout(only.right))
      return [{ kind: 'under', seconds: translated(only.right, judging.name, frame) }]
  }
  return [plainRule(test, judging, frame, true)]
}

/** Translates `if response.status_code == 404: response.success()`. */
function alsoGood(tests: readonly Py[], name: string, frame: Frame): Rule[] {
  const statuses = tests.flatMap((test) => {
    const status = statusTest(test, name, frame)
    return status?.positive && status.statuses !== 'ok' ? status.statuses : []
  })
  const refused = statuses.filter((status) => status >= 400)
  if (refused.length === 0) return []
  const response = member(id('response'), 'ok')
  const holds = refused.reduce<Expr>(
    (all, status) => ({
      k: 'binary',
      op: '||',
      left: all,
      right: { k: 'binary', op: '===', left: member(id('response'), 'status'), right: num(status) },
    }),
    response,
  )
  return [{ kind: 'test', holds, message: null }]
}

/**
 * Translates the statements to a function that judges the response. In this function, `failure()` throws. Variables that later code uses are declared
 * outside the function.
 */
function judgingFunction(stmts: readonly PyStmt[], name: string, frame: Frame): Expr {
  const body = withoutUnused(withResponse(name, frame, (own) => block(stmts, own, false)))
  return arrow(['response'], body, awaits(body))
}

/** Declares a new variable before the request, if the statements assign this variable, and the statements in `later` read it. */
export function shareVariables(stmts: readonly PyStmt[], later: readonly PyStmt[], frame: Frame): void {
  const read = new Set<string>()
  everyPy(later, (py) => {
    if (py.t === 'name') read.add(py.id)
  })
  for (const stmt of stmts) {
    for (const target of stmt.t === 'assign' ? stmt.targets : []) {
      if (target.t !== 'name' || !read.has(target.id) || frame.scope.has(target.id)) continue
      const { name } = declare(frame, target.id, any)
      frame.before.push({ k: 'var', kind: 'let', name, type: 'any' })
    }
  }
}

/** Returns the message of `response.failure(message)`. This call is in a function that judges the response. */
export function failing(py: Extract<Py, { t: 'call' }>, frame: Frame): Expr {
  const [message] = py.args
  if (!message) throw new Lost(py)
  return translated(message, frame.judged ?? '', frame)
}
