import { type Json, at, textAt } from '../requests/bodies/json.ts'
import type { Body, Pair, Part } from '../requests/request.ts'
import { literal, str } from '../scenario/code.ts'
import { givenExample } from './given.ts'
import { deep } from './parameters.ts'
import { sampleOf } from './sample.ts'
import { type Reading, entriesAt, follow, leave } from './spec.ts'

export interface Sent {
  body: Body | null
  headers: readonly Pair[]
}

/** The kinds of bodies and the media types of each kind, in the order of preference. */
const kinds: readonly (readonly [kind: Kind, type: RegExp])[] = [
  ['json', /^(?:application\/(?:[\w.+-]+\+)?json\b|text\/json\b|\*\/\*|application\/\*)/i],
  ['form', /^application\/x-www-form-urlencoded\b/i],
  ['parts', /^multipart\/form-data\b/i],
  ['text', /^text\/(?!xml)/i],
]
type Kind = 'json' | 'form' | 'parts' | 'text' | 'other'

/** Returns the body of an operation, with example data. The body is JSON, a form, a multipart form or text. Any other content type becomes a TODO. */
export function bodyOf(reading: Reading, raw: Json): Sent {
  const { value: described } = follow(reading, raw)
  const media = entriesAt(described, 'content').slice(0, 50)
  const [first] = media
  if (!first) return { body: null, headers: [] }
  const ranked = kinds.flatMap(([kind, type]) => {
    const found = media.find(([name]) => type.test(name.trim()))
    return found ? [{ kind, type: found[0], content: found[1] }] : []
  })
  const { kind, type, content } = ranked[0] ?? { kind: 'other' as const, type: first[0], content: first[1] }
  const { value: of } = follow(reading, content)
  return sentAs({ kind, type: type.trim().slice(0, 100), of, isRequired: at(described, 'required') === true }, reading)
}

interface Media {
  kind: Kind
  type: string
  of: Json
  isRequired: boolean
}

function sentAs({ kind, type, of, isRequired }: Media, reading: Reading): Sent {
  if (kind === 'parts') return { body: { kind: 'parts', parts: partsOf(reading, of) }, headers: [] }
  if (kind === 'other') {
    leave(reading, type, 'burst cannot generate data for this content type')
    return { body: { kind: 'body', value: str('TODO') }, headers: contentType(type) }
  }
  const value = givenExample(reading, of) ?? sampleOf(reading, at(of, 'schema'), 'text')
  if (value === undefined && !isRequired) return { body: null, headers: [] }
  if (kind === 'form') return { body: { kind: 'form', pairs: pairsOf(value, at(of, 'encoding')) }, headers: [] }
  if (kind === 'text') return { body: { kind: 'body', value: str(textOf(value)) }, headers: contentType(type) }
  const json = parsedExample(value, type)
  return {
    body: { kind: 'json', value: literal(json === undefined ? {} : json) },
    headers: /^application\/json$|\*/i.test(type) ? [] : contentType(type),
  }
}

/** Returns the example of a body. Parses the example of a JSON body if the example is a string, because some documents give the JSON as a string. */
function parsedExample(value: Json, type: string): Json {
  if (typeof value !== 'string' || !/^\s*[[{]/.test(value) || !/json/i.test(type)) return value
  try {
    return JSON.parse(value) as Json
  } catch {
    // The example begins with a bracket but is not JSON, so it is sent as text.
    return value
  }
}

function contentType(type: string): Pair[] {
  return [{ name: 'content-type', value: [type] }]
}

/**
 * Converts the properties of an object to pairs. `encoding` selects the nested objects that are sent as `name[key]`. All other nested objects are
 * sent as JSON.
 */
function pairsOf(value: Json, encoding: Json): Pair[] {
  return entriesAt(value).flatMap(([name, one]) => {
    if (textAt(encoding, name, 'style') === 'deepObject') return deep(name, one, 0)
    const values = Array.isArray(one) ? one : [one]
    return values.map((item): Pair => {
      const isPlain = typeof item === 'number' || typeof item === 'boolean'
      return { name, value: [isPlain ? literal(item) : textOf(item)] }
    })
  })
}

function textOf(value: Json): string {
  if (typeof value === 'string') return value
  return value === undefined ? '' : JSON.stringify(value)
}

/** Returns the fields of a multipart form. A property with binary content becomes a file. */
function partsOf(reading: Reading, of: Json): Part[] {
  const { value: schema } = follow(reading, at(of, 'schema'))
  const value = givenExample(reading, of) ?? sampleOf(reading, schema)
  return entriesAt(value).flatMap(([name, one]): Part[] => {
    const { value: property } = follow(reading, at(schema, 'properties', name))
    const isList = textAt(property, 'type') === 'array'
    const { value: item } = isList ? follow(reading, at(property, 'items')) : { value: property }
    if (!isFile(item)) return [{ name, value: [textOf(one)] }]
    leave(reading, name, 'the document does not contain the content of the file')
    const type = textAt(of, 'encoding', name, 'contentType') || textAt(item, 'contentMediaType')
    const [firstType = ''] = type.split(',')
    const plainType = /^[\w.+-]+\/[\w.+-]+$/.test(firstType.trim()) ? firstType.trim() : undefined
    return [{ name, value: ['TODO'], file: { name: 'file', type: plainType } }]
  })
}

function isFile(schema: Json): boolean {
  const isBinary = /^(?:binary|byte)$/.test(textAt(schema, 'format'))
  return isBinary || at(schema, 'contentMediaType') !== undefined || at(schema, 'contentEncoding') !== undefined
}
