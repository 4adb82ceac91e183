import {
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
import { any, listOf, number, text } from '../code/types.ts'
import type { Frame, Value } from '../frame.ts'
import type { Call } from '../python/syntax.ts'
import { type Builtin, printed } from './builtins.ts'
import { argumentsOf } from './lists.ts'
import { dateFunctions } from './dates.ts'
import { readText } from './files.ts'
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

/** `hashlib.sha256(x)`: the hash before `.hexdigest()`. */
const hash = (name: string): Builtin =>
  one((value) => method(call(fromModule('createHash', 'node:crypto'), str(name)), 'update', value), any)
const base64 = (name: 'base64' | 'base64url'): Builtin =>
  one((value) => method(method(id('Buffer'), 'from', value), 'toString', str(name)))

/** Functions of Python's modules, by their full path. */
export const moduleFunctions: Readonly<Record<string, Builtin>> = {
  ...randomFunctions,
  ...dateFunctions,
  ...patternFunctions,
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
  'urllib.parse.urlencode': one((value) => method(make('URLSearchParams', value), 'toString')),
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
  'copy.copy': one((value) => call(id('structuredClone'), value), any),
  'copy.deepcopy': one((value) => call(id('structuredClone'), value), any),
  'locust.exception.StopUser': () => ({ expr: absent, type: { kind: 'error' } }),
}

/** `os.environ.get("X", "default")` */
function environment(py: Call, frame: Frame): Value {
  const [name, standard] = py.args
  if (!name) throw new Lost(py)
  if (!standard || standard.t === 'none') return variableOf(name, frame)
  const other = translate(standard, frame)
  const found = variableOf(name, frame).expr
  const value = found.k === 'binary' ? found.left : found
  const asText: Expr = other.type.kind === 'str' ? other.expr : template([other.expr])
  const plain = asText.k === 'template' && other.expr.k === 'num' ? str(String(other.expr.value)) : asText
  return { expr: binary(value, '??', plain), type: text }
}

/** The path of the file in the argument. */
function fileOf(py: Call, frame: Frame): Expr {
  const [file] = py.args
  const { expr, type } = file ? translate(file, frame) : { expr: absent, type: any }
  if (type.kind !== 'file' || py.named.length > 0 || py.args.length > 1) throw new Lost(py)
  return expr
}
