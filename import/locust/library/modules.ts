import {
  type Entry,
  type Expr,
  absent,
  binary,
  call,
  fromModule,
  id,
  make,
  member,
  method,
  num,
  snippet,
  str,
  template,
} from '../../scenario/code.ts'
import { Lost } from '../code/context.ts'
import { variableOf } from '../code/options.ts'
import { translate } from '../code/translator.ts'
import { any, listOf, number, text } from '../code/value-types.ts'
import type { Frame, Value } from '../frame.ts'
import type { Call, Py } from '../python/syntax.ts'
import { isUser } from '../self.ts'
import { type Builtin, printed } from './builtins.ts'
import { argumentsOf } from './lists.ts'
import { collectionFunctions } from './collections.ts'
import { greenletFunctions } from './greenlets.ts'
import { dateFunctions } from './dates.ts'
import { readText } from './files.ts'
import { pageFunctions } from './pages.ts'
import { patternFunctions } from './patterns.ts'
import { randomFunctions } from './random.ts'

const one =
  (make: (value: Expr, frame: Frame) => Expr, type = text): Builtin =>
  (py, frame) => ({ expr: make((argumentsOf(py, frame, 1)[0] as Value).expr, frame), type })

const constant =
  (expr: Expr, type = text): Builtin =>
  () => ({ expr, type })

const uuid: Builtin = constant(method(id('crypto'), 'randomUUID'))
const log =
  (level: 'log' | 'warn' | 'error'): Builtin =>
  (py, frame) =>
    printed(level, py, frame)
const round = (name: string): Builtin => one((value) => method(id('Math'), name, value), number)

/** Returns the hash object of `hashlib.sha256(x)`, on which scripts call `.hexdigest()`. */
const hash = (name: string): Builtin =>
  one((value) => method(call(fromModule('createHash', 'node:crypto'), str(name)), 'update', value), any)
const base64 = (name: 'base64' | 'base64url'): Builtin =>
  one((value) => method(method(id('Buffer'), 'from', value), 'toString', str(name)))

/** The translations of functions in Python's modules, by their full path. */
export const moduleFunctions: Readonly<Record<string, Builtin>> = {
  ...randomFunctions,
  ...dateFunctions,
  ...patternFunctions,
  ...greenletFunctions,
  ...collectionFunctions,
  ...pageFunctions,
  'json.dumps': (py, frame) => ({
    expr: method(id('JSON'), 'stringify', (argumentsOf(py, frame, 1)[0] as Value).expr),
    type: text,
  }),
  'json.loads': one((value) => method(id('JSON'), 'parse', value), any),
  'json.load': (py, frame) => {
    const [file] = py.args
    if (!file) throw new Lost(py)
    const { expr, type } = translate(file, frame)
    return { expr: method(id('JSON'), 'parse', type.kind === 'file' ? readText(expr) : expr), type: any }
  },
  'csv.reader': (py, frame) => ({
    expr: { k: 'call', of: snippet('linesOf'), args: [fileOf(py, frame)] },
    type: listOf(listOf(text)),
  }),
  'csv.DictReader': (py, frame) => ({
    expr: { k: 'call', of: snippet('rowsOf'), args: [fileOf(py, frame)] },
    type: listOf({ kind: 'row' }),
  }),
  'os.getenv': (py, frame) => environment(py, frame),
  'os.environ.get': (py, frame) => environment(py, frame),
  'os.path.join': (py, frame) => ({
    expr: call(fromModule('join', 'node:path'), ...argumentsOf(py, frame, 1).map(({ expr }) => expr)),
    type: text,
  }),
  'os.path.dirname': () => ({ expr: member(id('import.meta'), 'dirname'), type: text }),
  'os.urandom': one((value) => call(fromModule('randomBytes', 'node:crypto'), value), any),
  'os.getpid': constant(member(id('process'), 'pid'), number),
  'uuid.uuid4': uuid,
  'uuid.uuid1': uuid,
  'secrets.token_hex': (py, frame) => {
    const [size] = argumentsOf(py, frame, 0)
    return {
      expr: method(call(fromModule('randomBytes', 'node:crypto'), size?.expr ?? num(32)), 'toString', str('hex')),
      type: text,
    }
  },
  'logging.debug': log('log'),
  'logging.info': log('log'),
  'logging.warning': log('warn'),
  'logging.warn': log('warn'),
  'logging.error': log('error'),
  'logging.critical': log('error'),
  'logging.exception': log('error'),
  'math.floor': round('floor'),
  'math.ceil': round('ceil'),
  'math.sqrt': round('sqrt'),
  'math.sin': round('sin'),
  'math.cos': round('cos'),
  'math.log': round('log'),
  'math.exp': round('exp'),
  'math.pow': (py, frame) => ({
    expr: method(id('Math'), 'pow', ...argumentsOf(py, frame, 2).map(({ expr }) => expr)),
    type: number,
  }),
  'hashlib.md5': hash('md5'),
  'hashlib.sha1': hash('sha1'),
  'hashlib.sha256': hash('sha256'),
  'hashlib.sha512': hash('sha512'),
  'base64.b64encode': base64('base64'),
  'base64.urlsafe_b64encode': base64('base64url'),
  'base64.b64decode': one((value) => method(method(id('Buffer'), 'from', value, str('base64')), 'toString')),
  'urllib.parse.quote': one((value) => call(id('encodeURIComponent'), value)),
  'urllib.parse.quote_plus': one((value) => call(id('encodeURIComponent'), value)),
  'urllib.parse.unquote': one((value) => call(id('decodeURIComponent'), value)),
  'urllib.parse.urlencode': one((value) => method(make('URLSearchParams', asTexts(value)), 'toString')),
  'urllib.parse.urljoin': (py, frame) => {
    const [base, path] = argumentsOf(py, frame, 2) as [Value, Value]
    return { expr: member(make('URL', path.expr, base.expr), 'href'), type: text }
  },
  'hmac.new': (py, frame) => {
    const [key, message] = argumentsOf({ ...py, args: py.args.slice(0, 2) }, frame, 2) as [Value, Value]
    const digest = [...py.args.slice(2), ...py.named.map(({ value }) => value)][0]
    const name = digest?.t === 'attr' ? digest.name : digest?.t === 'str' ? digest.value : ''
    if (!['md5', 'sha1', 'sha256', 'sha512'].includes(name)) throw new Lost(py)
    return {
      expr: method(call(fromModule('createHmac', 'node:crypto'), str(name), key.expr), 'update', message.expr),
      type: any,
    }
  },
  'itertools.cycle': (py, frame) => {
    const [list] = argumentsOf(py, frame, 1) as [Value]
    return {
      expr: { k: 'call', of: { k: 'snippet', name: 'inTurn' }, args: [list.expr] },
      type: { kind: 'cycle', of: list.type.of ?? any },
    }
  },
  'itertools.count': (py, frame) => {
    const [start] = argumentsOf(py, frame, 0)
    return {
      expr: { k: 'call', of: { k: 'snippet', name: 'countFrom' }, args: start ? [start.expr] : [] },
      type: { kind: 'cycle', of: number },
    }
  },
  'functools.partial': partial,
  'copy.copy': one(copied, any),
  'copy.deepcopy': one(copied, any),
  'locust.exception.StopUser': () => ({ expr: absent, type: { kind: 'error' } }),
}

/** Translates `partial(self.client.get, name="/items")` to a function whose parameters are the remaining arguments. */
function partial(py: Call, frame: Frame): Value {
  const [of, ...given] = py.args
  if (!of) throw new Lost(py)
  const { at, from, to } = py
  const left = leftParams(of, frame).slice(given.length)
  const named = new Set(py.named.map(({ name }) => name))
  const params = left
    .filter((name) => !named.has(name))
    .map((name) => ({ name, kind: 'plain' as const, type: null, value: null }))
  const args: Py[] = [...given, ...params.map(({ name }): Py => ({ at, from, to, t: 'name', id: name }))]
  const body: Py = { at, from, to, t: 'call', of, args, named: py.named }
  const { expr, type } = translate({ at, from, to, t: 'lambda', params, body }, frame)
  if (expr.k !== 'arrow' || !('k' in expr.body) || expr.body.k !== 'await') return { expr, type }
  return { expr: { ...expr, async: false, body: expr.body.of }, type }
}

/**
 * Returns the parameters that a call must still set. A request needs the URL, and a call of `request` also needs the HTTP method. A function of the
 * file needs the parameters without a default. A method of the user needs all parameters.
 */
function leftParams(of: Py, frame: Frame): string[] {
  const fn = of.t === 'name' ? frame.module.functions.get(of.id) : undefined
  if (fn) return fn.params.filter(({ kind, value }) => kind === 'plain' && value === null).map(({ name }) => name)
  if (of.t === 'attr' && of.of.t === 'attr' && of.of.name === 'client')
    return of.name === 'request' ? ['method', 'url'] : ['url']
  const params = of.t === 'attr' && isUser(of.of, frame) ? frame.self?.memberOf(of.name)?.params : undefined
  if (!params) throw new Lost(of)
  return params.filter((name) => !name.startsWith('**'))
}

/** Returns a copy of a value. The copy has the type `any`, because code may later store values of other types in it. */
function copied(value: Expr): Expr {
  return { k: 'call', of: id('structuredClone'), args: [value], types: 'any' }
}

/**
 * Makes TypeScript accept an object as the argument of `URLSearchParams`, which requires strings as values. If a value may have another type, the
 * object is cast to `any`.
 */
function asTexts(value: Expr): Expr {
  const isText = (entry: Entry): boolean => 'value' in entry && ['str', 'template'].includes(entry.value.k)
  if (value.k !== 'object') return { k: 'as', of: value, type: 'any' }
  return value.entries.every(isText) ? value : { k: 'as', of: value, type: 'any' }
}

/** Translates `os.environ.get("X", "default")`. */
function environment(py: Call, frame: Frame): Value {
  const [name, second] = py.args
  const standard = second ?? py.named.find((one) => one.name === 'default')?.value
  if (!name) throw new Lost(py)
  if (!standard || standard.t === 'none') return variableOf(name, frame)
  const other = translate(standard, frame)
  const found = variableOf(name, frame).expr
  const value = found.k === 'binary' ? found.left : found
  const asText: Expr = other.type.kind === 'str' ? other.expr : template([other.expr])
  const plain = asText.k === 'template' && other.expr.k === 'num' ? str(String(other.expr.value)) : asText
  return { expr: binary(value, '??', plain), type: text }
}

/** Returns the path of the file that the call receives as its argument. */
function fileOf(py: Call, frame: Frame): Expr {
  const [file] = py.args
  const { expr, type } = file ? translate(file, frame) : { expr: absent, type: any }
  if (type.kind !== 'file' || py.named.length > 0 || py.args.length > 1) throw new Lost(py)
  return expr
}
