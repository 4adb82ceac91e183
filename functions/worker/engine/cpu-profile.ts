import { Session } from 'node:inspector'
import { clearTimeout, setTimeout } from '../../guard/built-ins.ts'

/** Between two samples, microseconds. */
const intervalUs = 1000
/** A profile covers at most this much of the beginning of a turn, milliseconds. */
const longestMs = 600_000
/** A longer profile is left out, characters. */
const longestText = 64 * 1024 * 1024

/** A CPU profile of the engine's thread, from now on, at most the first 10 minutes. */
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

  /** Ends it. The text of a `.cpuprofile` file; undefined when that would be too long. */
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
