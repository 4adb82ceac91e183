import { type Apis, type Frame, isLost, lost, translate } from '../../../k6/frame.ts'
import { type Node, dotted, keyOf, stringOf } from '../../../k6/syntax.ts'
import { textExpr } from '../../../requests/request.ts'
import { type Expr, assign, binary, member, num, self, str } from '../../../scenario/code.ts'
import { textWith, valueExprOf } from '../../variables.ts'
import type { ScriptPlace } from '../frame.ts'
import { libraryCall, libraryOf } from './libraries.ts'
import { settingIn, variableCall } from '../reading.ts'
import { legacyMember, legacyName, responseCall, responseMember } from './responses.ts'

type Call = Extract<Node, { type: 'CallExpression' }>
type Member = Extract<Node, { type: 'MemberExpression' }>

/** Returns the functions that translate the objects of Postman. */
export function apisOf(place: ScriptPlace): Apis {
  return {
    call: (node, frame) =>
      responseCall(node, frame) ??
      variableExpr(node, place, frame) ??
      libraryCall(node, frame) ??
      otherCall(node, place, frame),
    member: (node, frame) =>
      libraryMember(node) ??
      responseMember(node, frame) ??
      legacyMember(node, frame) ??
      variableMember(node, place) ??
      otherMember(node, place, frame),
    name: (name, frame) => legacyName(name, frame),
    isAny: (node) => isOfPostman(node),
  }
}

/** Replaces a library member that is not called, such as `require('uuid').v4`, with `undefined`. */
function libraryMember(node: Member): Expr | null {
  return node.object.type !== 'Super' && libraryOf(node.object) !== null ? { k: 'undefined' } : null
}

const roots = /^(?:pm|postman|responseBody|responseCode|environment|globals|CryptoJS|_|moment)(?:\.|$)/

/** Returns true for values whose type is `any`: JSON, and variables of Postman. */
function isOfPostman(node: Node): boolean {
  if (node.type === 'CallExpression' || node.type === 'MemberExpression')
    return roots.test(dotted(node.type === 'CallExpression' ? node.callee : node)) || isJson(node)
  return false
}

/** `response.json()` */
function isJson(node: Node): boolean {
  return node.type === 'CallExpression' && keyOf(node.callee) === 'json'
}

/** Translates calls that set, read or remove a variable of Postman. */
function variableExpr(node: Call, { variables }: ScriptPlace, frame: Frame): Expr | null {
  const set = settingIn(node)
  if (set) {
    const own = variables.set.get(set.name)
    const value = translate(set.value, frame)
    return own === undefined || isLost(value)
      ? lost(node, frame)
      : assign(member(self, own), asText(value, own, variables))
  }
  const read = variableCall(node)
  if (!read) return null
  if (read.name === null) return lost(node, frame, 'the name of this variable cannot be determined')
  const own = variables.set.get(read.name)
  if (read.kind === 'unset') return own === undefined ? { k: 'undefined' } : assign(member(self, own), str(''))
  const value = valueExprOf(read.name, variables)
  return keyOf(node.callee) === 'has' ? binary(value, '!==', str('')) : value
}

/** Returns the value of a field. Converts a number to a string if the field contains only strings. */
function asText(value: Expr, own: string, { any }: ScriptPlace['variables']): Expr {
  return any.has(own) || value.k !== 'num' ? value : str(String(value.value))
}

/** Translates `environment.name` and `globals.name`. Old scripts read variables in this way. */
function variableMember(node: Member, { variables }: ScriptPlace): Expr | null {
  const key = keyOf(node)
  const of = node.object.type === 'Identifier' ? node.object.name : ''
  return key !== null && (of === 'environment' || of === 'globals') ? valueExprOf(key, variables) : null
}

const advice: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^(?:postman|pm\.execution)\.setNextRequest$/, 'a task sends its requests in the order of the collection'],
  [/^pm\.execution\.skipRequest$/, 'write a condition around the request'],
  [/^pm\.visualizer\./, 'burst has no view in which a script could show a response'],
  [/^(?:tv4|ajv|Ajv)\b/, 'chain .json(schema) to the request to check the schema'],
  [/^pm\.request\.|^request\./, 'a scenario cannot read the request that it sends'],
  [/^xml2Json$/, 'chain .match(/…/) to the request to read the value'],
]

function adviceFor(path: string): string | null {
  return advice.find(([pattern]) => pattern.test(path))?.[1] ?? null
}

function otherCall(node: Call, place: ScriptPlace, frame: Frame): Expr | null {
  const path = dotted(node.callee)
  const [first] = node.arguments
  if (path === 'pm.variables.replaceIn' || path === 'pm.environment.replaceIn') {
    const text = stringOf(first)
    return text === null ? lost(node, frame) : textExpr(textWith(text, place.variables))
  }
  if (path === 'console.log' || path.startsWith('console.')) return { k: 'undefined' }
  const why = adviceFor(path)
  if (why !== null) return lost(node, frame, why)
  return /^(?:pm|postman)\./.test(path) ? lost(node, frame, `${path}() has no counterpart`) : null
}

function otherMember(node: Member, { name, method: verb }: ScriptPlace, frame: Frame): Expr | null {
  const path = dotted(node)
  if (path === 'pm.info.requestName' && name !== '') return str(name)
  if (path === 'pm.request.method' && verb !== '') return str(verb)
  if (path === 'pm.info.iteration') return num(0)
  if (path === 'pm.iterationData') return null
  const why = adviceFor(path)
  if (why !== null) return lost(node, frame, why)
  return /^(?:pm|postman)\./.test(path) && !/^pm\.(?:expect|test|response)\b/.test(path)
    ? lost(node, frame, `${path} has no counterpart`)
    : null
}
