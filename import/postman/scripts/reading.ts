import { type Program, parse, type Comment } from 'acorn'
import { type Node, childrenOf, dotted, isFn, keyOf, stringOf, walkNodes } from '../../k6/syntax.ts'
import { at, listAt, textAt } from '../../requests/bodies/json.ts'
import { todo } from '../../scenario/model.ts'

const mostCharacters = 100_000

/** A parsed script, and its place in the collection. */
export interface Source {
  place: string
  text: string
  program: Program
  comments: readonly Comment[]
}

/** The scripts of a request, a folder or the collection. */
export interface Sources {
  /** Scripts that run before the request. */
  before: Source[]
  /** Scripts that run after the response. */
  tests: Source[]
  /** TODO comments about scripts that cannot be read. */
  todos: string[]
}

/** Reads the scripts of a request, a folder or the collection. */
export function sourcesOf(place: string, events: readonly unknown[]): Sources {
  const found: Sources = { before: [], tests: [], todos: [] }
  for (const event of events) {
    if (at(event, 'disabled') === true) continue
    const exec = listAt(event, 'script', 'exec')
    const text =
      exec.length > 0 ? exec.filter((line) => typeof line === 'string').join('\n') : textAt(event, 'script', 'exec')
    if (text.trim() === '') continue
    const source = parsed(place, text)
    if (!source) found.todos.push(todo(place, text.slice(0, 120), 'this script cannot be read'))
    else if (textAt(event, 'listen') === 'test') found.tests.push(source)
    else found.before.push(source)
  }
  return found
}

function parsed(place: string, text: string): Source | null {
  if (text.length > mostCharacters || /[([{]{60}/.test(text)) return null
  const comments: Comment[] = []
  try {
    const program = parse(text, {
      ecmaVersion: 'latest',
      allowAwaitOutsideFunction: true,
      allowReturnOutsideFunction: true,
      onComment: comments,
    })
    return depthOf(program) > mostLevels ? null : { place, text, program, comments }
  } catch {
    // The script cannot be parsed. The caller converts the whole script to a TODO comment.
    return null
  }
}

const mostLevels = 200

function depthOf(program: Node): number {
  let depth = 0
  let level: Node[] = [program]
  for (; level.length > 0 && depth <= mostLevels; depth++) level = level.flatMap(childrenOf)
  return depth
}

const scopes = String.raw`pm\.(?:environment|collectionVariables|globals|variables|iterationData|vault)`
const setter = new RegExp(String.raw`^(?:${scopes}\.set|postman\.set(?:Environment|Global)Variable)$`)
const getter = new RegExp(String.raw`^(?:${scopes}\.(?:get|has)|postman\.get(?:Environment|Global)Variable)$`)
const remover = new RegExp(String.raw`^(?:${scopes}\.unset|postman\.clear(?:Environment|Global)Variable)$`)

type Call = Extract<Node, { type: 'CallExpression' }>

/** Returns the name and the value of `pm.environment.set('name', value)`; null for any other node. */
export function settingIn(node: Node | null | undefined): { name: string; value: Node } | null {
  if (node?.type !== 'CallExpression' || !setter.test(dotted(node.callee))) return null
  const [name, value] = node.arguments
  const key = stringOf(name)
  return key !== null && key !== '' && value && value.type !== 'SpreadElement' ? { name: key, value } : null
}

/** Returns the kind of a call that reads or removes a variable of Postman, and the name of the variable; null for any other call. */
export function variableCall(node: Call): { kind: 'get' | 'unset'; name: string | null } | null {
  const callee = dotted(node.callee)
  const kind = getter.test(callee) ? 'get' : remover.test(callee) ? 'unset' : null
  return kind && { kind, name: stringOf(node.arguments[0]) }
}

/** Returns the variables that scripts set, with their values, and the names of the variables that scripts read or remove. */
export function variablesIn(sources: readonly Source[]): { sets: { name: string; value: Node }[]; gets: string[] } {
  const sets: { name: string; value: Node }[] = []
  const gets: string[] = []
  for (const { program } of sources)
    walkNodes(program, (node) => {
      const set = settingIn(node)
      if (set) sets.push(set)
      if (node.type !== 'CallExpression') return
      const read = variableCall(node)
      if (read?.name !== null && read?.name !== undefined) gets.push(read.name)
    })
  return { sets, gets }
}

const ofText = new Set(
  `toString toISOString stringify v4 toFixed slice substring substr replace replaceAll join trim toUpperCase toLowerCase replaceIn format
  randomUUID btoa atob String encodeURIComponent getPath`.split(/\s+/),
)

/** Returns true if the value of an expression is always a string. */
export function isText(node: Node): boolean {
  if (stringOf(node) !== null || node.type === 'TemplateLiteral') return true
  if (node.type === 'BinaryExpression') return node.operator === '+' && (isText(node.left) || isText(node.right))
  if (node.type !== 'CallExpression') return false
  return ofText.has(node.callee.type === 'Identifier' ? node.callee.name : (keyOf(node.callee) ?? ''))
}

/** Returns the first function in a list of arguments; null if no argument is a function. */
export function callbackIn(nodes: readonly Node[]): Extract<Node, { type: 'FunctionExpression' }> | null {
  const found = nodes.find((one) => isFn(one))
  return (found as Extract<Node, { type: 'FunctionExpression' }> | undefined) ?? null
}
