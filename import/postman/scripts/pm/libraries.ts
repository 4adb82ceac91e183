import { type Frame, constantOf, lost, translate } from '../../../k6/frame.ts'
import { type Node, dotted, keyOf, stringOf } from '../../../k6/syntax.ts'
import {
  type Expr,
  binary,
  call,
  fromModule,
  id,
  make,
  member,
  method,
  num,
  self,
  str,
} from '../../../scenario/code.ts'

type Call = Extract<Node, { type: 'CallExpression' }>

/** The modules that scripts load with `require`. The value is the name of the library in this file. */
const modules: Readonly<Record<string, string>> = {
  'crypto-js': 'CryptoJS',
  lodash: '_',
  underscore: '_',
  moment: 'moment',
  uuid: 'uuid',
  chai: 'chai',
  ajv: 'ajv',
  atob: 'atob',
  btoa: 'btoa',
}

/** Returns the name of the library for `require('crypto-js')`; null for any other node. */
export function libraryOf(node: Node | null | undefined): string | null {
  if (node?.type !== 'CallExpression' || dotted(node.callee) !== 'require') return null
  const name = stringOf(node.arguments[0]) ?? ''
  return Object.hasOwn(modules, name) ? (modules[name] ?? null) : null
}

/** Returns the dotted path of a call. If the path begins with a variable that contains a library, the name of the library replaces the variable. */
function pathOf(node: Node, frame: Frame): string {
  const path = dotted(node)
  const [first = '', ...rest] = path.split('.')
  const init = frame.scope.get(first)?.init
  const library = libraryOf(init)
  if (library !== null) return [library, ...rest].join('.')
  // The library may be called through a constant (`const uuid = require('uuid').v4`) or directly (`require('uuid').v4()`).
  const inner = init?.type === 'MemberExpression' && init.object.type !== 'Super' ? init : null
  const own = inner ? libraryOf(inner.object) : null
  return own === null ? path : [own, keyOf(inner as Node) ?? '', ...rest].join('.')
}

/** Translates a call of a library that Postman contains. Returns null for any other call. */
export function libraryCall(node: Call, frame: Frame): Expr | null {
  if (libraryOf(node) !== null) return { k: 'undefined' }
  if (dotted(node.callee) === 'require') return lost(node, frame, 'this module has no counterpart')
  const inline = node.callee.type === 'MemberExpression' && node.callee.object.type !== 'Super' ? node.callee : null
  const library = inline ? libraryOf(inline.object) : null
  const path = library === null ? pathOf(node.callee, frame) : `${library}.${keyOf(node.callee) ?? ''}`
  if (path === 'uuid.v4' || path === 'uuid') return method(id('crypto'), 'randomUUID')
  if (path.startsWith('_.')) return lodashCall(path.slice(2), node, frame)
  return cryptoCall(path, node, frame) ?? momentCall(node, frame)
}

function argOf(node: Call, index: number, frame: Frame): Expr | undefined {
  const one = node.arguments[index]
  return one && one.type !== 'SpreadElement' ? translate(one, frame) : undefined
}

/** The functions of lodash that become methods of their first argument, with the names of these methods. */
const asMethods: Readonly<Record<string, string>> = {
  map: 'map',
  filter: 'filter',
  find: 'find',
  some: 'some',
  every: 'every',
  includes: 'includes',
  each: 'forEach',
  forEach: 'forEach',
}

type Lodash = (first: Expr, second: Expr | undefined) => Expr

/** The translations of lodash functions that do not become methods of their first argument. */
const lodash: Readonly<Record<string, Lodash>> = {
  random: (first, second) => method(member(self, 'random'), 'int', second ? first : num(0), second ?? first),
  sample: (first) => method(member(self, 'random'), 'pick', first),
  keys: (first) => method(id('Object'), 'keys', first),
  isEmpty: (first) => binary(member(method(id('Object'), 'keys', first), 'length'), '===', num(0)),
  isArray: (first) => method(id('Array'), 'isArray', first),
}

function lodashCall(name: string, node: Call, frame: Frame): Expr {
  const [first, second] = [argOf(node, 0, frame), argOf(node, 1, frame)]
  const own = Object.hasOwn(lodash, name) ? lodash[name] : undefined
  if (own && first) return own(first, second)
  if (Object.hasOwn(asMethods, name) && first && second) return method(first, asMethods[name] ?? '', second)
  return lost(node, frame, `_.${name} has no counterpart`)
}

const hashes = /^CryptoJS\.(?:(Hmac)?(MD5|SHA1|SHA224|SHA256|SHA384|SHA512))$/

/** Returns the code that creates a hash, without the call that returns the value of the hash: `createHash('sha256').update(text)`. */
function hashOf(node: Node, frame: Frame): Expr | null {
  const source = constantOf(node, frame) ?? node
  if (source.type !== 'CallExpression') return null
  const [, hmac, name = ''] = hashes.exec(pathOf(source.callee, frame)) ?? []
  if (name === '') return null
  const text = argOf(source, 0, frame) ?? str('')
  const algorithm = str(name.toLowerCase())
  const hash = hmac
    ? call(fromModule('createHmac', 'node:crypto'), algorithm, argOf(source, 1, frame) ?? str(''))
    : call(fromModule('createHash', 'node:crypto'), algorithm)
  return method(hash, 'update', text)
}

/** Translates calls of crypto-js: hashes, signatures and encodings. If the script does not name an encoding, a hash becomes hexadecimal text. */
function cryptoCall(path: string, node: Call, frame: Frame): Expr | null {
  const [first] = node.arguments
  if (path === 'CryptoJS.enc.Utf8.parse') return argOf(node, 0, frame) ?? str('')
  if (/^CryptoJS\.enc\.(?:Base64|Hex)\.stringify$/.test(path) && first) {
    const encoding = path.includes('Base64') ? 'base64' : 'hex'
    const hash = hashOf(first, frame)
    if (hash) return method(hash, 'digest', str(encoding))
    return method(method(id('Buffer'), 'from', translate(first, frame)), 'toString', str(encoding))
  }
  if (path === 'CryptoJS.enc.Base64.parse' && first)
    return method(id('Buffer'), 'from', translate(first, frame), str('base64'))
  const digest = digestOf(node, frame)
  if (digest) return digest
  const hash = hashOf(node, frame)
  if (hash) return method(hash, 'digest', str('hex'))
  return path.startsWith('CryptoJS.') ? lost(node, frame, `${path} has no counterpart`) : null
}

/** `CryptoJS.SHA256(text).toString(CryptoJS.enc.Base64)` */
function digestOf(node: Call, frame: Frame): Expr | null {
  const { callee } = node
  if (callee.type !== 'MemberExpression' || callee.object.type === 'Super' || keyOf(callee) !== 'toString') return null
  const hash = hashOf(callee.object, frame)
  const [encoding] = node.arguments
  const name = encoding && dotted(encoding).endsWith('Base64') ? 'base64' : 'hex'
  return hash && method(hash, 'digest', str(name))
}

/** Translates `moment().format('YYYY-MM-DD')`, `moment().toISOString()`, `moment().unix()` and `moment().valueOf()`. */
function momentCall(node: Call, frame: Frame): Expr | null {
  const { callee } = node
  if (callee.type !== 'MemberExpression' || callee.object.type !== 'CallExpression') return null
  const inner = callee.object
  if (!/^moment(?:\.utc)?$/.test(pathOf(inner.callee, frame))) return null
  const key = keyOf(callee) ?? ''
  const [given] = inner.arguments
  const date = make('Date', ...(given && given.type !== 'SpreadElement' ? [translate(given, frame)] : []))
  return momentText(date, key, stringOf(node.arguments[0])) ?? lost(node, frame, `moment().${key}() has no counterpart`)
}

/** Translates the method `key` of a date, such as `format` or `unix`. Returns null if the method or the format has no counterpart. */
function momentText(date: Expr, key: string, format: string | null): Expr | null {
  const text = method(date, 'toISOString')
  if (key === 'toISOString' || (key === 'format' && format === null)) return text
  if (key === 'valueOf') return method(date, 'getTime')
  if (key === 'unix') return method(id('Math'), 'floor', binary(method(date, 'getTime'), '/', num(1000)))
  if (key !== 'format' || format === null) return null
  if (format === 'YYYY-MM-DD') return method(text, 'slice', num(0), num(10))
  return /^YYYY-MM-DD\[?T\]?HH:mm:ss$/.test(format) ? method(text, 'slice', num(0), num(19)) : null
}
