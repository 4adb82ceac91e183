import { type Frame, isLost, note, translate } from '../../../k6/frame.ts'
import { booleanOf } from '../../../k6/http/checks.ts'
import { type Node, isFn, propertyName, stringOf } from '../../../k6/syntax.ts'
import {
  type Expr,
  array,
  arrow,
  at,
  binary,
  bool,
  call,
  id,
  member,
  method,
  nil,
  not,
  num,
  str,
} from '../../../scenario/code.ts'
import { some } from '../../../scenario/walk.ts'
import { type Chain, type Link, chainOf } from './chains.ts'
import { alongPath, isPrimitive, isVariable, numeric, sameAs } from './equality.ts'
import { responseTest } from './response-assertions.ts'

interface State {
  chain: Chain
  frame: Frame
  subject: Expr
  isNegated: boolean
  flags: Set<string>
  tests: Expr[]
}

/**
 * Translates an assertion to a condition. If the assertion has no counterpart, adds a TODO comment and sets `test` to null. Returns null if the node
 * is not an assertion.
 */
export function assertionExpr(node: Node, frame: Frame): { test: Expr | null } | null {
  const chain = chainOf(node, frame)
  if (!chain) return null
  const state: State = { chain, frame, subject: chain.subject, isNegated: false, flags: new Set(), tests: [] }
  for (const link of chain.links) {
    if (readWord(state, link)) continue
    note(link.node, frame, `${link.name} has no counterpart`)
    return { test: null }
  }
  const { tests } = state
  if (tests.length === 0 || some(tests, isLost)) {
    if (tests.length === 0) note(node, frame)
    return { test: null }
  }
  return { test: tests.reduce((all, one) => binary(all, '&&', one)) }
}

const fillers = new Set('to be been is that which and has have with at of same but does still also'.split(' '))
const flags = new Set('deep nested own any all ordered include includes contain contains length lengthOf'.split(' '))

/** Reads one word. Returns false if the word has no counterpart. */
function readWord(state: State, link: Link): boolean {
  const { name, args } = link
  if (name === 'not') {
    state.isNegated = true
    return true
  }
  if (args === null && fillers.has(name)) return true
  const own = state.chain.isOfResponse ? responseTest(state.subject, link, state.frame) : null
  if (own) return added(state, own)
  if (args === null && flags.has(name)) {
    state.flags.add(name)
    return true
  }
  if (name === 'property') return readProperty(state, link)
  const test = args === null ? stateTest(state, name) : comparedTest(state, link)
  return test !== null && added(state, test)
}

function added(state: State, test: Expr): boolean {
  state.tests.push(state.isNegated ? negated(test) : test)
  return true
}

const opposites: Readonly<Record<string, string>> = {
  '===': '!==',
  '!==': '===',
  '!=': '==',
  '==': '!=',
  '<': '>=',
  '>=': '<',
  '>': '<=',
  '<=': '>',
}

function negated(test: Expr): Expr {
  const opposite = test.k === 'binary' && ['===', '!==', '!='].includes(test.op) ? opposites[test.op] : undefined
  if (test.k === 'binary' && opposite !== undefined) return { ...test, op: opposite }
  return test.k === 'unary' && test.op === '!' ? test.of : not(test)
}

/** Translates a word without arguments, such as `empty`. Returns null for any other word. */
function stateTest({ subject }: State, name: string): Expr | null {
  const tests: Readonly<Record<string, () => Expr>> = {
    ok: () => booleanOf(subject),
    true: () => (isTest(subject) ? subject : binary(subject, '===', bool(true))),
    false: () => (isTest(subject) ? negated(subject) : binary(subject, '===', bool(false))),
    null: () => binary(bare(subject), '===', nil),
    undefined: () => binary(subject, '===', { k: 'undefined' }),
    exist: () => existing(subject),
    exists: () => existing(subject),
    NaN: () => method(id('Number'), 'isNaN', subject),
    empty: () => binary(member(method(id('Object'), 'keys', subject), 'length'), '===', num(0)),
  }
  return Object.hasOwn(tests, name) ? (tests[name]?.() ?? null) : null
}

/** Returns `header` for `header ?? ''`, and any other expression unchanged. */
function bare(subject: Expr): Expr {
  const isHeader = subject.k === 'binary' && subject.op === '??' && subject.left.k === 'call'
  return isHeader ? subject.left : subject
}

function existing(subject: Expr): Expr {
  const value = bare(subject)
  return binary(value, value === subject ? '!=' : '!==', nil)
}

/** Returns true for a comparison. */
function isTest(subject: Expr): boolean {
  return subject.k === 'binary' && Object.hasOwn(opposites, subject.op)
}

const orders: Readonly<Record<string, string>> = {
  above: '>',
  gt: '>',
  greaterThan: '>',
  least: '>=',
  gte: '>=',
  below: '<',
  lt: '<',
  lessThan: '<',
  most: '<=',
  lte: '<=',
}

/** The arguments of a word such as `equal(3)`. */
interface Arguments {
  first: Node
  args: readonly Node[]
  value: () => Expr
}

/** Translates a word with arguments, such as `equal(3)`. Returns null for any other word. */
function comparedTest(state: State, { name, args: given }: Link): Expr | null {
  const args = (given ?? []).filter((one) => one.type !== 'SpreadElement')
  const [first, second] = args
  if (!first) return stateTest(state, name)
  const value = (): Expr => translate(first, state.frame)
  if (Object.hasOwn(orders, name)) return binary(numeric(measured(state)), orders[name] ?? '>', value())
  if (second && rangeWords.has(name)) return rangeTest(name, measured(state), [value(), translate(second, state.frame)])
  const word = words.find(([pattern]) => pattern.test(name))
  return word ? word[1](state, { first, args, value }, name) : null
}

/** Returns the value that the next word is about: the length of the subject after the word `length`, otherwise the subject itself. */
function measured({ subject, flags: set }: State): Expr {
  return set.has('length') || set.has('lengthOf') ? member(subject, 'length') : subject
}

type Word = (state: State, given: Arguments, name: string) => Expr | null

const words: readonly (readonly [pattern: RegExp, test: Word])[] = [
  [/^an?$/, ({ subject }, { first }) => typeTest(subject, stringOf(first))],
  [/^length(?:Of)?$/, ({ subject }, { value }) => binary(member(subject, 'length'), '===', value())],
  [/^(?:equals?|eq|eqls?)$/, (state, { first }, name) => equality(state, name, first)],
  [/^(?:includes?|contains?)$/, (state, { first }) => inclusion(state, first)],
  [/^match(?:es)?$/, ({ subject }, { value }) => method(value(), 'test', text(subject))],
  [/^string$/, ({ subject }, { value }) => method(text(subject), 'includes', value())],
  [/^oneOf$/, ({ subject }, { value }) => method(value(), 'includes', subject)],
  [/^members$/, (state, { value }) => membersTest(state, value())],
  [/^keys?$/, (state, { args }) => keysTest(state, args)],
  [
    /^satisf(?:y|ies)$/,
    ({ subject, frame }, { first }) =>
      isFn(first) ? booleanOf(call(frame.module.translator.fn(first, frame), subject)) : null,
  ],
  [/^instance[oO]f$/, ({ subject }, { value }) => binary(subject, 'instanceof', value())],
]

const rangeWords = new Set(['within', 'closeTo', 'approximately'])

function rangeTest(name: string, subject: Expr, [one, two]: readonly [Expr, Expr]): Expr {
  if (name === 'within') return binary(binary(subject, '>=', one), '&&', binary(subject, '<=', two))
  return binary(method(id('Math'), 'abs', binary(subject, '-', one)), '<=', two)
}

function text(expr: Expr): Expr {
  const isText = (expr.k === 'member' && expr.name === 'body') || expr.k === 'template' || isVariable(expr)
  return isText || expr.k === 'index' || expr.k === 'id' ? expr : call(id('String'), expr)
}

function equality({ frame, subject, flags: set }: State, name: string, node: Node): Expr {
  const value = translate(node, frame)
  if (name.startsWith('eql') || set.has('deep')) return sameAs(subject, value)
  return binary(value.k === 'num' ? numeric(subject) : subject, '===', value)
}

function typeTest(subject: Expr, type: string | null): Expr | null {
  if (type === null) return null
  const name = type.toLowerCase()
  if (name === 'array') return method(id('Array'), 'isArray', subject)
  if (name === 'null') return binary(subject, '===', nil)
  if (name === 'date' || name === 'regexp')
    return binary(subject, 'instanceof', id(name === 'date' ? 'Date' : 'RegExp'))
  const isType = binary({ k: 'unary', op: 'typeof', of: subject }, '===', str(name))
  if (name === 'object')
    return binary(binary(isType, '&&', binary(subject, '!==', nil)), '&&', not(method(id('Array'), 'isArray', subject)))
  return ['string', 'number', 'boolean', 'undefined', 'function'].includes(name) ? isType : null
}

function inclusion({ frame, subject, flags: set }: State, node: Node): Expr | null {
  if (node.type !== 'ObjectExpression') {
    const value = translate(node, frame)
    if (!set.has('deep') || isPrimitive(value)) return method(subject, 'includes', value)
    return method(subject, 'some', arrow([{ name: 'one', type: 'any' }], sameAs(id('one'), value)))
  }
  const tests = node.properties.map((one) => {
    const key = propertyName(one)
    if (key === null || one.type !== 'Property') return null
    return sameAs(at(subject, str(key)), translate(one.value, frame))
  })
  const known = tests.filter((test) => test !== null)
  return known.length === tests.length && known.length > 0 ? known.reduce((all, one) => binary(all, '&&', one)) : null
}

function membersTest({ subject, flags: set }: State, list: Expr): Expr {
  const isPart = ['include', 'includes', 'contain', 'contains'].some((word) => set.has(word))
  if (isPart)
    return method(list, 'every', arrow([{ name: 'one', type: 'any' }], method(subject, 'includes', id('one'))))
  const sorted = (of: Expr): Expr => (set.has('ordered') ? of : method(of, 'toSorted'))
  return sameAs(sorted(subject), sorted(list))
}

function keysTest({ frame, subject, flags: set }: State, args: readonly Node[]): Expr {
  const values = args.map((one) => translate(one, frame))
  const [only] = values
  const keys = only?.k === 'array' ? only : array(values)
  const has = binary(id('key'), 'in', subject)
  if (set.has('any')) return method(keys, 'some', arrow(['key'], has))
  const isPart = ['include', 'includes', 'contain', 'contains'].some((word) => set.has(word))
  if (isPart) return method(keys, 'every', arrow(['key'], has))
  const own = method(method(id('Object'), 'keys', subject), 'toSorted')
  return sameAs(own, method(keys, 'toSorted'))
}

/** Reads `property('id')` or `property('id', 3)`. The words after `property` are about the value of this property. */
function readProperty(state: State, { args }: Link): boolean {
  const [name, value] = args ?? []
  const key = stringOf(name)
  if (!name || name.type === 'SpreadElement') return false
  const isNested = key !== null && state.flags.has('nested')
  state.subject = isNested ? alongPath(state.subject, key) : at(state.subject, translate(name, state.frame))
  if (value) return added(state, equality(state, 'eql', value))
  return added(state, binary(state.subject, '!==', { k: 'undefined' }))
}
