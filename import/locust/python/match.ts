import type { SyntaxNode } from '@lezer/common'
import { placeOf, readExpr, readOne } from './expressions.ts'
import type { Py, PyStmt } from './syntax.ts'
import { type Source, childrenOf, split } from './tree.ts'

type If = Extract<PyStmt, { t: 'if' }>

/** A clause of `match`: its condition (null if the clause always matches), and the variables that its pattern sets. */
interface Pattern {
  test: Py | null
  binds: readonly { name: Py; value: Py }[]
}

/**
 * Converts a `match` statement to `if … elif … else`. Returns null if a pattern has no counterpart, or if repeated evaluation of the matched value
 * may have an effect.
 */
export function matchOf(
  node: SyntaxNode,
  source: Source,
  bodyOf: (nodes: readonly SyntaxNode[], source: Source) => PyStmt[],
): PyStmt | null {
  const [, ...nodes] = childrenOf(node)
  const clauses = node.getChild('MatchBody')?.getChildren('MatchClause') ?? []
  const subject = readOne(
    nodes.filter(({ name }) => name !== 'MatchBody'),
    node,
    source,
  )
  if (!isPlain(subject)) return null
  const found: If = { ...placeOf(node, source), t: 'if', arms: [], otherwise: [] }
  for (const clause of clauses) {
    const pattern = patternOf(childrenOf(clause)[1], subject, source)
    if (!pattern) return null
    const place = placeOf(clause, source)
    const guard = clause.getChild('Guard')
    const holds = guard && replaced(readOne(childrenOf(guard).slice(1), guard, source), pattern.binds)
    const test = both(pattern.test, holds)
    const binds = pattern.binds.map(({ name, value }): PyStmt => ({ ...place, t: 'assign', targets: [name], value }))
    const body = clause.getChild('Body')
    const own = [...binds, ...(body ? bodyOf(childrenOf(body, true), source) : [])]
    if (test) found.arms.push({ test, body: own })
    else {
      found.otherwise = own
      break
    }
  }
  return found.arms.length > 0 ? found : null
}

/** Returns true if an expression has the same effect whether it is evaluated once or several times. */
function isPlain(py: Py): boolean {
  if (py.t === 'attr' || (py.t === 'sub' && py.index.t !== 'call')) return isPlain(py.of)
  return py.t === 'name' || (py.t === 'tuple' && py.items.every(isPlain))
}

function both(left: Py | null, right: Py | null): Py | null {
  if (!left || !right) return left ?? right
  const { at, from } = left
  return { at, from, to: right.to, t: 'logic', op: 'and', left, right }
}

function all(tests: readonly (Py | null)[]): Py | null {
  return tests.reduce<Py | null>((found, test) => both(found, test), null)
}

function patternOf(node: SyntaxNode | undefined, subject: Py, source: Source): Pattern | null {
  if (!node) return null
  const place = placeOf(node, source)
  const equal = (right: Py, op = '=='): Pattern => ({
    test: { ...place, t: 'compare', first: subject, rest: [{ op, right }] },
    binds: [],
  })
  const nodes = childrenOf(node)
  switch (node.name) {
    case 'LiteralPattern': {
      const value = literalOf(nodes, source)
      return equal(value, value.t === 'none' || value.t === 'bool' ? 'is' : '==')
    }
    case 'AttributePattern':
      return equal(attributeOf(nodes, source))
    case 'CapturePattern': {
      const name = readExpr(nodes[0], source)
      return { test: null, binds: name.t === 'name' && name.id === '_' ? [] : [{ name, value: subject }] }
    }
    case 'AsPattern': {
      const inner = patternOf(nodes[0], subject, source)
      return inner && { ...inner, binds: [...inner.binds, { name: readExpr(nodes.at(-1), source), value: subject }] }
    }
    case 'OrPattern':
      return alternatives(
        nodes.filter(({ name }) => name !== 'LogicOp'),
        subject,
        source,
      )
    case 'SequencePattern':
      return sequence(nodes, subject, source)
    case 'MappingPattern':
      return mapping(node, subject, source)
    default:
      return null
  }
}

function literalOf(nodes: readonly SyntaxNode[], source: Source): Py {
  const [first, second] = nodes
  const value = readExpr(second ?? first, source)
  return second && value.t === 'num' ? { ...value, value: -value.value } : value
}

function attributeOf(nodes: readonly SyntaxNode[], source: Source): Py {
  const [first, ...more] = nodes.filter(({ name }) => name !== '.')
  return more.reduce<Py>(
    (of, one) => ({ ...placeOf(one, source), from: of.from, t: 'attr', of, name: source.text.slice(one.from, one.to) }),
    readExpr(first, source),
  )
}

/** Translates `"a" | "b"`. Returns null for alternatives that set variables, because such alternatives have no counterpart. */
function alternatives(nodes: readonly SyntaxNode[], subject: Py, source: Source): Pattern | null {
  const found = nodes.map((one) => patternOf(one, subject, source))
  const tests = found.flatMap((one) => (one?.test && one.binds.length === 0 ? [one.test] : []))
  const [first, ...more] = tests
  if (!first || tests.length < nodes.length) return null
  const values = tests.flatMap((test) => (test.t === 'compare' && test.rest[0]?.op === '==' ? test.rest[0].right : []))
  const { at, from } = first
  const to = tests.at(-1)?.to ?? first.to
  if (values.length === tests.length) {
    const right: Py = { at, from, to, t: 'tuple', items: values }
    return { test: { at, from, to, t: 'compare', first: subject, rest: [{ op: 'in', right }] }, binds: [] }
  }
  return {
    test: more.reduce<Py>((left, right) => ({ at, from, to, t: 'logic', op: 'or', left, right }), first),
    binds: [],
  }
}

/** Translates `[first, *rest]` and `(a, b)`. */
function sequence(nodes: readonly SyntaxNode[], subject: Py, source: Source): Pattern | null {
  const inner = nodes.filter(({ name }) => !['[', ']', '(', ')'].includes(name))
  const items = split(inner).map(([one]) => one)
  const [first] = inner
  if (nodes[0]?.name === '(' && !inner.some(({ name }) => name === ',')) return patternOf(first, subject, source)
  const hasRest = items.at(-1)?.name === 'StarPattern'
  if (!first || items.slice(0, -1).some((one) => one?.name === 'StarPattern')) return null
  const place = placeOf(first, source)
  const plain = hasRest ? items.slice(0, -1) : items
  const found = plain.map((one, index) => patternOf(one, itemOf(subject, index, place), source))
  if (found.includes(null)) return null
  if (subject.t === 'tuple' && (hasRest || subject.items.length !== plain.length)) return null
  const size = { hasRest, count: plain.length, place }
  const rest = hasRest ? restOf(subject, readExpr(items.at(-1)?.lastChild?.firstChild, source), size) : []
  return {
    test: both(subject.t === 'tuple' ? null : sizeTest(subject, size), all(found.map((one) => one?.test ?? null))),
    binds: [...found.flatMap((one) => one?.binds ?? []), ...rest],
  }
}

type Place = Pick<Py, 'at' | 'from' | 'to'>

/** Returns the expression for an item of the matched value. */
function itemOf(subject: Py, index: number, place: Place): Py {
  if (subject.t === 'tuple') return subject.items[index] ?? subject
  return { ...place, t: 'sub', of: subject, index: { ...place, t: 'num', value: index } }
}

interface Size {
  hasRest: boolean
  /** The number of items in the pattern, not counting `*rest`. */
  count: number
  place: Place
}

function sizeTest(subject: Py, { hasRest, count, place }: Size): Py {
  const length: Py = { ...place, t: 'call', of: { ...place, t: 'name', id: 'len' }, args: [subject], named: [] }
  const right: Py = { ...place, t: 'num', value: count }
  return { ...place, t: 'compare', first: length, rest: [{ op: hasRest ? '>=' : '==', right }] }
}

/** Returns the variable in `*rest` with its value, which is the list of the items after the first `count` items. */
function restOf(subject: Py, name: Py, { count, place }: Size): Pattern['binds'] {
  if (name.t !== 'name' || name.id === '_') return []
  const start: Py = { ...place, t: 'num', value: count }
  const index: Py = { ...place, t: 'slice', start, end: null, step: null }
  return [{ name, value: { ...place, t: 'sub', of: subject, index } }]
}

/** Translates `{"kind": "a", "id": id}`. */
function mapping(node: SyntaxNode, subject: Py, source: Source): Pattern | null {
  const entries = split(childrenOf(node).slice(1, -1))
  const found = entries.map(([key, , value]): Pattern | null => {
    if (key?.name !== 'LiteralPattern' || !value) return null
    const place = placeOf(key, source)
    const index = literalOf(childrenOf(key), source)
    const inner = patternOf(value, { ...place, t: 'sub', of: subject, index }, source)
    const has: Py = { ...place, t: 'compare', first: index, rest: [{ op: 'in', right: subject }] }
    return inner && { ...inner, test: both(has, inner.test) }
  })
  if (found.length === 0 || found.includes(null)) return null
  return { test: all(found.map((one) => one?.test ?? null)), binds: found.flatMap((one) => one?.binds ?? []) }
}

/** Replaces the pattern's variables in an expression with their values. */
function replaced(py: Py, binds: Pattern['binds']): Py {
  const values = new Map(binds.flatMap(({ name, value }) => (name.t === 'name' ? [[name.id, value] as const] : [])))
  const of = (piece: unknown): unknown => {
    if (typeof piece !== 'object' || piece === null) return piece
    if (Array.isArray(piece)) return piece.map(of)
    const py = piece as Partial<Py>
    const value = py.t === 'name' && 'id' in py ? values.get(py.id) : undefined
    return value ?? Object.fromEntries(Object.entries(piece).map(([key, one]) => [key, of(one)]))
  }
  return of(py) as Py
}
