import { performance } from '../../../guard/built-ins.ts'
import type { RecordedSample } from '../../../../core/authoring/runtime.ts'
import { suggestedName } from '../../../../core/closest-name.ts'
import { inWords, isRecord } from '../../../../core/values-in-words.ts'
import { mostCount } from '../../../../core/extremes.ts'
import { isCutOff, isUserLeft } from '../http/failure.ts'
import type { Counts } from './recorder.ts'

const fields = ['method', 'name', 'ms', 'bytes', 'error']
/** Maps Locust's names of fields to burst's names. */
const instead = new Map([
  ['response_time', 'ms'],
  ['response_length', 'bytes'],
  ['request_type', 'method'],
  ['exception', 'error'],
])

/**
 * Counts a sample that user code passed to `this.record({…})`. The sample describes a call that burst did not send.
 * @throws TypeError when the argument is not an object, has an unknown field, or has a field with an invalid value
 */
export function recordSample(recorder: Counts, given: RecordedSample): void {
  recorder.sample(checkedSample(given))
}

/** Reads each field only once, because a getter could return a different value after the check. */
function checkedSample(sample: unknown): Required<RecordedSample> {
  if (!isRecord(sample)) throw new TypeError(`record() was given ${inWords(sample)}; it takes { ${fields.join(', ')} }`)
  for (const key of Object.keys(sample)) if (!fields.includes(key)) throw unknownField(key)
  const { method, name, ms, bytes = 0, error = false } = sample
  checkFields({ method, name }, isText, 'a string')
  checkFields({ ms, bytes }, isAmount, 'a number from 0 to 2^45')
  return { method, name, ms, bytes, error } as Required<RecordedSample>
}

function checkFields(values: Record<string, unknown>, isRight: (value: unknown) => boolean, wanted: string): void {
  for (const field of Object.keys(values)) {
    const value = values[field]
    if (!isRight(value)) throw new TypeError(`${field} of record() is ${inWords(value)}; it must be ${wanted}`)
  }
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function unknownField(key: string): TypeError {
  const meant = instead.get(key) ?? suggestedName(key, fields)
  const more = meant === undefined ? `it takes ${fields.join(', ')}` : `write ${meant}`
  return new TypeError(`record() has no field '${key.slice(0, 60)}': ${more}`)
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value <= mostCount
}

/**
 * Measures the duration of a step of a journey, and counts the step. A step that burst cut off is not counted.
 * @throws TypeError when the arguments are not a name and a function; an error of `body` is thrown unchanged
 */
export async function timeStep<T>(recorder: Counts, name: string, body: () => Promise<T>): Promise<T> {
  if (typeof name !== 'string' || name === '' || typeof body !== 'function') {
    throw new TypeError(`step() was given ${inWords(name)} and ${inWords(body)}; it takes a name and a function`)
  }
  const beginMs = performance.now()
  try {
    const value = await body()
    recorder.step(name, false, performance.now() - beginMs)
    return value
  } catch (thrown) {
    if (!isCutOff(thrown)) recorder.step(name, !isUserLeft(thrown), performance.now() - beginMs)
    throw thrown
  }
}
