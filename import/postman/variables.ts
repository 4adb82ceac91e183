import { valueExpr } from '../requests/flow.ts'
import { type Text, textExpr } from '../requests/request.ts'
import { isSecretField, variable } from '../requests/secrets.ts'
import { type Expr, binary, id, member, method, num, self, str, template } from '../scenario/code.ts'
import type { Item } from './item.ts'
import { variablesIn } from './scripts/reading.ts'

export interface Variables {
  /** The values of the constants of the collection, by name. */
  values: ReadonlyMap<string, string>
  /** For each variable that a script sets, its name in the scenario. */
  set: ReadonlyMap<string, string>
  /** The variables that are fields of the user. */
  members: ReadonlySet<string>
  /** The fields whose values are not always strings. */
  any: ReadonlySet<string>
}

const reference = /\{\{\s*([^{}]{1,200}?)\s*\}\}/g

/** Returns the variables that a request and its scripts refer to. */
export function usedIn({ request, auth, scripts }: Item): string[] {
  const inScripts = variablesIn([...scripts.before, ...scripts.tests]).gets
  return [
    ...[...JSON.stringify([request, auth] as const).matchAll(reference)].map(([, name = '']) => name),
    ...inScripts,
  ]
}

/** Returns the value of a variable: a member of the user, a constant of the collection, or a variable of the command line. */
export function valueExprOf(name: string, variables: Variables): Expr {
  return textExpr(valueOf(name, variables, 0))
}

/**
 * Replaces each `{{name}}` in a string. If the variable is a constant of the collection, and is not a secret, inserts the value of the constant. Also
 * replaces each `{{name}}` in this value, up to four levels deep.
 */
export function textWith(text: string, variables: Variables, level = 0): Text {
  const pieces = text.split(reference)
  return pieces.flatMap((piece, index) =>
    index % 2 === 0 ? (piece === '' ? [] : [piece]) : valueOf(piece, variables, level),
  )
}

function valueOf(name: string, variables: Variables, level: number): Text {
  const own = variables.set.get(name)
  if (own !== undefined) return [valueExpr(own, variables.members)]
  if (name.startsWith('$')) return [dynamic(name)]
  const value = variables.values.get(name)
  if (value === undefined || value === '') return [variable(name)]
  if (isSecretField(name)) return [variable(name)]
  // The limits prevent endless growth of values that refer to each other.
  const isSmall = level < 4 && [...value.matchAll(reference)].length <= 4
  return isSmall ? textWith(value, variables, level + 1) : [value]
}

/** Translates `{{$guid}}` and other dynamic variables. */
function dynamic(name: string): Expr {
  const random = member(self, 'random')
  if (/^\$(?:guid|randomUUID)$/.test(name)) return method(id('crypto'), 'randomUUID')
  if (name === '$timestamp') return method(id('Math'), 'trunc', binary(method(id('Date'), 'now'), '/', num(1000)))
  if (name === '$isoTimestamp') return method({ k: 'new', of: id('Date'), args: [] }, 'toISOString')
  if (name === '$randomInt') return method(random, 'int', num(0), num(1000))
  if (name === '$randomBoolean') return method(random, 'chance')
  const drawn = method(random, 'int', num(0), num(9999))
  if (name.endsWith('Email')) return template(['user', drawn, '@example.com'])
  if (name.endsWith('Url')) return template(['https://www.example.com/', drawn])
  if (name === '$randomUserName') return template(['user', drawn])
  if (name === '$randomPrice') return method(binary(drawn, '/', num(100)), 'toFixed', num(2))
  return binary(str(`${name.replace(/^\$(?:random)?/, '')} `), '+', drawn)
}
