import type { SyntaxNode } from '@lezer/common'
import { type Token, arranged } from './operators.ts'
import { numberOf, stringParts, unescaped } from './strings.ts'
import type { FormatPart, Loop, Named, Py, PyParam } from './syntax.ts'
import { type Source, childrenOf, lineAt, split } from './tree.ts'

type Reader = (node: SyntaxNode, source: Source) => Py

interface Place {
  at: number
  from: number
  to: number
}

/** Returns the position of a node in the source. */
export function placeOf(node: { from: number; to: number }, source: Source): Place {
  return { at: lineAt(source, node.from), from: node.from, to: node.to }
}

const readers: Record<string, Reader> = {
  VariableName: (node, source) => ({ ...placeOf(node, source), t: 'name', id: textOf(node, source) }),
  PropertyName: (node, source) => ({ ...placeOf(node, source), t: 'name', id: textOf(node, source) }),
  Number: (node, source) => {
    const value = numberOf(textOf(node, source))
    return { ...placeOf(node, source), ...(value === null ? { t: 'other', what: 'number' } : { t: 'num', value }) }
  },
  Boolean: (node, source) => ({ ...placeOf(node, source), t: 'bool', value: textOf(node, source) === 'True' }),
  None: (node, source) => ({ ...placeOf(node, source), t: 'none' }),
  Ellipsis: (node, source) => ({ ...placeOf(node, source), t: 'ellipsis' }),
  String: (node, source) => textLiteral([node], node, source),
  FormatString: (node, source) => textLiteral([node], node, source),
  ContinuedString: (node, source) => textLiteral(childrenOf(node), node, source),
  ParenthesizedExpression: (node, source) => readOne(childrenOf(node).slice(1, -1), node, source),
  TupleExpression: (node, source) => listOf('tuple', node, source),
  ArrayExpression: (node, source) => listOf('list', node, source),
  SetExpression: (node, source) => listOf('set', node, source),
  DictionaryExpression: (node, source) => dictOf(node, source),
  MemberExpression: (node, source) => memberOf(node, source),
  CallExpression: (node, source) => callOf(node, source),
  BinaryExpression: (node, source) => arranged(tokensOf(node, source)),
  UnaryExpression: (node, source) => arranged(tokensOf(node, source)),
  AwaitExpression: (node, source) => arranged(tokensOf(node, source)),
  ConditionalExpression: (node, source) => {
    const [yes, , test, , no] = childrenOf(node)
    return {
      ...placeOf(node, source),
      t: 'cond',
      yes: readExpr(yes, source),
      test: readExpr(test, source),
      no: readExpr(no, source),
    }
  },
  LambdaExpression: (node, source) => {
    const params = node.getChild('ParamList')
    return {
      ...placeOf(node, source),
      t: 'lambda',
      params: params ? readParams(params, source) : [],
      body: readExpr(node.lastChild, source),
    }
  },
  NamedExpression: (node, source) => {
    const [name, , value] = childrenOf(node)
    return { ...placeOf(node, source), t: 'walrus', name: readExpr(name, source), value: readExpr(value, source) }
  },
  ArrayComprehensionExpression: (node, source) => eachOf('list', node, source),
  SetComprehensionExpression: (node, source) => eachOf('set', node, source),
  DictionaryComprehensionExpression: (node, source) => eachOf('dict', node, source),
  ComprehensionExpression: (node, source) => eachOf('generator', node, source),
}

/** Parses a node as an expression. Syntax that burst does not translate becomes `other`. */
export function readExpr(node: SyntaxNode | null | undefined, source: Source): Py {
  if (!node) return { at: 1, from: 0, to: 0, t: 'other', what: 'nothing' }
  const reader = Object.hasOwn(readers, node.name) ? readers[node.name] : undefined
  return reader ? reader(node, source) : { ...placeOf(node, source), t: 'other', what: node.name }
}

/** Parses nodes separated by commas: one expression, or a tuple without parentheses. */
export function readOne(nodes: readonly SyntaxNode[], around: SyntaxNode, source: Source): Py {
  const lists = split(nodes)
  const [first] = lists
  const isTuple = nodes.some(({ name }) => name === ',') || first?.[0]?.name === '*'
  if (first && !isTuple)
    return first.length === 1
      ? readExpr(first[0], source)
      : { ...placeOf(around, source), t: 'other', what: 'expression' }
  const place = { ...placeOf(around, source), from: nodes[0]?.from ?? around.from, to: nodes.at(-1)?.to ?? around.to }
  return { ...place, t: 'tuple', items: lists.map((list) => starred(list, source)) }
}

function textOf(node: { from: number; to: number }, { text }: Source): string {
  return text.slice(node.from, node.to)
}

function starred(list: readonly SyntaxNode[], source: Source): Py {
  const [first, second] = list
  if (first?.name !== '*') return readExpr(first, source)
  return { ...placeOf(first, source), t: 'star', of: readExpr(second, source) }
}

function listOf(t: 'tuple' | 'list' | 'set', node: SyntaxNode, source: Source): Py {
  const items = split(childrenOf(node).slice(1, -1))
  return { ...placeOf(node, source), t, items: items.map((list) => starred(list, source)) }
}

function dictOf(node: SyntaxNode, source: Source): Py {
  const entries = split(childrenOf(node).slice(1, -1)).map((list) => {
    if (list[0]?.name === '**') return { key: null, value: readExpr(list[1], source) }
    return { key: readExpr(list[0], source), value: readExpr(list.at(-1), source) }
  })
  return { ...placeOf(node, source), t: 'dict', entries }
}

function memberOf(node: SyntaxNode, source: Source): Py {
  const [of, mark, ...rest] = childrenOf(node)
  const place = placeOf(node, source)
  if (mark?.name === '.')
    return { ...place, t: 'attr', of: readExpr(of, source), name: rest[0] ? textOf(rest[0], source) : '' }
  return { ...place, t: 'sub', of: readExpr(of, source), index: readIndex(rest.slice(0, -1), node, source) }
}

function readIndex(nodes: readonly SyntaxNode[], node: SyntaxNode, source: Source): Py {
  if (!nodes.some(({ name }) => name === ':')) return readOne(nodes, node, source)
  const parts: (SyntaxNode | null)[] = [null]
  for (const one of nodes) {
    if (one.name === ':') parts.push(null)
    else parts[parts.length - 1] = one
  }
  const [start, end, step] = parts.map((part) => (part ? readExpr(part, source) : null))
  return { ...placeOf(node, source), t: 'slice', start: start ?? null, end: end ?? null, step: step ?? null }
}

function callOf(node: SyntaxNode, source: Source): Py {
  const [of, list] = childrenOf(node)
  return {
    ...placeOf(node, source),
    t: 'call',
    of: readExpr(of, source),
    ...(list ? readArguments(list, source) : { args: [], named: [] }),
  }
}

/** Returns the arguments of a call. */
export function readArguments(list: SyntaxNode, source: Source): { args: Py[]; named: Named[] } {
  const inner = childrenOf(list).slice(1, -1)
  if (inner.some(({ name }) => name === 'for')) return { args: [loopsOf('generator', inner, list, source)], named: [] }
  const args: Py[] = []
  const named: Named[] = []
  for (const one of split(inner)) {
    if (one[0]?.name === '**') named.push({ name: null, value: readExpr(one[1], source) })
    else if (one[1]?.name === 'AssignOp' && one[0] && textOf(one[1], source) === ':=')
      args.push({
        ...placeOf(one[0], source),
        t: 'walrus',
        name: readExpr(one[0], source),
        value: readExpr(one[2], source),
      })
    else if (one[1]?.name === 'AssignOp' && one[0])
      named.push({ name: textOf(one[0], source), value: readExpr(one[2], source) })
    else args.push(starred(one, source))
  }
  return { args, named }
}

/** Returns the parameters of a function, without a lone `/` or `*` between them. */
export function readParams(list: SyntaxNode, source: Source): PyParam[] {
  const nodes = childrenOf(list).filter(({ name }) => name !== '(' && name !== ')')
  return split(nodes).flatMap((one): PyParam[] => {
    const name = one.find((node) => node.name === 'VariableName')
    if (!name) return []
    const type = one.find((node) => node.name === 'TypeDef')?.lastChild
    const assign = one.findIndex((node) => node.name === 'AssignOp')
    const value = assign === -1 ? null : readExpr(one[assign + 1], source)
    const kind = one[0]?.name === '*' ? 'list' : one[0]?.name === '**' ? 'dict' : 'plain'
    return [{ name: textOf(name, source), kind, type: type ? readExpr(type, source) : null, value }]
  })
}

type EachKind = Extract<Py, { t: 'each' }>['kind']

function eachOf(kind: EachKind, node: SyntaxNode, source: Source): Py {
  return loopsOf(kind, childrenOf(node).slice(1, -1), node, source)
}

function loopsOf(kind: EachKind, nodes: readonly SyntaxNode[], around: SyntaxNode, source: Source): Py {
  const start = nodes.findIndex(({ name }) => name === 'for' || name === 'async')
  const head = nodes.slice(0, start)
  const key = head[1]?.name === ':' ? readExpr(head[0], source) : null
  const loops: Loop[] = []
  let rest = nodes.slice(start).filter(({ name }) => name !== 'async')
  while (rest.length > 0) {
    const next = rest.findIndex(({ name }, index) => index > 0 && name === 'for')
    loops.push(loopOf(rest.slice(1, next === -1 ? undefined : next), around, source))
    rest = next === -1 ? [] : rest.slice(next)
  }
  return { ...placeOf(around, source), t: 'each', kind, item: readExpr(head.at(-1), source), key, loops }
}

function loopOf(nodes: readonly SyntaxNode[], around: SyntaxNode, source: Source): Loop {
  const inside = nodes.findIndex(({ name }) => name === 'in')
  const [of, ...tests] = split(nodes.slice(inside + 1), 'if')
  const target = readOne(nodes.slice(0, inside), around, source)
  return { target, of: readOne(of ?? [], around, source), tests: tests.map((test) => readOne(test, around, source)) }
}

const operators = new Set(['ArithOp', 'BitOp', 'CompareOp', 'not', 'in', 'is', 'and', 'or', 'await'])
const flattened = new Set(['BinaryExpression', 'UnaryExpression', 'AwaitExpression'])

/** Collects operands and operators. Later code orders them by precedence, because the parser's grammar does not contain all precedence levels. */
function tokensOf(node: SyntaxNode, source: Source): Token[] {
  return childrenOf(node).flatMap((child): Token[] => {
    if (operators.has(child.name)) return [textOf(child, source)]
    return flattened.has(child.name) ? tokensOf(child, source) : [readExpr(child, source)]
  })
}

function textLiteral(nodes: readonly SyntaxNode[], around: SyntaxNode, source: Source): Py {
  const place = placeOf(around, source)
  const parts = nodes.flatMap((node) =>
    node.name === 'FormatString' ? formatParts(node, source) : [{ text: plainText(node, source) }],
  )
  if (parts.some((part) => part.value)) return { ...place, t: 'fstr', parts }
  const bytes = nodes.some((node) => stringParts(textOf(node, source)).bytes)
  return { ...place, t: 'str', value: parts.map((part) => part.text ?? '').join(''), bytes }
}

function plainText(node: SyntaxNode, source: Source): string {
  const literal = textOf(node, source)
  const { start, end, raw } = stringParts(literal)
  return unescaped(literal.slice(start, end), raw)
}

function formatParts(node: SyntaxNode, source: Source): FormatPart[] {
  const { start, end, raw } = stringParts(textOf(node, source))
  const parts: FormatPart[] = []
  let at = node.from + start
  const plain = (to: number): void => {
    const text = unescaped(source.text.slice(at, to), raw).replaceAll('{{', '{').replaceAll('}}', '}')
    if (text !== '') parts.push({ text })
  }
  for (const one of node.getChildren('FormatReplacement')) {
    plain(one.from)
    at = one.to
    parts.push(replacement(one, source))
  }
  plain(node.from + end)
  return parts
}

function replacement(node: SyntaxNode, source: Source): FormatPart {
  const inner = childrenOf(node).slice(1, -1)
  const spec = inner.find(({ name }) => name === 'FormatSpec')
  // In `{x!r}` and `{x=}`, the parts `!r` and `=` change the text that Python prints, so these parts are added to the format.
  const more = inner.filter(({ name }) => name === 'FormatConversion' || name === 'FormatSelfDoc')
  const before = more.map((one) => textOf(one, source)).filter((one) => one !== '!s')
  const format = before.join('') + (spec ? textOf(spec, source).slice(1) : '')
  const value = readOne(
    inner.filter(({ name }) => !name.startsWith('Format') || name === 'FormatString'),
    node,
    source,
  )
  return { value, ...(format !== '' && { spec: format }) }
}
