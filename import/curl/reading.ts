import type { Pair, Part, Text } from '../requests/request.ts'
import type { Settings } from '../requests/settings.ts'
import type { Expr } from '../scenario/code.ts'
import { todoAbout } from '../scenario/model.ts'
import type { GivenOption } from './options.ts'

export interface Command {
  /** `file:line` */
  place: string
  options: readonly GivenOption<Text>[]
  /** TODO comments about the parts of the command that have no translation. */
  comments: readonly string[]
  /** The standard input of the command; null if it is unknown. */
  input: Text | null
  /** Returns the path of a file, relative to the scenario; null if the folder of the script does not contain the file. */
  path(path: string): string | null
  /** Returns the text of a file, as an expression; null if the file does not exist. */
  text(path: string): Expr | null
}

/** The data of an option such as `-d`. `separator` is the text between the data of the previous option and this data. */
export interface Data {
  separator: '&' | ''
  content: Text | DataFile
}

/** A file whose content is data. If `isBinary` is true, curl sends the file unchanged; otherwise, curl removes the line breaks. */
export interface DataFile {
  path: string
  isBinary: boolean
}

/** A header of a command. If `isDefault` is true, the header comes from an option such as `-A`. A `-H` with the same name replaces such a header. */
export interface Header extends Pair {
  isDefault?: boolean
}

/** The state of one command while its options are read. */
export interface Reading {
  command: Command
  todos: string[]
  method: string | null
  urls: Text[]
  headers: Header[]
  /** The cookies of all options `-b`. */
  cookies: Text[]
  data: Data[]
  /** The path of the file that `-T` uploads. */
  content: string | null
  /** The name of the file that `-T` uploads. If a URL ends with a slash, curl adds this name to the URL. */
  upload: string
  settings: Settings
  query: Pair[]
  parts: Part[]
  isGet: boolean
  isHead: boolean
  /** `true` if lists and ranges in URLs are not expanded. */
  isGlobOff: boolean
  /** The scheme for URLs that do not contain a scheme; empty for http. */
  scheme: string
  /** The names of headers that `-H 'Name:'` removes, in lower case. */
  removed: Set<string>
  auth?: Expr
  timeout?: number
  redirects?: number
  closes?: true
}

/** Applies the value of an option. */
export type Applier = (reading: Reading, value: Text) => void

/** Adds a comment about a part of the command that is not translated. */
export function left({ todos, command }: Reading, line: string, reason = ''): void {
  const text = todoAbout(command.place, line, reason)
  if (!todos.includes(text)) todos.push(text)
}

/** Returns a placeholder for the content of a missing file, and adds a TODO comment. `line` is the part of the command that names the file. */
export function missingContent(reading: Reading, line: string): Text {
  left(reading, line, 'the file does not exist; the string TODO replaces its content')
  return ['TODO']
}

/** Returns the value as text for a comment, with `…` instead of expressions. */
export function shown(value: Text | null): string {
  return (value ?? []).map((part) => (typeof part === 'string' ? part : '…')).join('')
}
