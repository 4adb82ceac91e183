import type { RecordedSample } from '../../../../core/authoring/seat.ts'
import { Distribution } from '../../../../core/window/distribution.ts'
import { otherNames } from '../../../../core/window/window.ts'
import { isCutOff, isUserLeft } from '../http/failure.ts'
import { type Recorder, within } from './recorder.ts'

/** Counts `this.record({…})`: something that burst did not send itself. */
export function recordSample(recorder: Recorder, sample: RecordedSample): void {
  if (!Number.isFinite(sample.ms)) throw new TypeError('record() needs ms, a number of milliseconds')
  const shortMethod = String(sample.method).slice(0, 40)
  const key = recorder.named('metric', `${shortMethod} ${String(sample.name)}`)
  const [method, name] = key === otherNames ? ['*', key] : [shortMethod, key.slice(shortMethod.length + 1)]
  const cell = within(recorder.window.metrics, key, () => ({
    method,
    name,
    count: 0,
    failures: 0,
    bytes: 0,
    duration: new Distribution(),
  }))
  cell.count++
  if (sample.error !== undefined) cell.failures++
  const bytes = Math.floor(sample.bytes ?? 0)
  if (Number.isSafeInteger(bytes) && bytes > 0) cell.bytes += bytes
  cell.duration.recordMs(sample.ms)
}

/** Times a step of a journey and counts it, unless it was cut off. */
export async function timeStep<T>(recorder: Recorder, name: string, body: () => Promise<T>): Promise<T> {
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
