import { type AnyNode, type Expression, type Program, parse } from 'acorn'
import { listAt, textAt } from '../requests/bodies/json.ts'
import type { Found } from '../requests/request.ts'
import { todo } from '../scenario/model.ts'

const mostCharacters = 100_000

/** The parts of a test script that the scenario needs. */
export interface Script {
  checks: { name: string; status: number }[]
  sets: { name: string; found: Found }[]
  /** TODO comments for the other parts of the script. */
  todos: string[]
}

interface Reading extends Script {
  place: string
  text: string
  /** The places in the response that contain the values of variables. */
  known: Map<string, Found>
  /** The name of the test that contains the statement. */
  test: string
}

/** Reads the scripts of a request: the checks of the status, and the values of the response that become variables. */
export function scriptOf(place: string, events: readonly unknown[]): Script {
  const all: Script = { checks: [], sets: [], todos: [] }
  for (const event of events) {
    const exec = listAt(event, 'script', 'exec')
    const text =
      exec.length > 0 ? exec.filter((line) => typeof line === 'string').join('\n') : textAt(event, 'script', 'exec')
    if (text.trim() === '') continue
    if (textAt(event, 'listen') === 'test') readTest(all, place, text)
    else all.todos.push(...text.split('\n').flatMap((line) => leftLine(place, line, 'a script before the request')))
  }
  return all
}

function leftLine(place: string, line: string, why = ''): string[] {
  return /^\s*(?:\/\/.*|[{}();]*)$/.test(line) ? [] : [todo(place, line, why)]
}

function readTest(all: Script, place: string, text: string): void {
  const reading: Reading = { ...all, place, text, known: new Map(), test: '' }
  const program = programOf(text)
  if (program) for (const node of program.body) readStatement(reading, node)
  else all.todos.push(todo(place, text.slice(0, 120), 'this script cannot be read'))
}

function programOf(text: string): Program | null {
  if (text.length > mostCharacters || /[([{]{60}/.test(text)) return null
  try {
    return parse(text, { ecmaVersion: 'latest', allowAwaitOutsideFunction: true, allowReturnOutsideFunction: true })
  } catch {
    // The caller converts the whole script to a TODO comment.
    return null
  }
}

function readStatement(reading: Reading, node: AnyNode): void {
  if (node.type === 'EmptyStatement') return
  if (node.type === 'VariableDeclaration' && node.declarations.every((one) => declared(reading, one))) return
  if (node.type === 'ExpressionStatement' && readCall(reading, node.expression)) return
  if (node.type === 'IfStatement' && !node.alternate && testsSuccess(node.test))
    return readStatement(reading, node.consequent)
  if (node.type === 'BlockStatement') return node.body.forEach((one) => readStatement(reading, one))
  reading.todos.push(todo(reading.place, reading.text.slice(node.start, node.end)))
}

/**
 * Returns true for `pm.response.code === 200` and similar tests. The scenario leaves such a test out and always reads the value. If the response has
 * no value, the requests that need the value fail in any case.
 */
function testsSuccess(node: AnyNode): boolean {
  if (node.type !== 'BinaryExpression' || !['===', '=='].includes(node.operator)) return false
  const code = node.right.type === 'Literal' ? Number(node.right.value) : Number.NaN
  return /^(?:pm\.response\.code|responseCode\.code)$/.test(dotted(node.left)) && code >= 200 && code < 300
}

function declared({ known }: Reading, { id, init }: { id: AnyNode; init?: Expression | null | undefined }): boolean {
  const found = init ? foundIn(init, known) : null
  if (id.type !== 'Identifier' || !found) return false
  known.set(id.name, found)
  return true
}

/**
 * Reads `pm.test(name, function)`, `pm.response.to.have.status(200)`, `pm.expect(pm.response.code).to.equal(200)`, `pm.environment.set(name, value)`.
 */
function readCall(reading: Reading, node: Expression): boolean {
  if (node.type !== 'CallExpression') return false
  const callee = dotted(node.callee)
  const [first, second] = node.arguments as AnyNode[]
  if (callee === 'pm.test' && first && second) return readTestCall(reading, first, second)
  const status = statusIn(callee, node.callee, first)
  if (status !== null) reading.checks.push({ name: reading.test || `status is ${status}`, status })
  if (
    /^(?:pm\.(?:environment|collectionVariables|globals|variables)\.set|postman\.set(?:Environment|Global)Variable)$/.test(
      callee,
    )
  )
    return readSet(reading, first, second)
  return status !== null || callee === 'console.log'
}

function readTestCall(reading: Reading, name: AnyNode, body: AnyNode): boolean {
  if (body.type !== 'FunctionExpression' && body.type !== 'ArrowFunctionExpression') return false
  reading.test = textOf(name) ?? ''
  if (body.body.type === 'BlockStatement') readStatement(reading, body.body)
  else if (!readCall(reading, body.body))
    reading.todos.push(todo(reading.place, reading.text.slice(body.start, body.end)))
  reading.test = ''
  return true
}

function readSet({ sets, known }: Reading, name: AnyNode | undefined, value: AnyNode | undefined): boolean {
  const key = name ? textOf(name) : null
  const found = value ? foundIn(value, known) : null
  if (key === null || key === '' || !found) return false
  if (!sets.some((one) => one.name === key)) sets.push({ name: key, found })
  return true
}

function textOf(node: AnyNode): string | null {
  if (node.type === 'Literal' && typeof node.value === 'string') return node.value
  return node.type === 'TemplateLiteral' && node.expressions.length === 0
    ? (node.quasis[0]?.value.cooked ?? null)
    : null
}

function statusIn(callee: string, node: AnyNode, value: AnyNode | undefined): number | null {
  const isStatus =
    callee === 'pm.response.to.have.status' ||
    (/^\?\.to\.(?:equal|eql|eq|be\.equal|be\.eql)$/.test(callee) && expectsCode(node))
  const status = isStatus && value?.type === 'Literal' ? Number(value.value) : Number.NaN
  return Number.isInteger(status) && status >= 100 && status <= 599 ? status : null
}

/** Returns true for `pm.expect(pm.response.code)` at the beginning of the chain. */
function expectsCode(node: AnyNode): boolean {
  let inner: AnyNode = node
  while (inner.type === 'MemberExpression') inner = inner.object
  const [first] = inner.type === 'CallExpression' ? (inner.arguments as AnyNode[]) : []
  return (
    inner.type === 'CallExpression' &&
    dotted(inner.callee) === 'pm.expect' &&
    first !== undefined &&
    dotted(first) === 'pm.response.code'
  )
}

/** Returns a dotted path such as `a.b.c`. A call at its beginning is written as `?`. */
function dotted(node: AnyNode): string {
  if (node.type === 'Identifier') return node.name
  if (node.type === 'MemberExpression' && !node.computed && node.property.type === 'Identifier')
    return `${dotted(node.object)}.${node.property.name}`
  return '?'
}

/**
 * Returns the place in the response that an expression reads: `pm.response.json().a[0].b`, `JSON.parse(responseBody).a`,
 * `pm.response.headers.get('x')`.
 */
function foundIn(node: AnyNode, known: ReadonlyMap<string, Found>): Found | null {
  if (node.type === 'ChainExpression') return foundIn(node.expression, known)
  if (node.type === 'Identifier') return known.get(node.name) ?? null
  if (node.type === 'CallExpression') return foundByCall(node)
  if (node.type !== 'MemberExpression') return null
  const of = foundIn(node.object, known)
  const key = node.computed ? literalKey(node.property) : (node.property as { name?: string }).name
  return of && 'json' in of && key !== undefined ? { json: [...of.json, key] } : null
}

function foundByCall(node: Extract<AnyNode, { type: 'CallExpression' }>): Found | null {
  const callee = dotted(node.callee)
  const [first] = node.arguments as AnyNode[]
  if (callee === 'pm.response.json') return { json: [] }
  if (callee === 'JSON.parse' && first && /^(?:responseBody)$/.test(dotted(first))) return { json: [] }
  const header = callee === 'pm.response.headers.get' && first ? textOf(first) : null
  return header === null ? null : { header: header.toLowerCase() }
}

function literalKey(node: AnyNode): string | number | undefined {
  if (node.type !== 'Literal') return undefined
  return typeof node.value === 'string' || typeof node.value === 'number' ? node.value : undefined
}
