import { type Module, type ScriptClass, requestMethod } from '../frame.ts'
import { type Fn, type Node, keyOf, someNode } from '../syntax.ts'

type ClassNode = ScriptClass['node']

/** Returns the class that a statement declares, and the name of the class; null for any other node. */
export function classIn(node: Node): { name: string; node: ClassNode } | null {
  if (node.type === 'ClassDeclaration' && node.id) return { name: node.id.name, node }
  if (node.type !== 'VariableDeclarator' || node.id.type !== 'Identifier') return null
  return node.init?.type === 'ClassExpression' ? { name: node.id.name, node: node.init } : null
}

/** Returns the classes of a script that can be translated, by name. */
export function scriptClasses(nodes: readonly Node[]): Map<string, ScriptClass> {
  const found = new Map<string, ScriptClass>()
  for (const node of nodes) {
    const one = classIn(node)
    const base = one?.node.superClass
    const isKnown = !base || (base.type === 'Identifier' && found.has(base.name))
    if (one && isKnown && isPlain(one.node))
      found.set(one.name, { ...one, base: base?.type === 'Identifier' ? base.name : null })
  }
  return found
}

/** Returns true if a class has only constructors, methods, getters and fields, and if each of these members has a plain name. */
function isPlain({ body }: ClassNode): boolean {
  const isMember = (one: Node): boolean => {
    if (one.type === 'PropertyDefinition') return !one.computed && one.key.type === 'Identifier'
    const isMethod = one.type === 'MethodDefinition' && !one.computed && one.key.type === 'Identifier'
    return isMethod && one.kind !== 'set' && !one.value.generator
  }
  const isUnusual = (one: Node): boolean => one.type === 'PrivateIdentifier' || one.type === 'MetaProperty'
  return body.body.every(isMember) && !someNode(body, isUnusual)
}

/** A method, a getter or the constructor of a class. */
export interface ClassMethod {
  name: string
  kind: 'constructor' | 'method' | 'get'
  isStatic: boolean
  fn: Fn
}

export function methodsOf({ node }: ScriptClass): ClassMethod[] {
  return node.body.body.flatMap((one): ClassMethod[] => {
    if (one.type !== 'MethodDefinition' || one.key.type !== 'Identifier') return []
    const kind = one.kind === 'set' ? 'method' : one.kind
    return [{ name: one.key.name, kind, isStatic: one.static, fn: one.value }]
  })
}

/** Names of methods that JavaScript's own objects also have. */
const common = new Set(
  'get set has delete add push pop map filter find forEach includes join slice split then'.split(' '),
)

/**
 * Returns true if the node calls a method that is in `names`, and the object of this call is an object of the script. If the method is not in
 * `common`, any object except an import counts as an object of the script.
 */
export function isMethodCall(
  node: Node,
  names: ReadonlySet<string>,
  { module }: { module: Pick<Module, 'imports' | 'classes' | 'instances'> },
): boolean {
  if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') return false
  const { callee } = node
  const key = keyOf(callee)
  if (key === null || !names.has(key) || callee.object.type === 'Super') return false
  const first = callee.object.type === 'Identifier' ? callee.object.name : ''
  if (module.imports.has(first)) return false
  if (!common.has(key)) return true
  return callee.object.type === 'ThisExpression' || module.classes.has(first) || module.instances.has(first)
}

/** Returns the class of the script in `new Client(…)` and `Client.create(…)`; an empty string for any other code. */
export function madeClass(node: Node, { classes }: Pick<Module, 'classes'>): string {
  const callee = node.type === 'NewExpression' || node.type === 'CallExpression' ? node.callee : null
  const of = node.type === 'CallExpression' && callee?.type === 'MemberExpression' ? callee.object : callee
  const isMade = node.type === 'NewExpression' || callee?.type === 'MemberExpression'
  return isMade && of?.type === 'Identifier' && classes.has(of.name) ? of.name : ''
}

/** Returns the names of the variables that contain an object of a class of the script. */
export function instancesIn(program: Node, module: Pick<Module, 'classes'>): Set<string> {
  const names = new Set<string>()
  someNode(program, (node) => {
    if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier' && node.init)
      if (madeClass(node.init, module) !== '') names.add(node.id.name)
    return false
  })
  return names
}

/**
 * Returns the classes whose objects need a reference to the user. A class needs the user if its body uses the user or a function of the script, or
 * creates an object of another class that needs the user. The base classes and the subclasses of such a class also need the user.
 */
export function userClasses(module: Module, usesUser: (node: Node) => boolean): Set<string> {
  const found = new Set<string>()
  const isUse = (node: Node): boolean => {
    const isOwn = node.type === 'Identifier' && module.functions.has(node.name)
    return isOwn || usesUser(node) || found.has(madeClass(node, module))
  }
  for (let before = -1; before < found.size;) {
    before = found.size
    for (const { name, base, node } of module.classes.values()) {
      const isKnown = found.has(name) || (base !== null && found.has(base))
      if (!isKnown && !someNode(node.body, isUse)) continue
      found.add(name)
      if (base !== null) found.add(base)
    }
  }
  return found
}

/** Returns true if a method returns the response of a request. */
export function returnsResponse(fn: Fn, module: Module): boolean {
  const frame = { module, scope: new Map() }
  const sent = new Set<string>()
  let isSent = false
  someNode(fn.body, (node) => {
    const value =
      node.type === 'VariableDeclarator' ? node.init : node.type === 'ReturnStatement' ? node.argument : null
    const isRequest = value ? requestMethod(value, frame) !== null : false
    if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier' && isRequest) sent.add(node.id.name)
    if (node.type === 'ReturnStatement') isSent ||= isRequest || (value?.type === 'Identifier' && sent.has(value.name))
    return false
  })
  return isSent
}

/** Returns the names of the fields that methods assign: `this.token = …`. */
export function assignedFields({ node }: ScriptClass): string[] {
  const names = new Set<string>()
  someNode(node.body, (one) => {
    const target =
      one.type === 'AssignmentExpression' ? one.left : one.type === 'UpdateExpression' ? one.argument : null
    if (target?.type === 'MemberExpression' && target.object.type === 'ThisExpression') {
      const name = keyOf(target)
      if (name !== null) names.add(name)
    }
    return false
  })
  return [...names]
}

/**
 * Returns the fields that contain the host of a URL, each with its value in the script. The constructor sets such a field to a parameter, and all
 * calls of the constructor pass the same constant.
 */
export function hostFields(
  program: Node,
  { classes, constants }: Pick<Module, 'classes' | 'constants'>,
): Map<string, Node> {
  const found = new Map<string, Node>()
  for (const one of classes.values()) {
    const builder = methodsOf(one).find(({ kind }) => kind === 'constructor')
    for (const [field, index] of builder ? setByParams(builder.fn) : []) {
      const param = builder?.fn.params[index]
      const standard = param?.type === 'AssignmentPattern' ? param.right : undefined
      const made = argumentsAt(program, one.name, index, classes)
      const given = (made.length === 0 ? [undefined] : made).map((arg) => arg ?? standard)
      const [first] = given
      const names = new Set(given.map((arg) => (arg?.type === 'Identifier' ? arg.name : '')))
      const [name = ''] = names
      if (first && names.size === 1 && constants.has(name) && !classes.has(name)) found.set(field, first)
    }
  }
  return found
}

/** Returns the fields in `this.field = param`, each with the index of the parameter. */
function setByParams(fn: Fn): [field: string, index: number][] {
  const names = fn.params.map((param) => {
    const target = param.type === 'AssignmentPattern' ? param.left : param
    return target.type === 'Identifier' ? target.name : ''
  })
  const found: [string, number][] = []
  someNode(fn.body, (node) => {
    if (node.type !== 'AssignmentExpression' || node.right.type !== 'Identifier') return false
    const { left } = node
    const key = left.type === 'MemberExpression' && left.object.type === 'ThisExpression' ? keyOf(left) : null
    const index = names.indexOf(node.right.name)
    if (key !== null && index !== -1) found.push([key, index])
    return false
  })
  return found
}

/**
 * Returns the argument with the given index from each call of a constructor, including `super(…)`. The list contains undefined for a call without
 * this argument.
 */
function argumentsAt(program: Node, name: string, index: number, classes: Module['classes']): (Node | undefined)[] {
  const found: (Node | undefined)[] = []
  const collect = (node: Node, isCall: (callee: Node) => boolean): void => {
    someNode(node, (one) => {
      const isMade = one.type === 'NewExpression' || one.type === 'CallExpression'
      if (isMade && isCall(one.callee)) found.push(one.arguments[index])
      return false
    })
  }
  collect(program, (callee) => callee.type === 'Identifier' && callee.name === name)
  for (const other of classes.values()) {
    if (other.base !== name) continue
    const hasOwn = methodsOf(other).some(({ kind }) => kind === 'constructor')
    if (hasOwn) collect(other.node.body, (callee) => callee.type === 'Super')
    else found.push(...argumentsAt(program, other.name, index, classes))
  }
  return found
}
