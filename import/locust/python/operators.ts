import type { Py } from './syntax.ts'

/** An operand, or the text of an operator. */
export type Token = Py | string

const levels: Record<string, number> = {
  or: 1,
  and: 2,
  in: 4,
  'not in': 4,
  is: 4,
  'is not': 4,
  '<': 4,
  '>': 4,
  '<=': 4,
  '>=': 4,
  '==': 4,
  '!=': 4,
  '|': 5,
  '^': 6,
  '&': 7,
  '<<': 8,
  '>>': 8,
  '+': 9,
  '-': 9,
  '*': 10,
  '/': 10,
  '//': 10,
  '%': 10,
  '@': 10,
  '**': 12,
}
const ofPrefix: Record<string, number> = { not: 3, '-': 11, '+': 11, '~': 11, await: 13 }

/** Builds an expression from its operands and operators, using Python's precedence. */
export function arranged(tokens: readonly Token[]): Py {
  return new Arranging(tokens).expression(0)
}

class Arranging {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  expression(least: number): Py {
    let left = this.#operand()
    // A comparison in parentheses is an operand: `(a == b) == c` is not a chain.
    let chain: Py | null = null
    for (;;) {
      const op = this.#operator()
      const level = op === null ? -1 : (levels[op.text] ?? -1)
      if (op === null || level < least || level === -1) return left
      this.#at += op.size
      // `**` is right-associative; comparisons form one chain.
      const right = this.expression(op.text === '**' ? level : level + 1)
      left = joined(left, op.text, right, left === chain)
      if (left.t === 'compare') chain = left
    }
  }

  #operand(): Py {
    const token = this.#tokens[this.#at++]
    if (typeof token !== 'string') return token as Py
    const of = this.expression(ofPrefix[token] ?? 11)
    return token === 'await' ? of : { ...placeOf(of), t: 'unary', op: token, of }
  }

  #operator(): { text: string; size: number } | null {
    const [first, second] = [this.#tokens[this.#at], this.#tokens[this.#at + 1]]
    if (typeof first !== 'string') return null
    if (first === 'not' && second === 'in') return { text: 'not in', size: 2 }
    if (first === 'is' && second === 'not') return { text: 'is not', size: 2 }
    return { text: first, size: 1 }
  }
}

function placeOf({ at, from, to }: Py): { at: number; from: number; to: number } {
  return { at, from, to }
}

function joined(left: Py, op: string, right: Py, isChain: boolean): Py {
  const place = { at: left.at, from: left.from, to: right.to }
  if (op === 'and' || op === 'or') return { ...place, t: 'logic', op, left, right }
  if (levels[op] !== 4) return { ...place, t: 'binary', op, left, right }
  if (isChain && left.t === 'compare')
    return { ...place, t: 'compare', first: left.first, rest: [...left.rest, { op, right }] }
  return { ...place, t: 'compare', first: left, rest: [{ op, right }] }
}
