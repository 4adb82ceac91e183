import { few } from '../../words.ts'

/**
 * The maximum number of characters of a cause in a sentence. The entry of the worker in the report contains up to 500 characters of the platform's
 * error.
 */
const longest = 200

/** The messages with which platforms report the end of a stage, and their meaning. burst uses the first message that matches. */
const meanings: readonly [pattern: RegExp, meaning: (found: RegExpExecArray) => string][] = [
  [/heap out of memory|ran out of memory|^out of memory|OutOfMemory/i, () => 'it ran out of memory'],
  [
    // A shell or a container reports SIGKILL as code 137, which is 128 + 9.
    /signal: killed|killed by SIGKILL|exited with (?:error: )?signal: 9\b|exit (?:status|code) 137\b/,
    () => 'it was killed (out of memory or killed from outside)',
  ],
  [
    /killed by (SIG[A-Z]+)|signal: ([a-z][a-z/ ]*[a-z]|\w+)/,
    ([, name, words]) => `it was ended by a signal (${name ?? words})`,
  ],
  [/exited without providing a reason/, () => 'its process ended without an error'],
  [/timed out after ([\d.]+) seconds/i, ([, seconds]) => `it exceeded its time limit of ${Number(seconds)} s`],
  [
    /exit (?:status|code) (\d+)(?:: (.+))?/,
    ([, code, why]) => `its process ended with code ${code}${why ? `: ${why}` : ''}`,
  ],
]

/**
 * Returns the reason why a worker or another stage was lost, as one short sentence in burst's words. The sentence does not contain identifiers of the
 * platform.
 */
export function causeOfLoss(error: string): string {
  for (const [pattern, meaning] of meanings) {
    const found = pattern.exec(error)
    if (found) return shortened(meaning(found))
  }
  return shortened(error.replaceAll(/\bRequestId: [\w-]+\s*/g, '').replace(/^Error: /, ''))
}

/** Returns at most 200 characters of the first line that is not empty. */
export function shortened(text: string): string {
  const line =
    text
      .split(/[\r\n\u2028\u2029]+/)
      .find((one) => one.trim() !== '')
      ?.trim() ?? ''
  return line.length > longest ? `${line.slice(0, longest - 1).trimEnd()}…` : line
}

/** Returns the message of an error in one line of at most 200 characters. The message of an SDK may have hundreds of lines. */
export function messageOf(error: unknown): string {
  return shortened(error instanceof Error ? error.message || error.name : String(error))
}

/** Names the workers: `worker 3`; `workers 1, 2, 3, 4, 5 and 35 more`. */
export function workersInWords(slices: readonly number[]): string {
  const known = [...new Set(slices)].toSorted((a, b) => a - b).map(String)
  return `${known.length === 1 ? 'worker' : 'workers'} ${few(known)}`
}
