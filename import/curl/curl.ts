import { type Command as ShellCommand, type ParsedScript, type SyntaxNode, forEachChild, parse } from 'unbash'
import { invalidInput } from '../../core/errors.ts'
import { type Folder, besidePath } from '../requests/beside.ts'
import { type ImportedRequest, type Text, leadingText, plainText } from '../requests/request.ts'
import { type Settings, joinedSettings, partialNotes, settingsEntries } from '../requests/settings.ts'
import { modelOf, requestName } from '../requests/tasks.ts'
import { targetOf } from '../requests/url.ts'
import { type Expr, fromModule, call, id, member, str } from '../scenario/code.ts'
import { type ScenarioModel, todoAbout } from '../scenario/model.ts'
import { Names } from '../scenario/names.ts'
import { requestsOf } from './command.ts'
import { type Argument, type GivenOption, readOptions } from './options.ts'
import { readWord } from './words.ts'

const mostCharacters = 2 * 1024 * 1024
const mostCommands = 1000

/**
 * Translates curl commands to a scenario with one task for each URL of a command. Parses the commands, but does not run them.
 * @throws BurstError (104) when the text has no curl command with a URL, is not a script for a POSIX shell, is larger than 2 MiB, has more than 1000
 * curl commands, or has a URL whose scheme is not http or https
 */
export function importCurl(file: string, text: string, place: Folder): ScenarioModel {
  if (text.length > mostCharacters) throw invalidInput(`${file} is larger than 2 MiB`, { hint: 'import a part of it' })
  refuseOtherShells(file, text)
  // Replaces a copied prompt (`$ curl …`) with spaces, so that column numbers do not change.
  const lines = text
    .replaceAll('\r\n', '\n')
    .replaceAll(/^[ \t]*[$>%](?= curl\b)/gm, (prompt) => ' '.repeat(prompt.length))
  const source = { file, text: lines, place, known: new Map<string, string>(), assigned: new Map<string, number>() }
  const found = commandsIn(parse(lines), source)
  if (found.length === 0) {
    throw invalidInput(`${file} has no curl command`, { at: `${file}:1`, hint: 'a command begins with the word curl' })
  }
  const settings: Settings[] = []
  const steps = found.flatMap((command) => commandSteps(command, source, settings))
  if (steps.length === 0)
    throw invalidInput(`${file} contains no curl command with a URL`, {
      at: `${file}:1`,
      hint: 'add the URL to the command',
    })
  return modelOf({
    className: 'Visitor',
    start: [],
    tasks: steps,
    fields: [],
    names: new Names(),
    wait: [1, 3],
    notes: partialNotes(file, settings),
    options: settingsEntries(joinedSettings(settings)),
  })
}

interface Source {
  file: string
  text: string
  place: Folder
  known: Map<string, string>
  /** For each variable of the shell, the number of the line that assigns the variable. */
  assigned: Map<string, number>
}

function refuseOtherShells(file: string, text: string): void {
  const isCmd = /^\s*curl(?:\.exe)?\s.*(?:\^"|\^\s*$)/im.test(text)
  const isPowerShell = /Invoke-(?:WebRequest|RestMethod)\b/i.test(text)
  if (isCmd || isPowerShell)
    throw invalidInput(`${file} is written for ${isCmd ? 'cmd.exe' : 'PowerShell'}`, {
      at: `${file}:1`,
      hint: 'in the browser, copy the request as cURL (bash) or cURL (POSIX)',
    })
}

function lineAt({ text }: Source, pos: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < pos; at = text.indexOf('\n', at + 1)) line++
  return line
}

/** Returns all curl commands in order, including those in pipes, loops and functions. Remembers variables with constant values. */
function commandsIn(script: ParsedScript, source: Source): ShellCommand[] {
  const found: ShellCommand[] = []
  const left: SyntaxNode[] = [script]
  for (let node = left.pop(); node; node = left.pop()) {
    if (node.type === 'Script') refuseErrors(node, source)
    if (node.type === 'Command') takeCommand(node, found, source)
    const children: SyntaxNode[] = []
    forEachChild(node, (child) => void children.push(child))
    left.push(...children.toReversed())
  }
  return found
}

function takeCommand(node: ShellCommand, found: ShellCommand[], source: Source): void {
  if (isCurl(node)) found.push(node)
  // In `NAME=x curl "$NAME"`, the shell replaces `$NAME` before it assigns `x`.
  const isDeclaration = /^(?:export|declare|readonly|local|typeset)$/.test(node.name?.value ?? '')
  const assignments = [...node.prefix, ...(isDeclaration ? node.suffix : [])].filter(
    ({ type }) => type === 'Assignment',
  )
  for (const one of assignments) assign(one as Assignment, lineAt(source, node.pos), { node, source })
  if (found.length > mostCommands)
    throw invalidInput(`${source.file} has more than ${mostCommands} curl commands`, { hint: 'import a part of it' })
}

function refuseErrors(script: ParsedScript, source: Source): void {
  const [first] = script.errors ?? []
  if (!first) return
  throw invalidInput(`this is not a shell command that burst can read: ${first.message}`, {
    at: `${source.file}:${lineAt(source, first.pos)}`,
    hint: 'in the browser, copy the request as cURL (bash) or cURL (POSIX)',
  })
}

function isCurl({ name }: ShellCommand): boolean {
  return name !== undefined && /^(?:.*\/)?curl(?:\.exe)?$/.test(name.value)
}

interface Assignment {
  name: string
  value: unknown
}

function assign(one: Assignment, line: number, { node, source }: { node: ShellCommand; source: Source }): void {
  source.assigned.set(one.name, line)
  if (!isCurl(node)) remember(one, source)
}

function remember(one: Assignment, { known }: Source): void {
  const { value } = one
  if (typeof value !== 'object' || value === null || !('type' in value) || value.type !== 'Word') return
  const text = plainText(readWord(value as never, known).text)
  const isSecret = /token|pass|secret|key|auth|cookie/i.test(one.name)
  const isConstant = text !== null && readWord(value as never, known).unknown.length === 0
  if (isConstant && !isSecret) known.set(one.name, text)
}

function commandSteps(
  command: ShellCommand,
  source: Source,
  settings: Settings[],
): { name: string; steps: { request: ImportedRequest }[] }[] {
  const place = `${source.file}:${lineAt(source, command.pos)}`
  const comments: string[] = []
  const words = command.suffix.flatMap((word): Argument<Text>[] => {
    if (word.type !== 'Word') return word.type === 'Assignment' ? [argument([word.text])] : []
    const { text, unknown, open } = readWord(word, source.known)
    comments.push(...unknown.map((part) => todoAbout(place, part, 'only a shell can evaluate this')))
    for (const name of open) noteVariable(name, { place, comments, source })
    return [argument(text)]
  })
  const input = inputOf(command, source)
  const read = byNext(readOptions(words)).map((options) =>
    requestsOf({
      place,
      options,
      comments,
      input,
      path: (path) => besidePath(path, source.place),
      text: (path) => textOfFile(path, source.place),
    }),
  )
  const requests = read.flatMap((one) => one.requests)
  settings.push(...read.flatMap((one) => (one.requests.length > 0 ? [one.settings] : [])))
  for (const { url } of requests) refuseScheme(url, place)
  return requests
    .filter(({ url }) => plainText(url) !== 'TODO')
    .map((request) => {
      const path = targetOf(request.url)
        .path.map((part) => (typeof part === 'string' ? part : ''))
        .join('')
      return { name: requestName(request.method, path), steps: [{ request }] }
    })
}

interface NotePlace {
  place: string
  comments: string[]
  source: Source
}

/** Adds a comment that says how to set a variable of the shell. */
function noteVariable(name: string, { place, comments, source }: NotePlace): void {
  const line = source.assigned.get(name)
  const from = line === undefined ? '' : ` (line ${line} assigns it)`
  const text = todoAbout(place, `$${name}`, `set it with --var ${name}=…${from}`)
  if (!comments.includes(text)) comments.push(text)
}

/** Returns the text of a here document or a here string. */
function inputOf({ redirects }: ShellCommand, { known }: Source): Text | null {
  const found = redirects.findLast(({ type }) => type === 'HereDoc' || type === 'HereString')
  if (found?.type === 'HereString' && found.target) return readWord(found.target, known).text
  if (found?.type !== 'HereDoc') return null
  const { text, parts } = found.body
  return readWord({ type: 'Word', text, value: text, pos: 0, end: 0, ...(parts && { parts }) }, known).text
}

function refuseScheme(url: Text, place: string): void {
  const [first] = url
  const scheme = typeof first === 'string' ? /^([a-z][a-z\d+.-]*):\/\//i.exec(first)?.[1]?.toLowerCase() : undefined
  if (scheme !== undefined && scheme !== 'http' && scheme !== 'https')
    throw invalidInput(`the URL of this command begins with ${scheme}://`, {
      at: place,
      hint: 'burst loads http and https',
    })
}

/** Splits the options into groups at each separator (`--next`, or `-:` for short). */
function byNext(options: readonly GivenOption<Text>[]): GivenOption<Text>[][] {
  const groups: GivenOption<Text>[][] = [[]]
  for (const option of options) {
    if (option.name === 'next') groups.push([])
    else groups.at(-1)?.push(option)
  }
  return groups
}

function argument(text: Text): Argument<Text> & { more: boolean } {
  const { plain, rest } = leadingText(text)
  return { plain, from: (start) => [plain.slice(start), ...rest], more: rest.length > 0 }
}

/**
 * Returns an expression that reads the text of a file to which a command refers. Because of this expression, burst copies the file into the bundle of
 * the scenario. Returns null if `besidePath` does not find the file.
 */
function textOfFile(path: string, place: Folder): Expr | null {
  const found = besidePath(path, place)
  if (found === null) return null
  const here = member(id('import.meta'), 'dirname')
  const joined = call(fromModule('join', 'node:path'), here, str(found))
  return call(fromModule('readFileSync', 'node:fs'), joined, str('utf8'))
}
