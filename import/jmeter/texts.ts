import type { Text } from '../requests/request.ts'
import { variable } from '../requests/secrets.ts'
import { type Expr, binary, call, id, member, method, num, self, snippet, str } from '../scenario/code.ts'
import { type Plan, todoForText } from './plan.ts'

const mostSteps = 20
const mostCharacters = 1_000_000

/** Returns a string in which `${variables}` and `${__functions()}` are replaced by constants and expressions. */
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
  const field = plan.fields.get(name) ?? plan.fields.get(name.replace(/_(?:g\d+|matchNr|\d+)$/, ''))
  if (field !== undefined) return [member(self, field)]
  const computed = plan.computed.get(name)
  if (computed) return [computed]
  const feed = plan.columns.get(name)
  if (feed !== undefined) return [{ k: 'index', of: id(`${feed}Row`), at: str(name) }]
  const constant = plan.constants.get(name)
  return constant === undefined ? [variable(name)] : textIn(plan, constant, steps + 1)
}

function argumentsIn(text: string): string[] {
  return text.split(/(?<!\\),/).map((one) => one.replaceAll('\\,', ',').trim())
}

/** Returns the value; null if these arguments have no counterpart. */
type Make = (plan: Plan, args: readonly string[], steps: number) => Text | null

const day = 'yyyy-MM-dd'

/** Returns the time in one of the usual formats; null for any other format. */
function timeText(format: string): Text | null {
  if (format === '') return [method(id('Date'), 'now')]
  const [, by] = /^\/(\d+)$/.exec(format) ?? []
  if (by !== undefined) return [method(id('Math'), 'floor', binary(method(id('Date'), 'now'), '/', num(Number(by))))]
  const text = method({ k: 'new', of: id('Date'), args: [] }, 'toISOString')
  if (format === day) return [method(text, 'slice', num(0), num(10))]
  if (format === `${day}'T'HH:mm:ss`) return [method(text, 'slice', num(0), num(19))]
  return format === `${day}'T'HH:mm:ss.SSS'Z'` ? [text] : null
}

const functions: Readonly<Record<string, Make>> = {
  P: (plan, [name = '', otherwise = '1']) => [variable(name, constantText(plan, otherwise))],
  property: (plan, [name = '', , otherwise = '']) => [variable(name, constantText(plan, otherwise))],
  V: (plan, [name = ''], steps) => variableValue(plan, name, steps),
  Random: (_plan, [low = '0', high = '100']) => [
    method(member(self, 'random'), 'int', num(Number.parseInt(low, 10) || 0), num(Number.parseInt(high, 10) || 0)),
  ],
  UUID: () => [method(id('crypto'), 'randomUUID')],
  time: (_plan, [format = '']) => timeText(format.replaceAll(/^"|"$/g, '')),
  intSum: (_plan, numbers) => {
    const values = numbers.map(Number)
    // The last argument may be the name of a variable.
    const known = Number.isFinite(values.at(-1)) ? values : values.slice(0, -1)
    return known.every(Number.isFinite) ? [num(known.reduce((sum, one) => sum + one, 0))] : null
  },
  threadNum: () => [binary(member(self, 'index'), '+', num(1))],
  counter: (plan) => {
    plan.usesIteration = true
    return [member(self, 'iteration')]
  },
  RandomString: (_plan, [length = '8', characters = '']) => [
    call(
      snippet('randomText'),
      num(Math.min(10_000, Number.parseInt(length, 10) || 8)),
      ...(characters === '' ? [] : [str(characters)]),
    ),
  ],
  urlencode: (plan, [text = ''], steps) => textIn(plan, text, steps + 1),
  chooseRandom: (_plan, items) => [
    method(member(self, 'random'), 'pick', { k: 'array', items: items.slice(0, -1).map(str) }),
  ],
}

function functionValue(plan: Plan, name: string, args: readonly string[], steps: number): Text | null {
  return Object.hasOwn(functions, name) ? (functions[name] as Make)(plan, args, steps) : null
}

/** Returns a string without expressions. Variables of the command line are replaced by their defaults. */
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

/** Returns a string of the plan as a number; null if it is not a number. */
export function numberIn(plan: Plan, text: string): number | null {
  const value = Number(constantText(plan, text).trim() || Number.NaN)
  return Number.isFinite(value) && Math.abs(value) <= 1e9 ? value : null
}
