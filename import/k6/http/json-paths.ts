import { type Expr, type Param, arrow, at, binary, bool, id, member, method, num, str } from '../../scenario/code.ts'

/** Returns the code that reads a part of a value. */
export type Step = (of: Expr) => Expr

/**
 * Returns the steps of a path in `response.json('…')`. A step is a key, an index, `#(price<10)` (the first item that matches), `#(price<10)#` (all
 * items that match), or `#`. At the end of a path, `#` is the length of a list; elsewhere, `#` is each item of the list. Returns null for a path with
 * other parts.
 */
export function stepsOf(path: string): Step[] | null {
  if (path === '') return []
  const found: Step[] = []
  const parts = path.match(/#\([^()]*\)#?|#|[\w-]+|[^#\w-]/g) ?? []
  for (const [index, part] of parts.entries()) {
    const isDot = index % 2 === 1
    if (isDot ? part !== '.' : part === '.') return null
    if (isDot) continue
    const rest = parts.slice(index + 2)
    const isLast = index === parts.length - 1
    if (!isLast && (part === '#' || part.endsWith(')#'))) {
      const inner = stepsOf(rest.join(''))
      const items = part === '#' ? itself : queried(part)
      return inner && items && [...found, items, mapped(inner)]
    }
    const step = stepOf(part)
    if (!step) return null
    found.push(step)
  }
  return parts.length % 2 === 1 ? found : null
}

const itself: Step = (of) => of
const item: Param = { name: 'item', type: 'any' }

function stepOf(part: string): Step | null {
  if (part === '#') return (of) => member(of, 'length')
  if (part.startsWith('#')) return queried(part)
  if (!/^[\w-]+$/.test(part)) return null
  const key = /^\d+$/.test(part) ? num(Number(part)) : str(part)
  return (of) => (isFound(of) ? { k: 'index', of, at: key, optional: true } : at(of, key))
}

/** Returns true if the value is the result of `find`, which may be undefined. */
function isFound(of: Expr): boolean {
  return of.k === 'call' && of.of.k === 'member' && of.of.name === 'find'
}

function mapped(steps: readonly Step[]): Step {
  const value = steps.reduce<Expr>((found, step) => step(found), id('item'))
  return (of) => method(of, 'map', arrow([item], value))
}

const signs: Readonly<Record<string, string>> = { '==': '===', '=': '===', '!=': '!==' }

/** Translates `#(price<10)` and `#(price<10)#`. */
function queried(part: string): Step | null {
  const [, path = '', sign = '', wanted = ''] = /^#\(([\w.-]*)(==|=|!=|<=|>=|<|>)([^%]*)\)#?$/.exec(part) ?? []
  const steps = stepsOf(path)
  if (sign === '' || !steps) return null
  const value = steps.reduce<Expr>((found, step) => step(found), id('item'))
  const test = arrow([item], binary(value, signs[sign] ?? sign, literalOf(wanted.trim())))
  return (of) => method(of, part.endsWith('#') ? 'filter' : 'find', test)
}

function literalOf(text: string): Expr {
  const [, quoted] = /^"(.*)"$/.exec(text) ?? []
  if (quoted !== undefined) return str(quoted)
  if (text === 'true' || text === 'false') return bool(text === 'true')
  return text !== '' && Number.isFinite(Number(text)) ? num(Number(text)) : str(text)
}
