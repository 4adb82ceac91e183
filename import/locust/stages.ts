import { type Expr, burst, call, num } from '../scenario/code.ts'
import type { Members } from './classes/kinds.ts'
import { duration } from './classes/waits.ts'
import type { Module } from './frame.ts'
import type { Py, PyFunction, PyStmt } from './python/syntax.ts'

interface StageRow {
  end: number
  users: number
  rate: number
}

/**
 * Returns the stages as `ramp(…)` and `hold(…)` if `tick` has the usual form, a loop over a list of stages. Returns null for any other form.
 */
export function stagesOf({ attributes, methods }: Members, module: Module): Expr[] | null {
  const tick = methods.get('tick')
  const search = tick && methods.size === 1 ? searchIn(tick) : null
  const list = search && listOf(search.list, attributes, module)
  if (!search || (list?.t !== 'list' && list?.t !== 'tuple') || list.items.length === 0) return null
  const rows = list.items.map((item) => rowOf(item, search, module))
  return rows.includes(null) ? null : stagesFrom(rows as StageRow[])
}

/**
 * Converts stages to calls of `ramp` and `hold`. Returns null if a stage does not end later than the previous stage, or if the spawn rate of a stage
 * is 0 or less.
 */
function stagesFrom(rows: readonly StageRow[]): Expr[] | null {
  const stages: Expr[] = []
  let [start, users] = [0, 0]
  for (const row of rows) {
    const total = row.end - start
    if (total <= 0 || row.rate <= 0) return null
    const needed = Math.abs(row.users - users) / row.rate
    const ramping = Math.min(total, needed)
    const reached = needed > total ? Math.round(users + Math.sign(row.users - users) * row.rate * total) : row.users
    if (reached !== users) stages.push(call(burst('ramp'), num(reached), duration(tidy(ramping))))
    if (total - ramping > 0.0005) stages.push(call(burst('hold'), duration(tidy(total - ramping))))
    start = row.end
    users = reached
  }
  return stages
}

function tidy(seconds: number): number {
  return Number(seconds.toFixed(3))
}

/** The key or the index by which the code reads a value of a stage. */
type Key = string | number

/**
 * The list of stages, and the keys or indexes under which each stage contains its end, its users and its spawn rate. `users` and `rate` are null if
 * the stages use the usual keys for these two values.
 */
interface Search {
  list: Py
  end: Key
  users: Key | null
  rate: Key | null
}

type KeyOf = (py: Py | undefined) => Key | null

const endNames: ReadonlySet<Key> = new Set(['duration', 'time', 'end', 'until'])

/** Finds the loop `for stage in self.stages: if run_time < stage["duration"]: return …`. The stages can also be tuples. */
function searchIn({ body }: PyFunction): Search | null {
  const loop = body.find((stmt) => stmt.t === 'for')
  if (loop?.t !== 'for' || loop.otherwise.length > 0) return null
  if (body.some((stmt) => !['for', 'assign', 'return', 'comment'].includes(stmt.t))) return null
  const keyOf = keysIn(loop)
  const arm = armIn(loop)
  const end = arm && endIn(arm.test, keyOf)
  if (!arm || end === null || (typeof end === 'string' && !endNames.has(end))) return null
  const pair = pairIn(arm.body)
  if (!pair) return typeof end === 'string' ? { list: loop.of, end, users: null, rate: null } : null
  const [users, rate] = [keyOf(pair[0]), keyOf(pair[1])]
  return users === null || rate === null ? null : { list: loop.of, end, users, rate }
}

/** Returns the only `if` of the loop, if this `if` has no `else`. */
function armIn(loop: Extract<PyStmt, { t: 'for' }>): { test: Py; body: readonly PyStmt[] } | null {
  const others = loop.body.filter((stmt) => stmt.t !== 'comment' && !isUnpacking(stmt, loop.target))
  const [only] = others
  if (others.length !== 1 || only?.t !== 'if' || only.arms.length !== 1 || only.otherwise.length > 0) return null
  return only.arms[0] ?? null
}

/** Returns true for `end, users, rate = stage`. */
function isUnpacking(stmt: PyStmt, stage: Py): boolean {
  const isOfStage = stmt.t === 'assign' && stmt.value?.t === 'name' && stage.t === 'name' && stmt.value.id === stage.id
  return isOfStage && stmt.targets.length === 1 && ['tuple', 'list'].includes(stmt.targets[0]?.t ?? '')
}

/**
 * Returns a function. This function takes an expression of the loop. If the expression reads a value of a stage, the function returns the key or the
 * index of the value.
 */
function keysIn(loop: Extract<PyStmt, { t: 'for' }>): KeyOf {
  const columns = new Map<string, number>()
  const unpacked = loop.body.flatMap((stmt) =>
    stmt.t === 'assign' && isUnpacking(stmt, loop.target) ? stmt.targets : [],
  )
  for (const target of [loop.target, ...unpacked]) {
    const items = target.t === 'tuple' || target.t === 'list' ? target.items : []
    for (const [index, item] of items.entries()) if (item.t === 'name') columns.set(item.id, index)
  }
  return (py) => {
    if (py?.t === 'name') return columns.get(py.id) ?? null
    const isOfStage = py?.t === 'sub' && py.of.t === 'name' && loop.target.t === 'name' && py.of.id === loop.target.id
    return isOfStage && (py.index.t === 'str' || py.index.t === 'num') ? py.index.value : null
  }
}

/** Returns the key of the stage's end in `run_time < end` or `end > run_time`. */
function endIn(test: Py, keyOf: KeyOf): Key | null {
  const [only, ...more] = test.t === 'compare' ? test.rest : []
  if (test.t !== 'compare' || !only || more.length > 0) return null
  const [end, time] = only.op.startsWith('<') ? [only.right, test.first] : [test.first, only.right]
  return /^[<>]=?$/.test(only.op) && keyOf(time) === null ? keyOf(end) : null
}

/** Returns the tuple that a block returns, directly or through a variable. */
function pairIn(body: readonly PyStmt[]): readonly Py[] | null {
  const stmts = body.filter(({ t }) => t !== 'comment')
  const last = stmts.at(-1)
  if (last?.t !== 'return' || !last.of) return null
  if (last.of.t === 'tuple') return stmts.length === 1 ? last.of.items : null
  const [set] = stmts
  const isSet = stmts.length === 2 && last.of.t === 'name' && set?.t === 'assign' && set.targets[0]?.t === 'name'
  return isSet && set.value?.t === 'tuple' ? set.value.items : null
}

/** Returns the list in `self.stages`, `Shape.stages`, or a constant of the file. */
function listOf(py: Py, attributes: Members['attributes'], module: Module): Py | undefined {
  const found = py.t === 'attr' ? attributes.get(py.name) : py
  if (found?.t !== 'name') return found
  const all = module.rest.filter(
    (stmt) => stmt.t === 'assign' && stmt.targets.some((target) => target.t === 'name' && target.id === found.id),
  )
  const [only] = all
  return all.length === 1 && only?.t === 'assign' && !module.uses.filled.has(found.id)
    ? (only.value ?? undefined)
    : undefined
}

function rowOf(item: Py, { end, users, rate }: Search, module: Module): StageRow | null {
  const value = (...names: Key[]): number | null => {
    const found = valueAt(item, names)
    return found ? plainNumber(found, module) : null
  }
  const row = {
    end: value(end),
    users: users === null ? value('users', 'user_count') : value(users),
    rate: rate === null ? value('spawn_rate', 'rate', 'hatch_rate') : value(rate),
  }
  return Object.values(row).includes(null) ? null : (row as StageRow)
}

function valueAt(item: Py, names: readonly Key[]): Py | undefined {
  const [index] = names
  if (item.t === 'tuple' || item.t === 'list')
    return item.items.some(({ t }) => t === 'star') || typeof index !== 'number' ? undefined : item.items[index]
  if (item.t !== 'dict' || item.entries.some(({ key }) => key?.t !== 'str')) return undefined
  return item.entries.find(({ key }) => key?.t === 'str' && names.includes(key.value))?.value
}

function plainNumber(py: Py, module: Module): number | null {
  if (py.t === 'num') return py.value
  if (py.t === 'name') {
    const value = module.values.get(py.id)
    return value?.k === 'num' ? value.value : null
  }
  if (py.t !== 'binary') return null
  const [left, right] = [plainNumber(py.left, module), plainNumber(py.right, module)]
  if (left === null || right === null) return null
  return (
    ({ '*': left * right, '+': left + right, '-': left - right, '/': left / right } as Record<string, number>)[py.op] ??
    null
  )
}
