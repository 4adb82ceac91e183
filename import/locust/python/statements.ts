import type { SyntaxNode } from '@lezer/common'
import { placeOf, readArguments, readExpr, readOne, readParams } from './expressions.ts'
import { importedBy } from './imported.ts'
import { matchOf } from './match.ts'
import { simplified } from './simplified.ts'
import type { Py, PyStmt } from './syntax.ts'
import { type Source, childrenOf, split, treeOf } from './tree.ts'

type Reader = (node: SyntaxNode, source: Source) => PyStmt

/**
 * Returns the statements of a Python file.
 * @throws BurstError (104) with the line, when the file is not Python 3
 */
export function readPython(file: string, text: string): { source: Source; body: PyStmt[] } {
  const { source, script } = treeOf(file, text)
  return { source, body: bodyOf(childrenOf(script, true), source) }
}

function bodyOf(nodes: readonly SyntaxNode[], source: Source): PyStmt[] {
  return nodes.flatMap((node) => {
    if (node.name === 'StatementGroup') return bodyOf(childrenOf(node), source)
    if (node.name === 'Comment') return remark(node, source)
    return [':', ';'].includes(node.name) ? [] : simplified(readStmt(node, source))
  })
}

/** Returns a comment that has its own line. Leaves out commented-out code, directives of tools, and comments that follow code on the same line. */
function remark(node: SyntaxNode, source: Source): PyStmt[] {
  const text = source.text
    .slice(node.from, node.to)
    .replace(/^[#!:\s]+/, '')
    .trim()
  const isCode =
    /[=({[\])}]|^(?:def|class|import|from|return|if|for|while|with|print|@|noqa|type:|pylint|self\.|-\*-|\/usr)/.test(
      text,
    )
  const startsLine = source.text.slice(source.text.lastIndexOf('\n', node.from) + 1, node.from).trim() === ''
  return text === '' || isCode || !startsLine || !/[A-Za-z]/.test(text)
    ? []
    : [{ ...placeOf(node, source), t: 'comment', text }]
}

function readStmt(node: SyntaxNode, source: Source): PyStmt {
  const reader = Object.hasOwn(readers, node.name) ? readers[node.name] : undefined
  return reader ? reader(node, source) : { ...placeOf(node, source), t: 'unknown', what: node.name }
}

const readers: Record<string, Reader> = {
  ExpressionStatement: (node, source) => ({
    ...placeOf(node, source),
    t: 'expr',
    of: readOne(childrenOf(node), node, source),
  }),
  AssignStatement: (node, source) => {
    const nodes = childrenOf(node).filter(({ name }) => name !== 'TypeDef')
    const sides = split(nodes, 'AssignOp').map((side) => readOne(side, node, source))
    const isBare = !nodes.some(({ name }) => name === 'AssignOp')
    return {
      ...placeOf(node, source),
      t: 'assign',
      targets: isBare ? sides : sides.slice(0, -1),
      value: isBare ? null : (sides.at(-1) ?? null),
    }
  },
  UpdateStatement: (node, source) => {
    const [target, op, ...value] = childrenOf(node)
    const sign = op ? source.text.slice(op.from, op.to).replace(/=$/, '') : '+'
    return {
      ...placeOf(node, source),
      t: 'update',
      target: readExpr(target, source),
      op: sign,
      value: readOne(value, node, source),
    }
  },
  IfStatement: (node, source) => {
    const { arms, otherwise } = armsOf(node, source, ['if', 'elif'])
    return {
      ...placeOf(node, source),
      t: 'if',
      arms: arms.map(({ head, body }) => ({ test: readOne(head, node, source), body })),
      otherwise,
    }
  },
  ForStatement: (node, source) => {
    const nodes = childrenOf(node).filter(({ name }) => name !== 'async')
    const [inside, end] = [nodes.findIndex(({ name }) => name === 'in'), nodes.findIndex(({ name }) => name === 'Body')]
    const target = readOne(nodes.slice(1, inside), node, source)
    return {
      ...placeOf(node, source),
      t: 'for',
      target,
      of: readOne(nodes.slice(inside + 1, end), node, source),
      body: inBody(nodes[end], source),
      otherwise: inElse(nodes, end, source),
    }
  },
  WhileStatement: (node, source) => {
    const nodes = childrenOf(node)
    return {
      ...placeOf(node, source),
      t: 'while',
      test: readExpr(nodes[1], source),
      body: inBody(nodes[2], source),
      otherwise: inElse(nodes, 2, source),
    }
  },
  MatchStatement: (node, source) =>
    matchOf(node, source, bodyOf) ?? { ...placeOf(node, source), t: 'unknown', what: node.name },
  TryStatement: (node, source) => tryOf(node, source),
  WithStatement: (node, source) => withOf(node, source),
  ReturnStatement: (node, source) => ended('return', node, source),
  RaiseStatement: (node, source) => ended('raise', node, source),
  YieldStatement: (node, source) => {
    const nodes = childrenOf(node).filter(({ name, type }) => name !== 'yield' && !type.isError)
    const all = nodes[0]?.name === 'from'
    const value = all ? nodes.slice(1) : nodes
    return { ...placeOf(node, source), t: 'yield', of: value.length > 0 ? readOne(value, node, source) : null, all }
  },
  PassStatement: (node, source) => ({ ...placeOf(node, source), t: 'pass' }),
  BreakStatement: (node, source) => ({ ...placeOf(node, source), t: 'break' }),
  ContinueStatement: (node, source) => ({ ...placeOf(node, source), t: 'continue' }),
  FunctionDefinition: (node, source) => functionOf(node, [], source),
  ClassDefinition: (node, source) => classOf(node, [], source),
  DecoratedStatement: (node, source) => {
    const decorators = node.getChildren('Decorator').map((one) => decoratorOf(one, source))
    const inner = node.lastChild as SyntaxNode
    return inner.name === 'ClassDefinition' ? classOf(inner, decorators, source) : functionOf(inner, decorators, source)
  },
  ImportStatement: (node, source) => ({ ...placeOf(node, source), t: 'import', names: importedBy(node, source) }),
  ScopeStatement: (node, source) => {
    const names = node.getChildren('VariableName').map((name) => source.text.slice(name.from, name.to))
    return { ...placeOf(node, source), t: 'global', names }
  },
  DeleteStatement: (node, source) => ({
    ...placeOf(node, source),
    t: 'delete',
    of: split(childrenOf(node).slice(1)).map(([one]) => readExpr(one, source)),
  }),
  AssertStatement: (node, source) => {
    const [test, message] = split(childrenOf(node).slice(1)).map(([one]) => readExpr(one, source))
    return { ...placeOf(node, source), t: 'assert', test: test ?? readExpr(null, source), message: message ?? null }
  },
}

function inBody(body: SyntaxNode | null | undefined, source: Source): PyStmt[] {
  return body ? bodyOf(childrenOf(body, true), source) : []
}

/** Returns the `else` of a loop. */
function inElse(nodes: readonly SyntaxNode[], body: number, source: Source): PyStmt[] {
  return inBody(
    nodes.slice(body + 1).find(({ name }) => name === 'Body'),
    source,
  )
}

function ended(t: 'return' | 'raise', node: SyntaxNode, source: Source): PyStmt {
  const nodes = childrenOf(node).slice(1)
  const from = nodes.findIndex(({ name }) => name === 'from')
  const own = from === -1 ? nodes : nodes.slice(0, from)
  return { ...placeOf(node, source), t, of: own.length > 0 ? readOne(own, node, source) : null }
}

interface Arm {
  head: SyntaxNode[]
  body: PyStmt[]
}

/** Splits `if …: … elif …: … else: …` and similar statements into their blocks. */
function armsOf(
  node: SyntaxNode,
  source: Source,
  words: readonly string[],
): { arms: Arm[]; otherwise: PyStmt[]; last: PyStmt[] } {
  const found = { arms: [] as Arm[], otherwise: [] as PyStmt[], last: [] as PyStmt[] }
  let [word, head] = ['', [] as SyntaxNode[]]
  for (const child of childrenOf(node)) {
    if (child.name === 'Body') {
      if (word === 'else') found.otherwise = inBody(child, source)
      else if (word === 'finally') found.last = inBody(child, source)
      else found.arms.push({ head, body: inBody(child, source) })
      head = []
    } else if ([...words, 'else', 'finally'].includes(child.name)) word = child.name
    else head.push(child)
  }
  return found
}

function tryOf(node: SyntaxNode, source: Source): PyStmt {
  const { arms, otherwise, last } = armsOf(node, source, ['try', 'except'])
  const [first, ...handlers] = arms
  return {
    ...placeOf(node, source),
    t: 'try',
    body: first?.body ?? [],
    arms: handlers.map(({ head, body }) => {
      const as = head.findIndex(({ name }) => name === 'as')
      const types = as === -1 ? head : head.slice(0, as)
      const name = head[as + 1]
      const type = types.length > 0 ? readOne(types, node, source) : null
      return {
        types: type === null ? [] : type.t === 'tuple' ? type.items : [type],
        name: as !== -1 && name ? source.text.slice(name.from, name.to) : null,
        body,
      }
    }),
    otherwise,
    last,
  }
}

function withOf(node: SyntaxNode, source: Source): PyStmt {
  const nodes = childrenOf(node).filter(({ name }) => !['with', 'async', 'Body', '(', ')'].includes(name))
  const items = split(nodes).map((one) => {
    const as = one.findIndex(({ name }) => name === 'as')
    return { value: readExpr(one[0], source), name: as === -1 ? null : readExpr(one[as + 1], source) }
  })
  return { ...placeOf(node, source), t: 'with', items, body: inBody(node.getChild('Body'), source) }
}

function decoratorOf(node: SyntaxNode, source: Source): Py {
  const [first, ...rest] = childrenOf(node).filter(({ name }) => name !== 'At' && name !== '.')
  let of = readExpr(first, source)
  for (const one of rest) {
    const place = { ...placeOf(node, source), from: of.from, to: one.to }
    of =
      one.name === 'ArgList'
        ? { ...place, t: 'call', of, ...readArguments(one, source) }
        : { ...place, t: 'attr', of, name: source.text.slice(one.from, one.to) }
  }
  return of
}

function functionOf(node: SyntaxNode, decorators: Py[], source: Source): PyStmt {
  const name = node.getChild('VariableName')
  const params = node.getChild('ParamList')
  const { doc, body } = documented(inBody(node.getChild('Body'), source))
  const fn = {
    name: name ? source.text.slice(name.from, name.to) : '',
    params: params ? readParams(params, source) : [],
    body,
    decorators,
    doc,
  }
  return { ...placeOf(node, source), t: 'def', fn }
}

function classOf(node: SyntaxNode, decorators: Py[], source: Source): PyStmt {
  const name = node.getChild('VariableName')
  const list = node.getChild('ArgList')
  const { doc, body } = documented(inBody(node.getChild('Body'), source))
  const bases = list ? readArguments(list, source).args : []
  return {
    ...placeOf(node, source),
    t: 'class',
    name: name ? source.text.slice(name.from, name.to) : '',
    bases,
    decorators,
    body,
    doc,
  }
}

function documented(body: PyStmt[]): { doc: string | null; body: PyStmt[] } {
  const [first, ...rest] = body
  return first?.t === 'expr' && first.of.t === 'str' ? { doc: first.of.value, body: rest } : { doc: null, body }
}
