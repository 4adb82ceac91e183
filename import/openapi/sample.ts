import { type Json, at, listAt, textAt } from '../requests/bodies/json.ts'
import { differing } from './differing.ts'
import { givenBySchema } from './given.ts'
import { numberOf, textOf } from './scalars.ts'
import { type Reading, entriesAt, follow, leave } from './spec.ts'

const mostLevels = 12
const mostValues = 2000
const mostProperties = 200
const mostItems = 10

interface Sampling {
  reading: Reading
  level: number
  /** The references that lead to this schema. They show whether a schema contains itself. */
  refs: readonly string[]
  /** The name of the property or parameter, from which example data is derived. */
  name: string
  left: { count: number }
}

/** A schema itself, or one of the schemas that it combines with `allOf`, `oneOf` or `anyOf`. */
interface Part {
  schema: Json
  refs: readonly string[]
}

/** Returns example data for a schema. Returns undefined if no example data is possible, for example because the schema contains itself. */
export function sampleOf(reading: Reading, schema: Json, name = ''): Json {
  return sample(schema, { reading, level: 0, refs: [], name, left: { count: mostValues } })
}

function sample(raw: Json, sampling: Sampling): Json {
  if (raw === true) return textOf({}, sampling.name)
  const parts = partsOf(raw, sampling)
  const [first] = parts
  if (!first) return undefined
  const given = givenBySchema(sampling.reading, first.schema)
  if (given !== undefined) return given
  const type = typeOf(parts)
  if (type === 'object') return objectOf(parts, sampling)
  const rest = parts.slice(1).map((part) => givenBySchema(sampling.reading, part.schema))
  const inherited = rest.find((one) => one !== undefined)
  if (inherited !== undefined) return inherited
  const whole = merged(parts)
  if (type === 'array') return arrayOf(parts, sampling)
  if (type === 'null') return null
  if (type === 'boolean') return true
  if (type === 'integer' || type === 'number') return numberOf(whole, type)
  const { reading, name } = sampling
  return textOf(whole, name, () => leave(reading, name, 'write a text that matches the pattern in the document'))
}

/**
 * Returns a schema and the schemas that it combines. Uses the first usable alternative of `oneOf` and of `anyOf`. Returns an empty list if the schema
 * contains itself or is nested too deeply.
 */
function partsOf(raw: Json, { reading, level, refs, left }: Sampling): Part[] {
  const found: Part[] = []
  const open: Part[] = [{ schema: raw, refs }]
  for (let next = open.shift(); next; next = open.shift()) {
    if (level > mostLevels || --left.count < 0) return []
    reading.spec.spend(1)
    const followed = follow(reading, next.schema)
    const known = next.refs
    if (followed.refs.some((ref) => known.includes(ref))) return []
    if (typeof followed.value !== 'object' || followed.value === null) continue
    const part = { schema: followed.value, refs: [...known, ...followed.refs] }
    found.push(part)
    open.unshift(...combinedIn(part, reading))
  }
  return found
}

function combinedIn({ schema, refs }: Part, reading: Reading): Part[] {
  const chosen = ['oneOf', 'anyOf'].flatMap((key) => {
    const isUsable = (option: Json): boolean => {
      const followed = follow(reading, option)
      const isCyclic = followed.refs.some((ref) => refs.includes(ref))
      return !isCyclic && typeof followed.value === 'object' && at(followed.value, 'type') !== 'null'
    }
    return listAt(schema, key).slice(0, 100).filter(isUsable).slice(0, 1)
  })
  return [...listAt(schema, 'allOf').slice(0, 100), ...chosen].map((one) => ({ schema: one, refs }))
}

const types = new Set(['object', 'array', 'string', 'integer', 'number', 'boolean', 'null'])

function typeOf(parts: readonly Part[]): string {
  for (const { schema } of parts) {
    const named = [at(schema, 'type')].flat().filter((type) => typeof type === 'string' && types.has(type))
    const type = named.find((one) => one !== 'null') ?? named[0]
    if (typeof type === 'string') return type
  }
  const has = (key: string): boolean => parts.some(({ schema }) => at(schema, key) !== undefined)
  if (has('properties') || has('additionalProperties') || has('required')) return 'object'
  if (has('items') || has('prefixItems')) return 'array'
  return has('minimum') || has('maximum') || has('multipleOf') ? 'number' : 'string'
}

/** Combines the limits of all parts into one schema. */
function merged(parts: readonly Part[]): Json {
  return Object.fromEntries(parts.flatMap(({ schema }) => entriesAt(schema).slice(0, 100)))
}

function objectOf(parts: readonly Part[], sampling: Sampling): Json {
  const found = new Map<string, Json>()
  const required = new Set(parts.flatMap(({ schema }) => listAt(schema, 'required').slice(0, 1000)))
  for (const part of parts) {
    for (const [name, value] of entriesAt(givenBySchema(sampling.reading, part.schema))) found.set(name, value)
    const properties = entriesAt(part.schema, 'properties').slice(0, mostProperties - found.size)
    for (const [name, property] of properties.filter(([key]) => !found.has(key))) {
      const value = propertyOf({ name, property, refs: part.refs, isRequired: required.has(name) }, sampling)
      if (value !== undefined) found.set(name, value)
    }
  }
  if (found.size === 0) for (const [name, value] of additional(parts, sampling)) found.set(name, value)
  for (const [name, value] of discriminators(parts).toReversed())
    if (found.has(name) || required.has(name)) found.set(name, value)
  return Object.fromEntries(found)
}

interface Property {
  name: string
  property: Json
  refs: readonly string[]
  isRequired: boolean
}

/** Returns undefined for properties that requests omit: read-only properties, and deprecated properties that are not required. */
function propertyOf({ name, property, refs, isRequired }: Property, sampling: Sampling): Json {
  const { value: schema } = follow(sampling.reading, property)
  if (at(schema, 'readOnly') === true) return undefined
  if (at(schema, 'deprecated') === true && !isRequired) return undefined
  return sample(property, { ...sampling, level: sampling.level + 1, refs, name })
}

function additional(parts: readonly Part[], sampling: Sampling): [string, Json][] {
  const part = parts.find(({ schema }) => entriesAt(schema, 'additionalProperties').length > 0)
  if (!part) return []
  const of = { ...sampling, level: sampling.level + 1, refs: part.refs, name: 'key' }
  const value = sample(at(part.schema, 'additionalProperties'), of)
  return value === undefined ? [] : [['key', value]]
}

/**
 * Returns the names and values of the discriminator properties. Each value names the chosen alternative. The chosen alternative is the first schema
 * without `oneOf` and `anyOf`.
 */
function discriminators(parts: readonly Part[]): [string, string][] {
  const chosen = parts.find(({ schema }) => at(schema, 'oneOf') === undefined && at(schema, 'anyOf') === undefined)
  const ref = chosen?.refs.at(-1)
  if (ref === undefined) return []
  const last = ref.split('/').at(-1) ?? ''
  return parts.flatMap(({ schema }): [string, string][] => {
    const name = textAt(schema, 'discriminator', 'propertyName')
    const mapped = entriesAt(schema, 'discriminator', 'mapping').find(([, to]) => to === ref || to === last)
    return name === '' ? [] : [[name, mapped?.[0] ?? last]]
  })
}

function arrayOf(parts: readonly Part[], sampling: Sampling): Json {
  const inner = { ...sampling, level: sampling.level + 1 }
  const part = parts.find(({ schema }) => at(schema, 'items') !== undefined || at(schema, 'prefixItems') !== undefined)
  if (!part) return []
  const whole = merged(parts)
  const first = listAt(part.schema, 'prefixItems')
    .slice(0, mostItems)
    .map((item) => sample(item, { ...inner, refs: part.refs }))
  const items = at(part.schema, 'items')
  const most = Math.min(mostItems, limit(whole, 'maxItems', mostItems))
  const wanted = Math.max(first.length === 0 ? 1 : 0, limit(whole, 'minItems', 0)) - first.length
  if (items === undefined || items === false || wanted <= 0) return first.slice(0, most)
  const values = listAt(follow(sampling.reading, items).value, 'enum')
  const item = sample(items, { ...inner, refs: part.refs })
  if (item === undefined) return first
  const isUnique = at(whole, 'uniqueItems') === true
  const rest = Array.from({ length: Math.min(wanted, most) }, (_, index) => {
    if (index === 0) return item
    return (isUnique ? differing(sampling.reading, items, { value: item, index }) : values[index]) ?? item
  })
  return [...first, ...rest].slice(0, most)
}

function limit(schema: Json, key: string, otherwise: number): number {
  const value = at(schema, key)
  return typeof value === 'number' && value >= 0 ? Math.trunc(value) : otherwise
}
