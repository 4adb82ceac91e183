/**
 * The part of TypeScript that importers write, as a small syntax tree that `print` converts to text. Strings in the tree are values, not source code.
 */
export type Expr =
  | { k: 'id'; name: string }
  /** An import from burst, or from the Node module that `from` names; the writer adds the import. */
  | { k: 'import'; name: string; from: string }
  /** A helper function. The writer adds the function to each file that uses it. */
  | { k: 'snippet'; name: string }
  | { k: 'this' | 'super' | 'null' | 'undefined' }
  | { k: 'str'; value: string }
  | { k: 'num'; value: number }
  | { k: 'bool'; value: boolean }
  | { k: 'regex'; source: string; flags: string }
  | { k: 'template'; parts: readonly (string | Expr)[] }
  | { k: 'array'; items: readonly Expr[] }
  | { k: 'object'; entries: readonly Entry[]; broken?: boolean }
  | { k: 'member'; of: Expr; name: string; optional?: boolean }
  | { k: 'index'; of: Expr; at: Expr; optional?: boolean }
  | { k: 'call'; of: Expr; args: readonly Expr[]; optional?: boolean; types?: string }
  | { k: 'new'; of: Expr; args: readonly Expr[]; types?: string }
  | { k: 'unary'; op: string; of: Expr }
  /** `of++` */
  | { k: 'postfix'; op: string; of: Expr }
  | { k: 'binary'; op: string; left: Expr; right: Expr }
  | { k: 'cond'; test: Expr; yes: Expr; no: Expr }
  | { k: 'assign'; op: string; to: Expr; value: Expr }
  | { k: 'arrow'; params: readonly Param[]; body: Expr | readonly Stmt[]; async?: boolean }
  | { k: 'await' | 'spread'; of: Expr }
  /** `of!` */
  | { k: 'present'; of: Expr }
  | { k: 'as'; of: Expr; type: string }

export type Entry =
  | { key: string; value: Expr; comments?: readonly string[] }
  | { computed: Expr; value: Expr }
  | { spread: Expr }
  | { comment: string }

export interface Param {
  /** A name, or a pattern of names. */
  name: string | Pattern
  type?: string
  value?: Expr
  rest?: boolean
}

/** `[a, b]` or `{ a, b: c, d = 1, ...e }` on the left side. The key of a rest element is empty, and its name begins with three dots. */
export type Pattern =
  | { array: readonly (string | Pattern | null)[] }
  | { object: readonly (readonly [key: string, target: string | Pattern, value?: Expr])[] }

export type Stmt =
  | { k: 'expr'; of: Expr }
  | { k: 'var'; kind: 'const' | 'let'; name: string | Pattern; type?: string; value?: Expr }
  | { k: 'if'; test: Expr; yes: readonly Stmt[]; no: readonly Stmt[] }
  /** `isAwaited`: `for await`. */
  | { k: 'for'; name: string | Pattern; of: Expr; body: readonly Stmt[]; isAwaited?: boolean }
  | { k: 'while'; test: Expr; body: readonly Stmt[] }
  /** `more`: the other variables of the loop. */
  | {
      k: 'loop'
      first: Stmt | null
      more?: readonly LoopVariable[]
      test: Expr | null
      next: Expr | null
      body: readonly Stmt[]
    }
  | { k: 'labelled'; label: string; of: Stmt }
  | { k: 'switch'; of: Expr; cases: readonly { test: Expr | null; body: readonly Stmt[] }[] }
  | { k: 'return' | 'throw'; of?: Expr }
  /** `yield of`, or `yield* of` if `all` is true. */
  | { k: 'yield'; of: Expr; all?: boolean }
  | { k: 'break' | 'continue'; label?: string }
  | { k: 'blank' }
  | { k: 'try'; body: readonly Stmt[]; error?: string; caught: readonly Stmt[] | null; last: readonly Stmt[] | null }
  | { k: 'comment'; text: string }
  | { k: 'function'; fn: Func }
  | ({ k: 'class' } & PlainClass)

export interface LoopVariable {
  name: string
  value: Expr
}

export interface Func {
  name: string
  params: readonly Param[]
  returns?: string
  async: boolean
  /** `true` for `function*`. */
  generator?: boolean
  body: readonly Stmt[]
  /** The sentences of the doc comment above the function. */
  doc?: readonly string[]
}

export interface Field {
  name: string
  type?: string
  value?: Expr
  /** Comments above the field. */
  notes?: string[]
}

export interface Method extends Func {
  /** The arguments of `@task`. */
  task?: { weight: Expr; tags: string[] }
  private?: boolean
  modifier?: 'static' | 'get'
}

/** A class that does not extend a user class. */
export interface PlainClass {
  name: string
  base?: string
  doc?: readonly string[]
  statics: readonly Field[]
  fields: readonly Field[]
  methods: readonly Method[]
  /** Comments at the end of the class. */
  notes: readonly string[]
}

// ---- functions that make code

export const id = (name: string): Expr => ({ k: 'id', name })
export const burst = (name: string): Expr => ({ k: 'import', name, from: 'burst' })
export const fromModule = (name: string, from: string): Expr => ({ k: 'import', name, from })
export const snippet = (name: string): Expr => ({ k: 'snippet', name })
export const self: Expr = { k: 'this' }
export const nil: Expr = { k: 'null' }
export const absent: Expr = { k: 'undefined' }
export const str = (value: string): Expr => ({ k: 'str', value })
export const num = (value: number): Expr => ({ k: 'num', value })
export const bool = (value: boolean): Expr => ({ k: 'bool', value })
export const array = (items: readonly Expr[]): Expr => ({ k: 'array', items })
export const object = (entries: readonly Entry[], broken = false): Expr => ({ k: 'object', entries, broken })
export const member = (of: Expr, name: string): Expr => ({ k: 'member', of, name })
/** Printed as `a.b` if the index is a string that is a valid name, otherwise as `a['b']` or `a[b]`. */
export const at = (of: Expr, index: Expr): Expr => ({ k: 'index', of, at: index })
export const call = (of: Expr, ...args: readonly Expr[]): Expr => ({ k: 'call', of, args })
export const method = (of: Expr, name: string, ...args: readonly Expr[]): Expr => call(member(of, name), ...args)
export const make = (name: string, ...args: readonly Expr[]): Expr => ({ k: 'new', of: id(name), args })
export const not = (of: Expr): Expr => ({ k: 'unary', op: '!', of })
export const binary = (left: Expr, op: string, right: Expr): Expr => ({ k: 'binary', op, left, right })
export const assign = (to: Expr, value: Expr, op = '='): Expr => ({ k: 'assign', op, to, value })
export const awaited = (of: Expr): Expr => ({ k: 'await', of })
export const spread = (of: Expr): Expr => ({ k: 'spread', of })
export const arrow = (params: readonly (string | Param)[], body: Expr | readonly Stmt[], async = false): Expr => ({
  k: 'arrow',
  params: params.map((param) => (typeof param === 'string' ? { name: param } : param)),
  body,
  async,
})
export const expression = (of: Expr): Stmt => ({ k: 'expr', of })
export const constant = (name: string | Pattern, value: Expr, type?: string): Stmt => ({
  k: 'var',
  kind: 'const',
  name,
  value,
  ...(type !== undefined && { type }),
})
export const comment = (text: string): Stmt => ({ k: 'comment', text })

/** Returns a string with expressions in it, or a plain string if there are no expressions. Adjacent strings are joined. */
export function template(parts: readonly (string | Expr)[]): Expr {
  const joined: (string | Expr)[] = []
  for (const part of parts.flatMap((part) => (typeof part !== 'string' && part.k === 'str' ? part.value : part))) {
    const last = joined.at(-1)
    if (typeof part === 'string' && typeof last === 'string') joined[joined.length - 1] = last + part
    else if (part !== '') joined.push(part)
  }
  if (joined.length === 0) return str('')
  const [only] = joined
  return joined.length === 1 && typeof only === 'string' ? str(only) : { k: 'template', parts: joined }
}

/** Returns a JSON value as an expression. `undefined` becomes `null`. */
export function literal(value: unknown): Expr {
  if (value === null || value === undefined) return nil
  if (typeof value === 'string') return str(value)
  if (typeof value === 'number') return num(value)
  if (typeof value === 'boolean') return bool(value)
  if (Array.isArray(value)) return array(value.map(literal))
  return object(Object.entries(value).map(([key, one]) => ({ key, value: literal(one) })))
}
