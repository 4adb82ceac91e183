import { type Text, textExpr } from '../requests/request.ts'
import { variable } from '../requests/secrets.ts'
import { type Expr, binary, id, member, num, self, str } from '../scenario/code.ts'
import { type Make, functions } from './functions.ts'
import { type Plan, todoForText } from './plan.ts'

const mostSteps = 20
const mostCharacters = 1_000_000

/** Returns a string in which constants and expressions replace `${variables}` and `${__functions()}`. */
export function textIn(plan: Plan, text: string, steps = 0): Text {
  if (!text.includes('${') || steps > mostSteps || plan.left-- < 0) return text === '' ? [] : [text]
  const found: (string | Expr)[] = []
  let from = 0
  for (let at = text.indexOf('${'); at !== -1; at = text.indexOf('${', from)) {
    const end = closing(text, at + 2)
    if (end === -1) break
    if (at > from) found.push(text.slice(from, at))
    found.push(...valueOf(plan, text.slice(at + 2, end), steps))
    from = end + 1
  }
  if (from < text.length) found.push(text.slice(from))
  return found
}

/** Returns the position of the brace that closes a reference; -1 if the brace is missing. */
function closing(text: string, from: number): number {
  let depth = 1
  const last = Math.min(text.length, from + mostCharacters)
  for (let at = from; at < last; at++) {
    if (text.startsWith('${', at)) depth++
    else if (text[at] === '}' && --depth === 0) return at
  }
  return -1
}

function valueOf(plan: Plan, reference: string, steps: number): Text {
  const local = plan.locals.get(reference.trim())
  if (local) return [local()]
  const called = /^__(\w+)(?:\(([\s\S]*)\))?$/.exec(reference.trim())
  if (called) {
    const found = functionValue(plan, called[1] ?? '', argumentsIn(called[2] ?? ''), steps)
    const why = 'this function has no counterpart; the string TODO replaces its value'
    if (!found) plan.notes.add(todoForText(plan, `\${${reference}}`, why))
    return found ?? ['TODO']
  }
  return variableValue(plan, reference.trim(), steps)
}

function variableValue(plan: Plan, name: string, steps: number): Text {
  if (name === 'JMeterThread.last_sample_ok') return [plan.lastOk]
  const found = listValue(plan, name)
  if (found) return [found]
  const field = plan.fields.get(name) ?? plan.fields.get(name.replace(/_(?:g\d+|matchNr|\d+)$/, ''))
  if (field !== undefined) return [member(self, field)]
  const computed = plan.computed.get(name)
  if (computed) return [computed]
  const feed = plan.columns.get(name)
  if (feed !== undefined) return [{ k: 'index', of: id(`${feed}Row`), at: str(name) }]
  const constant = plan.constants.get(name)
  if (constant === undefined) return [variable(name)]
  return plan.isOpen ? [variable(name, constantText(plan, constant))] : textIn(plan, constant, steps + 1)
}

/**
 * Translates `name_matchNr` to the length of a list, and `name_1` to an item of the list. Returns null if no extractor finds all values of `name`.
 */
function listValue(plan: Plan, name: string): Expr | null {
  const [, of = '', part = ''] = /^(.+?)_(\d+|matchNr)(?:_g\d+)?$/s.exec(name) ?? []
  const list = listVariable(plan, of)
  if (!list) return null
  if (part === 'matchNr') return member(list, 'length')
  return binary({ k: 'index', of: list, at: num(Math.max(0, Number(part) - 1)) }, '??', str(''))
}

/** Returns the list of all values that an extractor finds for a variable; null if no extractor stores such a list. */
export function listVariable(plan: Plan, name: string): Expr | null {
  const field = plan.lists.get(name)
  return field === undefined ? null : member(self, field)
}

/** Returns a string in which constants of the plan become variables that `--var` can override. */
export function openText(plan: Plan, text: string): Text {
  plan.isOpen = true
  const found = textIn(plan, text)
  plan.isOpen = false
  return found
}

export function openExpr(plan: Plan, text: string): Expr {
  return textExpr(openText(plan, text))
}

/** Splits arguments at the commas, except at escaped commas and at commas inside a reference. */
function argumentsIn(text: string): string[] {
  const found = ['']
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const one = text.charAt(at)
    if (one === '\\' && text[at + 1] === ',') found[found.length - 1] += text[++at] ?? ''
    else if (one === ',' && depth === 0) found.push('')
    else {
      depth += one === '{' || one === '(' ? 1 : one === '}' || one === ')' ? -1 : 0
      found[found.length - 1] += one
    }
  }
  return found.map((one) => one.trim())
}

function functionValue(plan: Plan, name: string, args: readonly string[], steps: number): Text | null {
  if (!Object.hasOwn(functions, name)) return null
  return (functions[name] as Make)({
    plan,
    args,
    textAt: (index) => textIn(plan, args[index] ?? '', steps + 1),
    constantAt: (index) => constantText(plan, args[index] ?? ''),
    variable: (key) => variableValue(plan, key, steps),
  })
}

/**
 * Replaces constants of the plan with their values, and variables of the command line with their defaults. All other references stay in the string.
 */
export function constantText(plan: Plan, text: string, steps = 0): string {
  if (steps > mostSteps || plan.left-- < 0) return text
  return text.replaceAll(
    /\$\{(?:__(?:P|property)\(([^(){}]*)\)|([^{}()]+))\}/g,
    (whole, args: string | undefined, name: string | undefined) => {
      if (args !== undefined) return args.includes(',') ? (argumentsIn(args).at(-1) ?? '') : whole
      const constant = plan.constants.get(name ?? '')
      return constant === undefined ? whole : constantText(plan, constant, steps + 1)
    },
  )
}

/** Returns a string of the plan as a number; null if the string is not a number from -1e9 to 1e9. */
export function numberIn(plan: Plan, text: string): number | null {
  const value = Number(constantText(plan, text).trim() || Number.NaN)
  return Number.isFinite(value) && Math.abs(value) <= 1e9 ? value : null
}
