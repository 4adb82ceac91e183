import type { DoubleQuotedChild, ParameterExpansionPart, Word, WordPart } from 'unbash'
import type { Expr } from '../scenario/code.ts'
import type { Text } from '../requests/request.ts'
import { variable } from '../requests/secrets.ts'

/** The known values of the shell script's variables. */
export type ShellVariables = ReadonlyMap<string, string>

export interface ReadWord {
  text: Text
  /** Parts of a word that only a shell can evaluate. The string `TODO` replaces each of these parts. */
  unknown: string[]
  /** The names of variables without a value and without a default. */
  open: string[]
}

/** Returns a word of a shell command as a string: quotes and escapes are resolved, and variables become `this.vars`. */
export function readWord(word: Word, known: ShellVariables): ReadWord {
  const reading: Reading = { known, unknown: [], open: [] }
  const text = word.parts ? word.parts.flatMap((part) => partText(part, reading)) : [word.value]
  return { text, unknown: reading.unknown, open: reading.open }
}

interface Reading {
  known: ShellVariables
  unknown: string[]
  open: string[]
}

function partText(part: WordPart | DoubleQuotedChild, reading: Reading): readonly (string | Expr)[] {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return [part.value]
    case 'DoubleQuoted':
    case 'LocaleString':
      return part.parts.flatMap((one) => partText(one, reading))
    case 'SimpleExpansion':
      return variableText(part.text.slice(1), '', reading)
    case 'ParameterExpansion':
      return parameterText(part, reading)
    case 'Glob':
    case 'ExtendedGlob':
    case 'BraceExpansion':
      return [part.text]
    case 'CommandExpansion':
    case 'ArithmeticExpansion':
    case 'ProcessSubstitution':
      reading.unknown.push(part.text)
      return ['TODO']
    default:
      return [(part as { text: string }).text]
  }
}

function parameterText(part: ParameterExpansionPart, reading: Reading): readonly (string | Expr)[] {
  const { operation, parameter } = part
  if (!operation && part.index === undefined && part.prefix === undefined) return variableText(parameter, '', reading)
  if (operation?.type === 'Default' && [':-', '-', ':=', '='].includes(operation.operator)) {
    return variableText(parameter, operation.operand.value, reading)
  }
  reading.unknown.push(part.text)
  return ['TODO']
}

function variableText(name: string, otherwise: string, { known, unknown, open }: Reading): readonly (string | Expr)[] {
  const value = known.get(name)
  if (value !== undefined) return [value]
  if (/^[A-Za-z_]\w*$/.test(name)) {
    if (otherwise === '') open.push(name)
    return [variable(name, otherwise)]
  }
  unknown.push(`$${name}`)
  return ['TODO']
}
