import { type Expr, array, arrow, at, id, method, num, spread } from '../../scenario/code.ts'
import { Lost, pathOf } from '../code/context.ts'
import { translate } from '../code/translator.ts'
import { any, listOf, text } from '../code/value-types.ts'
import type { Frame, Value } from '../frame.ts'
import type { Call, Py } from '../python/syntax.ts'
import type { Builtin } from './builtins.ts'

/**
 * Translates a regular expression of Python to JavaScript.
 * @throws Lost when the expression is not a literal, or JavaScript does not accept the expression
 */
export function patternOf(py: Py | undefined, flags = ''): Expr {
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

const flagLetters: Readonly<Record<string, string>> = {
  IGNORECASE: 'i',
  I: 'i',
  DOTALL: 's',
  S: 's',
  MULTILINE: 'm',
  M: 'm',
}

/** Returns the flags of a call. Flags can be combined: `re.I | re.S`. */
function flagsOf(py: { args: readonly Py[]; named: readonly { value: Py }[] }, from: number): string {
  return [...py.args.slice(from), ...py.named.map(({ value }) => value)].map(lettersOf).join('')
}

function lettersOf(py: Py): string {
  if (py.t === 'binary' && py.op === '|') return lettersOf(py.left) + lettersOf(py.right)
  return py.t === 'attr' ? (flagLetters[py.name] ?? '') : ''
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

export const patternFunctions: Readonly<Record<string, Builtin>> = {
  're.search': search,
  're.match': (py, frame) => {
    const [pattern, where] = py.args
    if (pattern?.t !== 'str' || !where) throw new Lost(py)
    return search(
      {
        ...py,
        args: [
          { ...pattern, value: pattern.value.startsWith('^') ? pattern.value : `^${pattern.value}` },
          ...py.args.slice(1),
        ],
      },
      frame,
    )
  },
  're.fullmatch': (py, frame) => {
    const [pattern, ...more] = py.args
    if (pattern?.t !== 'str') throw new Lost(py)
    return search({ ...py, args: [{ ...pattern, value: `^(?:${pattern.value})$` }, ...more] }, frame)
  },
  're.findall': (py, frame) => {
    const [pattern, where] = py.args
    if (pattern?.t !== 'str' || !where) throw new Lost(py)
    const found = method(translate(where, frame).expr, 'matchAll', patternOf(pattern, `${flagsOf(py, 2)}g`))
    const present = (of: Expr): Expr => ({ k: 'present', of })
    const groups = (pattern.value.match(/(?<!\\)\((?!\?)/g) ?? []).length
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
  're.sub': (py, frame) => {
    const [pattern, by, where] = py.args
    if (!by || !where || by.t === 'lambda') throw new Lost(py)
    const expr = method(
      translate(where, frame).expr,
      'replaceAll',
      patternOf(pattern, `${flagsOf(py, 3)}g`),
      translate(by, frame).expr,
    )
    return { expr, type: text }
  },
  're.split': (py, frame) => {
    const [pattern, where] = py.args
    if (!where) throw new Lost(py)
    return { expr: method(translate(where, frame).expr, 'split', patternOf(pattern)), type: listOf(text) }
  },
}

/** Translates `.group(1)` or `.group("name")` of a match. */
export function groupOf(of: Expr, args: readonly Py[], _frame: Frame): Value {
  const [which] = args
  if (which?.t === 'str') {
    return {
      expr: { k: 'member', of: { k: 'member', of, name: 'groups', optional: true }, name: which.value, optional: true },
      type: any,
    }
  }
  const index = which?.t === 'num' ? which.value : 0
  return { expr: { k: 'present', of: { k: 'index', of, at: num(index), optional: true } }, type: any }
}
