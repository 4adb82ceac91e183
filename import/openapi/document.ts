import { type Document, type DocumentOptions, type ParseOptions, type SchemaOptions, parseDocument, visit } from 'yaml'
import { invalidInput } from '../../core/errors.ts'
import { type Json, at, readJson, textAt } from '../requests/bodies/json.ts'

const mostYaml = 16 * 1024 * 1024
const mostLevels = 200
const mostAliases = 2000
const mostValues = 5_000_000

/**
 * Reads an OpenAPI 3 document in JSON or YAML.
 * @throws BurstError (104) when the text is neither JSON nor YAML, is nested more than 200 levels deep, is too large, has too many aliases, does not
 * use OpenAPI 3, or has no paths
 */
export function readDocument(file: string, text: string): Json {
  const root = /^\s*[[{]/.test(text) && isJson(text) ? readJson(file, text) : readYaml(file, text)
  refuseVersion(file, root)
  const paths = at(root, 'paths')
  if (typeof paths !== 'object' || paths === null || Array.isArray(paths))
    throw invalidInput(`${file} has no object "paths", so it has no requests`, { at: `${file}:1` })
  return root
}

function refuseVersion(file: string, root: Json): void {
  const version = textAt(root, 'openapi')
  if (textAt(root, 'swagger') !== '')
    throw invalidInput(`${file} is Swagger ${textAt(root, 'swagger').slice(0, 20)}, but burst reads only OpenAPI 3`, {
      at: `${file}:1`,
      hint: `convert it: npx swagger2openapi ${file} -o openapi.json`,
    })
  if (!/^3(?:\.|$)/.test(version))
    throw invalidInput(
      version === ''
        ? `${file} is not an OpenAPI document: it has no field "openapi"`
        : `${file} uses OpenAPI ${version.slice(0, 20)}, but burst reads only OpenAPI 3.x`,
      { at: `${file}:1` },
    )
}

/**
 * Returns true if the file is probably JSON. Errors in such a file get the message of the JSON parser. A brace alone does not suffice, because YAML
 * can also begin with a brace.
 */
function isJson(text: string): boolean {
  return /^\s*(?:\[|\{\s*(?:"|\}))/.test(text)
}

const options: ParseOptions & DocumentOptions & SchemaOptions = {
  schema: 'core',
  merge: true,
  logLevel: 'silent',
  prettyErrors: true,
  // The check for equal keys is off, because its time grows with the square of the number of keys. If a key occurs several times, the last value is
  // used, as in JSON.
  uniqueKeys: false,
}

function readYaml(file: string, text: string): Json {
  if (text.length > mostYaml)
    throw invalidInput(`${file} is larger than 16 MiB`, {
      hint: 'convert it to JSON; burst reads JSON files up to 64 MiB',
    })
  const value = parsedYaml(file, text)
  refuseGrowth(file, value)
  return value
}

function parsedYaml(file: string, text: string): Json {
  try {
    const document = parseDocument(text, options)
    const [error] = document.errors
    if (!error) return valueOf(file, document)
    const [reason = ''] = error.message.split('\n')
    if (reason.includes('call stack')) throw new RangeError(reason)
    throw invalidInput(`${file} is not YAML: ${reason.slice(0, 120)}`, {
      at: `${file}:${error.linePos?.[0].line ?? 1}`,
    })
  } catch (cause) {
    if (cause instanceof RangeError)
      throw invalidInput(`${file} is nested more than ${mostLevels} levels deep`, { at: `${file}:1`, cause })
    if (cause instanceof ReferenceError)
      throw invalidInput(`${file} has too many aliases: ${cause.message.slice(0, 120)}`, {
        at: `${file}:1`,
        cause,
      })
    throw cause
  }
}

function valueOf(file: string, document: Document.Parsed): Json {
  let aliases = 0
  visit(document, { Alias: () => void aliases++ })
  // The maximum number of aliases. For each alias, the parser searches all anchors, so many aliases need much time.
  if (aliases > mostAliases)
    throw invalidInput(`${file} has more than ${mostAliases} aliases`, { at: `${file}:1`, hint: 'convert it to JSON' })
  return document.toJS({ maxAliasCount: mostAliases }) as Json
}

/** Limits the number of values. With aliases, a short file can describe a very long document, or a part that contains itself. */
function refuseGrowth(file: string, root: Json): void {
  const left: [Json, number][] = [[root, 0]]
  let count = 0
  for (let next = left.pop(); next; next = left.pop()) {
    const [one, level] = next
    if (level > mostLevels)
      throw invalidInput(`${file} is nested more than ${mostLevels} levels deep`, { at: `${file}:1` })
    if (++count > mostValues)
      throw invalidInput(`${file} has more than ${mostValues} values`, { hint: 'import a part of it' })
    if (typeof one === 'object' && one !== null) for (const inner of Object.values(one)) left.push([inner, level + 1])
  }
}
