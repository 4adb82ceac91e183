import type { Pair, Part, Text } from '../requests/request.ts'
import type { Settings } from '../requests/settings.ts'
import type { Expr } from '../scenario/code.ts'
import { todoAbout } from '../scenario/model.ts'
import type { GivenOption } from './options.ts'

export interface Command {
  /** `file:line` */
  place: string
  options: readonly GivenOption<Text>[]
  /** Comments about the parts of the command that were not translated. */
  comments: readonly string[]
  /** The standard input of the command; null if unknown. */
  input: Text | null
  /** The path of a file, relative to the scenario; null if the file does not exist. */
  path(path: string): string | null
  /** The text of a file, as an expression; null if the file does not exist. */
  text(path: string): Expr | null
}

/** The data of an option such as `-d`. `separator`: the text between this data and the data of the previous option. */
export interface Data {
  separator: '&' | ''
  content: Text | DataFile
}

/** `isBinary`: whether the file is sent byte by byte, instead of without its line breaks. */
export interface DataFile {
  path: string
  isBinary: boolean
}

/** The state of reading the options of one command. */
export interface Reading {
  command: Command
  todos: string[]
  method: string | null
  urls: Text[]
  headers: Pair[]
  data: Data[]
  /** The path of the file that `-T` uploads. */
  content: string | null
  /** The name of the file that `-T` uploads; curl adds it to a URL that ends with a slash. */
  upload: string
  settings: Settings
  query: Pair[]
  parts: Part[]
  isGet: boolean
  isHead: boolean
  /** Whether lists and ranges in URLs are text. */
  isGlobOff: boolean
  /** The scheme of URLs without one; empty for http. */
  scheme: string
  /** The names, in lower case, of headers that `-H 'Name:'` removes. */
  removed: Set<string>
  auth?: Expr
  timeout?: number
  redirects?: number
  closes?: true
}

/** Applies the value of an option. */
export type Applier = (reading: Reading, value: Text) => void

/** Notes a part of the command that is not translated. */
export function left({ todos, command }: Reading, line: string, reason = ''): void {
  const text = todoAbout(command.place, line, reason)
  if (!todos.includes(text)) todos.push(text)
}

/** The placeholder for the content of a missing file, which `line` names, with a TODO comment. */
export function missingContent(reading: Reading, line: string): Text {
  left(reading, line, 'the file does not exist; TODO stands for its content')
  return ['TODO']
}

/** The value as text for a comment, with `…` instead of expressions. */
export function shown(value: Text | null): string {
  return (value ?? []).map((part) => (typeof part === 'string' ? part : '…')).join('')
}
