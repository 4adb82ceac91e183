import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { Reporter, SerializedError, Vitest } from 'vitest/node'

/** Writes the unhandled errors of a test run to `<results>.errors`. vitest's JSON results do not contain these errors. */
export class UnhandledErrors implements Reporter {
  #file: string | undefined

  onInit({ config: { root, outputFile } }: Vitest): void {
    const results = typeof outputFile === 'string' ? outputFile : outputFile?.['json']
    this.#file = results === undefined ? undefined : resolve(root, `${results}.errors`)
  }

  onTestRunEnd(_modules: unknown, errors: readonly SerializedError[]): void {
    if (this.#file === undefined) return
    mkdirSync(dirname(this.#file), { recursive: true })
    const told = errors.map((error) => ({ file: error['VITEST_TEST_PATH'], message: messagesOf(error).join('\n') }))
    writeFileSync(this.#file, JSON.stringify(told))
  }
}

/** Returns the messages of an error and of its causes. Visits each error once, because the causes can form a cycle. */
function messagesOf(error: unknown): string[] {
  const found = new Map<unknown, string>()
  let one = error
  while (typeof one === 'object' && one !== null && 'message' in one && !found.has(one)) {
    found.set(one, String(one.message))
    one = 'cause' in one ? one.cause : undefined
  }
  return [...found.values()]
}
