const mostTokens = 400

const token =
  /\s*("""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\d+(?:\.\d+)?[LlfFdD]?|\$\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|[A-Za-z_]\w*|===|!==|=~|==|!=|<=|>=|&&|\|\||\?:|\?\.|[-+*/%<>!(),.?:[\]])\s*/y

/** Other spellings of operators: the words of JEXL, such as `eq`, and the operators `===`, `!==` and `?.`. */
const words: Readonly<Record<string, string>> = {
  eq: '==',
  ne: '!=',
  lt: '<',
  gt: '>',
  le: '<=',
  ge: '>=',
  and: '&&',
  or: '||',
  not: '!',
  mod: '%',
  '===': '==',
  '!==': '!=',
  '?.': '.',
}

/** Splits an expression into tokens. Returns null if the string contains an unknown token or too many tokens. */
export function tokensIn(text: string): string[] | null {
  const found: string[] = []
  for (let from = 0; from < text.length; from = token.lastIndex) {
    token.lastIndex = from
    const [, one] = token.exec(text) ?? []
    if (one === undefined || found.length >= mostTokens) return null
    // After a dot, a word such as `eq` is the name of a method, not an operator.
    found.push(found.at(-1) !== '.' && Object.hasOwn(words, one) ? (words[one] ?? one) : one)
  }
  return found
}

/** The tokens of an expression, and the position of the next token. */
export interface Tokens {
  tokens: readonly string[]
  at: number
}

/** If the next token is one of the wanted tokens, returns it and moves past it. Otherwise, returns null. */
export function taken(reading: Tokens, ...wanted: readonly string[]): string | null {
  const one = reading.tokens[reading.at]
  if (one === undefined || !wanted.includes(one)) return null
  reading.at++
  return one
}

/** If the next tokens are the wanted tokens in this order, moves past them and returns true. Otherwise, returns false and keeps the position. */
export function takenAll(reading: Tokens, ...wanted: readonly string[]): boolean {
  if (!wanted.every((one, index) => reading.tokens[reading.at + index] === one)) return false
  reading.at += wanted.length
  return true
}
