import { Session } from 'node:inspector'
import { clearTimeout, setTimeout } from '../../guard/built-ins.ts'

/** The time between two samples, in microseconds. */
const intervalUs = 1000
/** The longest duration of a profile, in milliseconds. A profile begins with the worker's turn. */
const longestMs = 600_000
/** The maximum number of characters of a profile. A longer profile is dropped. */
const longestText = 64 * 1024 * 1024

/** Starts to record a CPU profile of the engine's thread. The recording ends after at most 10 minutes. */
export class CpuProfile {
  readonly #session = new Session()
  readonly #limit: NodeJS.Timeout
  #ended: Promise<string> | undefined

  constructor() {
    this.#session.connect()
    this.#session.post('Profiler.enable')
    this.#session.post('Profiler.setSamplingInterval', { interval: intervalUs })
    this.#session.post('Profiler.start')
    this.#limit = setTimeout(() => void this.end(), longestMs)
    this.#limit.unref()
  }

  /** Ends the profile. Returns the content for a `.cpuprofile` file; undefined if the content is too long. */
  async end(): Promise<string | undefined> {
    clearTimeout(this.#limit)
    this.#ended ??= this.#stop()
    const text = await this.#ended
    return text.length > longestText ? undefined : text
  }

  #stop(): Promise<string> {
    return new Promise((resolve, reject) => {
      this.#session.post('Profiler.stop', (error, result) => {
        this.#session.disconnect()
        if (error) reject(error)
        else resolve(JSON.stringify(result.profile))
      })
    })
  }
}
