import { type Json, at, listAt } from '../requests/bodies/json.ts'
import { type Reading, entriesAt, follow, leave } from './spec.ts'

const mostValues = 3000
const mostCharacters = 50_000
const mostLevels = 30

/** Returns the value that a schema itself provides: an example, the default, a constant, or the first value of an enumeration. */
export function givenBySchema(reading: Reading, schema: Json): Json {
  const [example] = listAt(schema, 'examples')
  const [first] = listAt(schema, 'enum')
  const found = [at(schema, 'example'), example, at(schema, 'default'), at(schema, 'const'), first]
  return bounded(
    reading,
    found.find((one) => one !== undefined),
  )
}

/** Returns the example of a parameter or of a media type: `example`, or the first of `examples`. */
export function givenExample(reading: Reading, of: Json): Json {
  const own = at(of, 'example')
  if (own !== undefined) return bounded(reading, own)
  for (const [name, raw] of entriesAt(of, 'examples').slice(0, 20)) {
    const { value: one } = follow(reading, raw)
    const value = at(one, 'value') ?? at(one, 'dataValue')
    if (value !== undefined) return bounded(reading, value)
    const external = at(one, 'externalValue')
    if (typeof external === 'string') leave(reading, external, `the example ${name.slice(0, 40)} is in another file`)
  }
  return undefined
}

/** Returns the value unchanged. If the value is too large for the code of a task, adds a TODO and returns undefined. */
function bounded(reading: Reading, value: Json): Json {
  if (value === undefined) return undefined
  const left: [Json, number][] = [[value, 0]]
  let count = 0
  let characters = 0
  for (let next = left.pop(); next; next = left.pop()) {
    const [one, level] = next
    if (typeof one === 'string') characters += one.length
    if (++count > mostValues || characters > mostCharacters || level > mostLevels) {
      leave(reading, 'example', 'this example is too large; the schema determines the data')
      return undefined
    }
    for (const inner of innerOf(one)) left.push([inner, level + 1])
    for (const [key] of entriesAt(one)) characters += key.length
  }
  reading.spec.spend(count + characters / 100)
  return value
}

function innerOf(value: Json): Json[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : []
}
