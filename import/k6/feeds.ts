import { existsSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, normalize, posix } from 'node:path'
import { parse } from 'csv-parse/sync'
import { type Entry, type Expr, array, bool, burst, call, id, method, object, snippet, str } from '../scenario/code.ts'
import { ownName } from './code/names.ts'
import { type Frame, type Module, apiOf } from './frame.ts'
import { type Mention, type Node, dotted, isFn, keyOf, propertyOf, stringOf } from './syntax.ts'

const mostBytes = 64 * 1024 * 1024

interface DataFile {
  kind: 'csv' | 'json'
  path: string
  delimiter: string | null
}

/** The declaration of a feed. It replaces a list from a file if the script only draws rows from the list. */
export interface FeedConstant {
  name: string
  value: Expr
}

/** Finds lists that become feeds, and adds them to `module.feeds`. */
export function feedsOf(module: Module): FeedConstant[] {
  const frame = { module, scope: new Map() }
  const found: FeedConstant[] = []
  for (const [name, { init }] of module.constants) {
    const file = init && fileOf(init, frame)
    const draws = file ? drawsOf(name, frame) : null
    const rows = file && draws ? rowsExpr(file, module) : null
    if (!rows || !draws) continue
    module.feeds.set(name, { value: id(ownName(name)), kind: 'any', draws: draws.nodes })
    const options: Expr[] = draws.isRecycled ? [object([{ key: 'recycle', value: bool(true) }])] : []
    found.push({ name, value: method(rows, draws.how, ...options) })
  }
  return found
}

type Place = Pick<Frame, 'module' | 'scope'>

/**
 * Returns the file in `JSON.parse(open('a.json'))` or `papaparse.parse(open('a.csv'), { header: true }).data`. A `SharedArray` may contain this
 * expression. Returns null for any other expression.
 */
function fileOf(init: Node, frame: Place): DataFile | null {
  const source =
    init.type === 'NewExpression' && apiOf(init.callee, frame) === 'k6/data.SharedArray'
      ? resultOf(init.arguments[1])
      : init
  if (source?.type === 'CallExpression' && dotted(source.callee) === 'JSON.parse') {
    const path = openedPath(source.arguments[0])
    return path === null ? null : { kind: 'json', path, delimiter: null }
  }
  if (source?.type !== 'MemberExpression' || keyOf(source) !== 'data') return null
  return source.object.type === 'CallExpression' ? csvFile(source.object, frame) : null
}

/** Recognises `papaparse.parse(open('a.csv'), { header: true })`. */
function csvFile(node: Extract<Node, { type: 'CallExpression' }>, frame: Place): DataFile | null {
  if (apiOf(node.callee, frame) !== 'papaparse.parse') return null
  const [text, options] = node.arguments
  const header = propertyOf(options, 'header')
  const path = openedPath(text)
  if (path === null || header?.type !== 'Literal' || header.value !== true) return null
  return { kind: 'csv', path, delimiter: stringOf(propertyOf(options, 'delimiter')) }
}

function resultOf(fn: Node | undefined): Node | null {
  if (!isFn(fn)) return null
  if (fn.body.type !== 'BlockStatement') return fn.body
  const { body } = fn.body
  const last = body.at(-1)
  if (last?.type !== 'ReturnStatement' || !last.argument) return null
  if (body.length === 1) return last.argument
  const [first] = body
  const [only] = body.length === 2 && first?.type === 'VariableDeclaration' ? first.declarations : []
  const isSame =
    only?.id.type === 'Identifier' && last.argument.type === 'Identifier' && only.id.name === last.argument.name
  return isSame ? (only.init ?? null) : null
}

function openedPath(node: Node | undefined): string | null {
  return node?.type === 'CallExpression' && dotted(node.callee) === 'open' && node.arguments.length === 1
    ? stringOf(node.arguments[0])
    : null
}

interface Draws {
  how: 'random' | 'unique'
  isRecycled: boolean
  nodes: Set<Node>
}

/**
 * Returns the nodes that draw a row of the list. Returns null if the script does anything else with the list. Also returns null if the script draws a
 * random row in one place and the next row in another place.
 */
function drawsOf(name: string, frame: Place): Draws | null {
  const { mentions, script } = frame.module
  const all = mentions.within(name, script.program).filter(([, parent]) => parent?.type !== 'VariableDeclarator')
  const draws = all.flatMap((path) => drawAt(path, frame) ?? [])
  const isWithin = ([{ start, end }]: Mention): boolean =>
    draws.some(({ node }) => start >= node.start && end <= node.end)
  const [first] = draws
  if (!first || !all.every(isWithin) || draws.some(({ how }) => how !== first.how)) return null
  return {
    how: first.how,
    isRecycled: draws.some(({ isRecycled }) => isRecycled),
    nodes: new Set(draws.map(({ node }) => node)),
  }
}

/**
 * Recognises code that reads a random item of a list (`list[Math.floor(Math.random() * list.length)]` or `randomItem(list)`) or the next item
 * (`list[exec.scenario.iterationInTest]`). An index that does not reach all items, such as `Math.floor(Math.random() * 10)`, is not recognised,
 * because a feed draws from all rows.
 */
function drawAt([first, parent]: Mention, frame: Place): { node: Node; how: Draws['how']; isRecycled: boolean } | null {
  if (parent?.type === 'CallExpression' && apiOf(parent.callee, frame) === 'utils.randomItem')
    return { node: parent, how: 'random', isRecycled: false }
  if (parent?.type !== 'MemberExpression' || parent.object !== first || !parent.computed) return null
  const index = parent.property
  if (index.type === 'CallExpression' && dotted(index.callee) === 'Math.floor' && isRandom(index.arguments[0], first))
    return { node: parent, how: 'random', isRecycled: false }
  const isRecycled = index.type === 'BinaryExpression' && index.operator === '%' && isLengthOf(index.right, first)
  const counter = isRecycled ? index.left : index
  return (apiOf(counter, frame) ?? '').startsWith('k6/execution.scenario.iterationIn')
    ? { node: parent, how: 'unique', isRecycled }
    : null
}

function isRandom(node: Node | undefined, list: Node): boolean {
  if (node?.type !== 'BinaryExpression' || node.operator !== '*') return false
  const { left, right } = node
  return (isDraw(left) && isLengthOf(right, list)) || (isDraw(right) && isLengthOf(left, list))
}

function isDraw(node: Node): boolean {
  return node.type === 'CallExpression' && dotted(node.callee) === 'Math.random'
}

function isLengthOf(node: Node, list: Node): boolean {
  return dotted(node) === `${dotted(list)}.length`
}

function rowsExpr({ kind, path, delimiter }: DataFile, module: Module): Expr | null {
  const whole = str(scenarioPath(path, module))
  if (kind === 'json') return { k: 'call', of: burst('json'), args: [whole], types: itemType(path, module) }
  const columns = columnsIn(path, delimiter ?? ',', module)
  if (!columns) return null
  const options: Entry[] = delimiter === null || delimiter === ',' ? [] : [{ key: 'delimiter', value: str(delimiter) }]
  return call(burst('csv'), whole, array(columns.map(str)), ...(options.length > 0 ? [object(options)] : []))
}

/**
 * Translates a list from a CSV file if the list does not become a feed. For example, the file is missing, or the script does more than draw rows from
 * the list. Returns null for all other values, and for a delimiter other than a comma.
 */
export function csvRows(init: Node, frame: Place): Expr | null {
  const file = fileOf(init, frame)
  if (file?.kind !== 'csv' || (file.delimiter !== null && file.delimiter !== ',')) return null
  return call(snippet('rowsOf'), str(scenarioPath(file.path, frame.module)))
}

/** Returns a path relative to the scenario. */
function scenarioPath(path: string, { prefix }: Pick<Module, 'prefix'>): string {
  return prefix === '' ? path : posix.join(prefix, path)
}

/** Returns the type of the items of a JSON file beside the script. */
function itemType(path: string, module: Module): string {
  const text = textIn(path, module)
  try {
    const items: unknown = text === null ? null : JSON.parse(text.replace(/^\uFEFF/, ''))
    const kinds = new Set(Array.isArray(items) ? items.map((item) => typeof item) : [])
    const [only, more] = kinds
    return more === undefined && (only === 'string' || only === 'number') ? only : 'Record<string, any>'
  } catch {
    // The file is not valid. burst reports the mistake when the scenario is loaded.
    return 'Record<string, any>'
  }
}

/**
 * Returns the text of a file in the folder of the script. Returns null if the path leads out of the folder, if the path does not lead to a regular
 * file, or if the file is larger than 64 MiB.
 */
function textIn(path: string, { folder }: Module): string | null {
  const inside = normalize(path)
  if (isAbsolute(inside) || inside.startsWith('..') || path.includes('\0')) return null
  const whole = join(folder, inside)
  if (!existsSync(whole) || !statSync(whole).isFile() || statSync(whole).size > mostBytes) return null
  return readFileSync(whole, 'utf8')
}

/** Returns the columns in the first line of a CSV file beside the script; null if the file is missing or invalid, or if a column occurs twice. */
function columnsIn(path: string, delimiter: string, module: Module): string[] | null {
  const text = textIn(path, module)
  if (text === null) return null
  try {
    const [first] = parse(text, {
      bom: true,
      to_line: 1,
      delimiter,
      relax_column_count: true,
    })
    return first && new Set(first).size === first.length ? first : null
  } catch {
    // The file is not valid, so the list does not become a feed. burst reports the mistake when the scenario is loaded.
    return null
  }
}
