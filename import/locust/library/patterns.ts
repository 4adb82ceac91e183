import { type Expr, type Stmt, array, arrow, at, id, method, num, spread, str } from '../../scenario/code.ts'
import { some } from '../../scenario/walk.ts'
import { Lost, pathOf } from '../code/context.ts'
import { translate } from '../code/translator.ts'
import { any, listOf, text } from '../code/value-types.ts'
import type { Frame, Value } from '../frame.ts'
import type { Call, Py } from '../python/syntax.ts'
import type { Builtin } from './builtins.ts'
import { positional } from './lists.ts'

type Pattern = Extract<Expr, { k: 'regex' }>

/**
 * Translates a regular expression of Python to JavaScript.
 * @throws Lost when the expression is not a literal, or JavaScript does not accept the expression
 */
export function patternOf(py: Py | undefined, flags = ''): Pattern {
  if (py?.t !== 'str')
    throw new Lost(py ?? { at: 1, from: 0, to: 0 }, 'a regular expression is translated only if it is a literal')
  const [, inline = ''] = /^\(\?([imsx]+)\)/.exec(py.value) ?? []
  const source = py.value
    .replace(/^\(\?[imsx]+\)/, '')
    .replaceAll('(?P<', '(?<')
    .replaceAll(/\(\?P=(\w+)\)/g, String.raw`\k<$1>`)
    .replaceAll(String.raw`\Z`, '$')
    .replaceAll(String.raw`\A`, '^')
  const all = [...new Set(flags + inline)].toSorted().join('')
  try {
    if (all.includes('x')) throw new Error('free spacing')
    return { k: 'regex', source: new RegExp(source, all).source, flags: all }
  } catch {
    throw new Lost(py, 'JavaScript does not accept this regular expression')
  }
}

/** The JavaScript flags for the flags of Python. `VERBOSE` has the letter `x`, which is not a flag in JavaScript, so `patternOf` refuses it. */
const flagLetters: Readonly<Record<string, string>> = {
  IGNORECASE: 'i',
  I: 'i',
  DOTALL: 's',
  S: 's',
  MULTILINE: 'm',
  M: 'm',
  VERBOSE: 'x',
  X: 'x',
  UNICODE: '',
  U: '',
  ASCII: '',
  A: '',
}

/**
 * Returns the flags of a call. Flags can be combined: `re.I | re.S`.
 * @param from the position of the flags among the arguments
 * @throws Lost when an argument, such as a position in the text, is not a flag
 */
function flagsOf(py: Pick<Call, 'args' | 'named'>, from: number): string {
  const named = py.named.filter(({ name }) => name !== 'count' && name !== 'maxsplit')
  return [...py.args.slice(from), ...named.map(({ value }) => value)].map(lettersOf).join('')
}

function lettersOf(py: Py): string {
  if (py.t === 'binary' && py.op === '|') return lettersOf(py.left) + lettersOf(py.right)
  if (py.t === 'num' && py.value === 0) return ''
  const letter = flagLetters[py.t === 'attr' ? py.name : py.t === 'name' ? py.id : '']
  if (letter === undefined) throw new Lost(py, 'this argument of a regular expression is not translated')
  return letter
}

/** Returns the inline flags at the beginning of a pattern, and the rest of the pattern. */
function withoutInline(pattern: string): { inline: string; rest: string } {
  const [inline = ''] = /^\(\?[imsx]+\)/.exec(pattern) ?? []
  return { inline, rest: pattern.slice(inline.length) }
}

/** Returns true if a pattern has alternatives that are not in a group. */
function hasAlternatives(pattern: string): boolean {
  let depth = 0
  for (const one of pattern.replaceAll(/\\[^]|\[\^?\]?(?:\\[^]|[^\]\\])*\]/g, '')) {
    if (one === '(') depth++
    if (one === ')') depth--
    if (one === '|' && depth === 0) return true
  }
  return false
}

/** Changes a pattern so that it matches only at the beginning of the text. If `end` is `$`, the pattern matches only the whole text. */
function anchored(py: Py | undefined, flags: string, end = ''): Py {
  if (py?.t !== 'str') throw new Lost(py ?? { at: 1, from: 0, to: 0 })
  const { inline, rest } = withoutInline(py.value)
  // With the flag `m`, `^` and `$` match at every line.
  if (`${flags}${inline}`.includes('m')) throw new Lost(py, 'use re.search, or leave out re.MULTILINE')
  const isOne = end === '' && !hasAlternatives(rest)
  const whole = isOne ? (rest.startsWith('^') ? rest : `^${rest}`) : `^(?:${rest})${end}`
  return { ...py, value: inline + whole }
}

function groupCount({ source, flags }: Pattern): number {
  return (new RegExp(`${source}|`, flags).exec('')?.length ?? 1) - 1
}

/**
 * Translates the methods of a compiled pattern. The calls `re.compile(p).search(x)` and `PATTERN.search(x)` become the same code as `re.search(p,
 * x)`. Returns null for other calls.
 */
export function ofCompiled(py: Call, frame: Frame): Value | null {
  if (py.of.t !== 'attr') return null
  const { of: owner, name } = py.of
  const constant = owner.t === 'name' && !frame.scope.has(owner.id) ? frame.module.patterns.get(owner.id) : undefined
  const compiled = constant ?? owner
  if (!isCompiled(compiled, frame) || !Object.hasOwn(patternFunctions, `re.${name}`)) return null
  const [pattern, ...flags] = compiled.args
  const ofFlags = flags.map((value) => ({ name: 'flags', value }))
  const call = { ...py, args: [...(pattern ? [pattern] : []), ...py.args], named: [...compiled.named, ...ofFlags] }
  return patternFunctions[`re.${name}`]?.(call, frame) ?? null
}

/** `re.compile(…)` */
export function isCompiled(py: Py, frame: Frame): py is Call {
  return py.t === 'call' && pathOf(frame, py.of) === 're.compile'
}

/** Translates `re.search`, which searches the whole text for a match. */
const search: Builtin = (py, frame) => {
  const [pattern, where] = py.args
  if (!where) throw new Lost(py)
  return {
    expr: method(patternOf(pattern, flagsOf(py, 2)), 'exec', translate(where, frame).expr),
    type: { kind: 'match' },
  }
}

/**
 * Translates `re.sub`. A replacement that is not constant becomes a function, because JavaScript does not interpret `$` in the result of a function.
 */
const substituted: Builtin = (given, frame) => {
  const py = positional(given, ['pattern', 'repl', 'string', 'count'])
  const [pattern, by, where, count] = py.args
  if (!by || !where || by.t === 'lambda') throw new Lost(py)
  const most = count === undefined ? 0 : count.t === 'num' ? count.value : -1
  if (most !== 0 && most !== 1) throw new Lost(py, 'a number of replacements is not translated')
  const regex = patternOf(pattern, `${flagsOf(py, 4)}${most === 0 ? 'g' : ''}`)
  const name = most === 0 ? 'replaceAll' : 'replace'
  return { expr: method(translate(where, frame).expr, name, regex, replacementOf(by, regex, frame)), type: text }
}

function replacementOf(by: Py, regex: Pattern, frame: Frame): Expr {
  const constant = by.t === 'name' && !frame.scope.has(by.id) ? frame.module.values.get(by.id) : undefined
  if (by.t === 'str') return str(replacementText(by.value, by, groupCount(regex)))
  if (constant?.k === 'str') return str(replacementText(constant.value, by, groupCount(regex)))
  const { expr, type } = translate(by, frame)
  const hasGroups = some(expr, (one) => textsOf(one).some((part) => part.includes('\\')))
  if (type.kind === 'function' || hasGroups) throw new Lost(by, 'this replacement is not translated')
  return arrow([], expr)
}

function textsOf(node: Expr | Stmt): string[] {
  if (node.k === 'str') return [node.value]
  return node.k === 'template' ? node.parts.filter((part) => typeof part === 'string') : []
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  f: '\f',
  v: '\v',
  a: '\u0007',
  '\\': '\\',
}

/** Translates a replacement such as `\1-\g<name>` to the syntax of JavaScript: `$1-$<name>`. */
function replacementText(replacement: string, py: Py, groups: number): string {
  const group = (name: string): string => {
    if (!/^\d+$/.test(name)) return `$<${name}>`
    if (Number(name) > groups) throw new Lost(py, `the regular expression has no group ${name}`)
    // The reference has two digits, as in `$01`. If another digit follows, JavaScript does not read this digit as a part of the reference.
    return Number(name) === 0 ? '$&' : `$${name.padStart(2, '0')}`
  }
  const special = /\$|\\(?:g<(\w+)>|([1-9]\d?)|([^]))/g
  return replacement.replaceAll(special, (whole, named?: string, number?: string, other?: string) => {
    if (whole === '$') return '$$'
    if (other === undefined) return group(named ?? number ?? '')
    const letter = Object.hasOwn(escapes, other) ? escapes[other] : undefined
    if (letter === undefined && /[\da-z]/i.test(other)) throw new Lost(py, 'this replacement is not translated')
    return letter ?? whole
  })
}

export const patternFunctions: Readonly<Record<string, Builtin>> = {
  're.search': search,
  're.match': (py, frame) => {
    const [pattern, ...more] = py.args
    return search({ ...py, args: [anchored(pattern, flagsOf(py, 2)), ...more] }, frame)
  },
  're.fullmatch': (py, frame) => {
    const [pattern, ...more] = py.args
    return search({ ...py, args: [anchored(pattern, flagsOf(py, 2), '$'), ...more] }, frame)
  },
  're.findall': (py, frame) => {
    const [pattern, where] = py.args
    if (!where) throw new Lost(py)
    const regex = patternOf(pattern, `${flagsOf(py, 2)}g`)
    const found = method(translate(where, frame).expr, 'matchAll', regex)
    const present = (of: Expr): Expr => ({ k: 'present', of })
    const groups = groupCount(regex)
    const item = groups > 1 ? method(id('found'), 'slice', num(1)) : present(at(id('found'), num(groups)))
    return {
      expr: method(array([spread(found)]), 'map', arrow(['found'], item)),
      type: listOf(groups > 1 ? listOf(text) : text),
    }
  },
  're.finditer': (py, frame) => {
    const [pattern, where] = py.args
    if (!where) throw new Lost(py)
    const found = method(translate(where, frame).expr, 'matchAll', patternOf(pattern, `${flagsOf(py, 2)}g`))
    return { expr: array([spread(found)]), type: listOf({ kind: 'match' }) }
  },
  're.sub': substituted,
  're.split': (given, frame) => {
    const py = positional(given, ['pattern', 'string', 'maxsplit'])
    const [pattern, where, most] = py.args
    if (!where || most) throw new Lost(py)
    return {
      expr: method(translate(where, frame).expr, 'split', patternOf(pattern, flagsOf(py, 2))),
      type: listOf(text),
    }
  },
}

/** Translates `.group(1)` or `.group("name")` of a match. */
export function groupOf(of: Expr, args: readonly Py[], _frame: Frame): Value {
  const [which, more] = args
  if (which && (more || (which.t !== 'str' && which.t !== 'num')))
    throw new Lost(which, 'only one group with a constant name or number is translated')
  if (which?.t === 'str') {
    return {
      expr: { k: 'member', of: { k: 'member', of, name: 'groups', optional: true }, name: which.value, optional: true },
      type: any,
    }
  }
  const index = which?.t === 'num' ? which.value : 0
  return { expr: { k: 'present', of: { k: 'index', of, at: num(index), optional: true } }, type: any }
}
