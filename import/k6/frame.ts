import { type Expr, type Stmt, comment, str } from '../scenario/code.ts'
import { todo } from '../scenario/model.ts'
import type { Script } from './source.ts'
import { type Fn, type Mentions, type Node, dotted, keyOf, walkNodes } from './syntax.ts'

/** The context in which the code runs: a user, a hook (`beforeRun` or `afterRun`), or the loading of the file. */
type Mode = 'user' | 'hook' | 'module'

/**
 * The known kind of a value. `any`: the value has the type `any` in TypeScript. `responses`: the value is the result of a batch, which is a list or
 * an object.
 */
export type Kind = 'response' | 'responses' | 'form' | 'socket' | 'any' | 'plain' | 'lost'

export interface Binding {
  expr: Expr
  kind: Kind
  /** The expression that a constant is initialised with. */
  init?: Node | null
  isAsync?: boolean
  /** `true` if the declaration was left out because its value is not used. */
  isUndeclared?: boolean
  /** The request expression that replaces the name of a response, if the script uses this response only once. */
  pending?: Expr
  /** The variable that holds the parsed page of a response. */
  page?: Expr
  /** The elements of a page that the name represents. */
  selection?: Selection
  /** The expression for the message, if the value is the event of a WebSocket message. */
  message?: Expr
  /** The reason why the value has no counterpart. */
  why?: string
  /** The fields of a `FormData`. In the scenario, the call that sends the form contains these fields. */
  fields?: readonly FormField[]
}

/** The elements that a script selects from a page: the descendants of `of` that match a CSS selector, or `of` itself. */
export interface Selection {
  of: Expr
  /** `true` if `of` is an element, and not a page. */
  isElement: boolean
  css: Expr | null
  /** The matching element that is selected: the first, the last, or the element with this index. */
  pick: 'first' | 'last' | number
  /**
   * `true` after `toArray()`. A callback of this list has the parameters `(element, index)`. A callback of a k6 selection has the parameters
   * `(index, element)`.
   */
  isList?: boolean
}

/** A field that the script appends to a `FormData`. */
export interface FormField {
  name: string
  value: Node
}

interface Constant {
  kind: 'const' | 'let'
  init: Node | null
  at: Node
}

export interface Metric {
  kind: 'Trend' | 'Counter' | 'Rate' | 'Gauge'
  name: string
  /** `true` if the threshold of the rate sets a lower limit. Such a rate counts successes, so the value `false` is a failure. */
  isSuccess: boolean
}

/** The properties by which thresholds select a request. */
export interface RequestFact {
  method: string
  tags: ReadonlyMap<string, string>
  group: string | null
  origin: string
  /** Sets the route or the URL of the request. Must be called after the host of the scenario is known. */
  settle(host: string): void
  /** Returns the name of the request in the statistics. */
  nameFor(host: string): string
}

/** A list that becomes a feed, because the code only draws rows from it. */
interface Feed {
  value: Expr
  kind: 'any' | 'plain'
  /** The nodes of the script that draw a row. */
  draws: ReadonlySet<Node>
}

export interface Import {
  /** The imported module: `k6/http`, `utils`, `papaparse`, `formdata`, or another module. */
  from: string
  /** The name of the export, `default` for the default export, or `*` for the whole module. */
  name: string
}

/**
 * Translates the objects of a tool other than k6. An example is Postman, whose scripts are also JavaScript. `call`, `member`, `name` and `stmts`
 * return null for code that does not use these objects.
 */
export interface Apis {
  call(node: Extract<Node, { type: 'CallExpression' }>, frame: Frame): Expr | null
  member(node: Extract<Node, { type: 'MemberExpression' }>, frame: Frame): Expr | null
  name(name: string, frame: Frame): Expr | null
  /** Translates an expression that is a whole statement. */
  stmts?(node: Node, frame: Frame): Stmt[] | null
  /** Returns true for values whose type is `any`. */
  isAny(node: Node): boolean
}

/** A class of the script. */
export interface ScriptClass {
  name: string
  /** The name of the class that this class extends; null if this class extends no other class. */
  base: string | null
  node: Extract<Node, { type: 'ClassDeclaration' | 'ClassExpression' }>
}

/** The declarations of a script, grouped by kind. */
export interface Module {
  script: Script
  mentions: Mentions
  imports: ReadonlyMap<string, Import>
  functions: ReadonlyMap<string, Fn>
  constants: ReadonlyMap<string, Constant>
  /** Functions and constants that need the user. They become members of the class of the user. */
  members: ReadonlySet<string>
  asyncs: ReadonlySet<string>
  /** Functions and methods that return a response. In this set, the name of a method begins with a dot. */
  responders: ReadonlySet<string>
  /** The classes that can be translated, by name. */
  classes: ReadonlyMap<string, ScriptClass>
  /** The classes whose objects have a reference to the user. */
  userClasses: ReadonlySet<string>
  /** The names of the variables that contain an object of one of the classes. */
  instances: ReadonlySet<string>
  /** The names of all methods of the script's classes. `asyncMethods` contains the methods that await something. */
  methods: ReadonlySet<string>
  asyncMethods: ReadonlySet<string>
  /** The fields of the script's classes that contain the host of a URL, each with its value in the script. */
  hostFields: ReadonlyMap<string, Node>
  /** The members of the user that the script's classes use. */
  classUses: Set<string>
  metrics: ReadonlyMap<string, Metric>
  feeds: Map<string, Feed>
  facts: RequestFact[]
  /** The checks by name. The value is `check` if the check is chained to a request, and `sample` if the check is recorded as a sample. */
  checks: Map<string, 'check' | 'sample'>
  /** Functions that `setup` and `teardown` call. */
  hooked: Set<string>
  /** The names of the script's top-level declarations that have no counterpart. */
  lost: Set<string>
  /** Options of the script that apply to every request. */
  defaults: { redirects: number | null }
  translator: Translator
  /** The path from the scenario to the folder of the script. */
  prefix: string
  folder: string
  /** The functions that translate the objects of the script's tool, if this tool is not k6. */
  apis?: Apis
}

export interface Frame {
  module: Module
  mode: Mode
  scope: Map<string, Binding>
  /** TODO comments that must precede the statement that is being translated. */
  before: Stmt[]
  group: string | null
  /** The name of the scenario that runs the code, if only one scenario runs the code. */
  scenario?: string | undefined
  /**
   * Nodes that are not translated in the usual way. `gone`: the node is left out. `value`: the check is chained to a request, so only the result of
   * the check is translated. `bare`: the request does not get the additional check that keeps the response body.
   */
  folded: Map<Node, 'gone' | 'value' | 'bare'>
  /** The class of the script that contains the code. In this code, `this` is an object of the class. */
  ofClass?: string
}

interface Translator {
  expression(node: Node, frame: Frame): Expr
  block(nodes: readonly Node[], frame: Frame, parent: { start: number; end: number }): Stmt[]
  fn(node: Fn, frame: Frame, hints?: FnHints): Expr
  /** Returns true if a node makes the user wait. Examples: a request, a call of `sleep`, a call of an async method, or a new connection. */
  isWaiting(node: Node, frame: Pick<Frame, 'module' | 'scope'>): boolean
}

export interface FnHints {
  /** The kinds of the parameters, if they are known. A parameter with a known kind gets no type annotation. */
  params?: readonly Kind[]
  /** `true` if the result must be a boolean. */
  isTest?: boolean
  /** `true` if the function must return a promise. */
  isAsync?: boolean
  /** The variable that holds the parsed page, if the first parameter is a response. */
  page?: Expr | undefined
}

export function translate(node: Node, frame: Frame): Expr {
  return frame.module.translator.expression(node, frame)
}

/** Adds a TODO comment, and replaces the value with the string `TODO`. */
export function lost(node: Node, frame: Frame, why = ''): Expr {
  note(node, frame, why)
  return { k: 'as', of: str('TODO'), type: 'any' }
}

/** Returns true if a value is the placeholder of a part without a counterpart. */
export function isLost(value: unknown): boolean {
  const one = value as Expr
  if (one.k === 'snippet' && one.name === 'untranslated') return true
  return one.k === 'as' && one.type === 'any' && one.of.k === 'str'
}

/** Adds a TODO comment before the statement. */
export function note(node: Node, { module, before }: Frame, why = ''): void {
  const [place, line] = [module.script.place(node.start), module.script.line(node.start)]
  const text = todo(place, line, why)
  // A comment without advice is added only if the line has no comment yet. A comment with advice is added unless the same comment exists.
  const isPlain = why === '' || /^\S+ has no counterpart$/.test(why)
  const isSame = (told: string): boolean =>
    told === text || (isPlain && told.startsWith(`TODO ${place}: `) && told.endsWith(line.trim()))
  if (!before.some((one) => one.k === 'comment' && isSame(one.text))) before.push(comment(text))
}

/** Returns the path of a member of an imported module, such as `k6/http.get`; null if the expression does not name such a member. */
export function apiOf(node: Node, { module, scope }: Pick<Frame, 'module' | 'scope'>): string | null {
  const [first = '', ...rest] = dotted(node).split('.')
  const found = scope.has(first) ? undefined : module.imports.get(first)
  if (!found) return null
  const name = found.name === 'default' || found.name === '*' ? [] : [found.name]
  const path = [found.from, ...name, ...rest].join('.')
  // `check` of k6-utils also accepts async tests, but is otherwise equal to k6's own `check`. Both functions are translated in the same way.
  return path === 'utils.check' ? 'k6.check' : path
}

/** The HTTP method of each request function of `k6/http`; empty if the first argument of the function is the method. */
export const requestMethods: Readonly<Record<string, string>> = {
  get: 'GET',
  post: 'POST',
  put: 'PUT',
  patch: 'PATCH',
  del: 'DELETE',
  head: 'HEAD',
  options: 'OPTIONS',
  request: '',
  asyncRequest: '',
}

/** The methods of a response that send another request. */
const ofPages = new Set(['submitForm', 'clickLink'])

/** Returns the name of the request method of a call, such as `get`; null for any other node. */
export function requestMethod(node: Node | null | undefined, frame: Pick<Frame, 'module' | 'scope'>): string | null {
  if (node?.type !== 'CallExpression') return null
  const key = keyOf(node.callee)
  if (key !== null && ofPages.has(key)) return key
  const name = apiOf(node.callee, frame)?.replace(/^k6\/http\./, '')
  return name !== undefined && Object.hasOwn(requestMethods, name) ? name : null
}

/** Returns the value of a name that is declared once and never assigned. */
export function constantOf(node: Node, frame: Frame): Node | null {
  if (node.type !== 'Identifier') return null
  const local = frame.scope.get(node.name)
  if (local) return local.init ?? null
  const { constants, mentions, script } = frame.module
  const found = constants.get(node.name)
  if (!found?.init) return null
  return mentions.within(node.name, script.program).some((path) => isChange(path)) ? null : found.init
}

/** Returns true if a node uses a name that has no counterpart. */
export function mentionsLost(node: Node, { module, scope }: Frame): boolean {
  let found = false
  walkNodes(node, (one) => {
    if (one.type === 'Identifier')
      found ||= scope.get(one.name)?.kind === 'lost' || (!scope.has(one.name) && module.lost.has(one.name))
    return !found
  })
  return found
}

/** Returns the reason why a name in a node has no counterpart; empty if the reason is not known. */
export function whyLost(node: Node, { scope }: Frame): string {
  let why = ''
  walkNodes(node, (one) => {
    if (one.type === 'Identifier') why ||= scope.get(one.name)?.why ?? ''
    return why === ''
  })
  return why
}

/** Returns true if code changes a variable or a member of the variable. */
export function isChange([first, ...parents]: readonly Node[]): boolean {
  let inner: Node | undefined = first
  for (const parent of parents) {
    if (parent.type === 'AssignmentExpression' || parent.type === 'UpdateExpression')
      return (parent.type === 'AssignmentExpression' ? parent.left : parent.argument) === inner
    if (parent.type === 'UnaryExpression') return parent.operator === 'delete'
    if (parent.type !== 'MemberExpression' || parent.object !== inner) return false
    inner = parent
  }
  return false
}
