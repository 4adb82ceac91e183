import {
  type Expr,
  type Stmt,
  binary,
  call,
  fromModule,
  id,
  member,
  method,
  num,
  snippet,
  str,
} from '../../scenario/code.ts'

/** A hook has no user, so this function replaces the members of the user in the code of a hook. */
export function withoutUser<T>(piece: T): T {
  if (typeof piece !== 'object' || piece === null) return piece
  if (Array.isArray(piece)) return piece.map((one: unknown) => withoutUser(one)) as T
  const own = 'k' in piece ? replaced(piece as unknown as Expr | Stmt) : null
  if (own) return own as T
  return Object.fromEntries(Object.entries(piece).map(([key, one]) => [key, withoutUser(one as unknown)])) as T
}

function replaced(node: Expr | Stmt): Expr | Stmt | null {
  if (node.k === 'expr' && isMember(node.of, 'stop')) return { k: 'return' }
  if (node.k === 'call' && node.of.k === 'member') return replacedCall(node.of, withoutUser(node.args))
  if (node.k === 'index' && node.of.k === 'id' && node.of.name.endsWith('Row')) return str('TODO')
  if (node.k !== 'member' || node.of.k !== 'this') return null
  if (node.name === 'vars') return member(id('run'), 'vars')
  if (node.name === 'index') return num(0)
  return node.name === 'iteration' ? num(1) : id(node.name)
}

function isMember(of: Expr, name: string): boolean {
  return of.k === 'call' && of.of.k === 'member' && of.of.of.k === 'this' && of.of.name === name
}

function replacedCall({ of, name }: Extract<Expr, { k: 'member' }>, args: readonly Expr[]): Expr | null {
  if (of.k === 'this' && name === 'sleep') return sleeping(args[0] ?? num(0))
  if (of.k !== 'member' || of.of.k !== 'this' || of.name !== 'random') return null
  if (name === 'int') return call(snippet('randomInteger'), ...args)
  if (name === 'pick') return call(snippet('pickOne'), ...args)
  const drawn = method(id('Math'), 'random')
  return name === 'chance' ? binary(drawn, '<', args[0] ?? num(1)) : drawn
}

function sleeping(seconds: Expr): Expr {
  const ms = seconds.k === 'num' ? num(Math.round(seconds.value * 1000)) : binary(seconds, '*', num(1000))
  return call(fromModule('setTimeout', 'node:timers/promises'), ms)
}
