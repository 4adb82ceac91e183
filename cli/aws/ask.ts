import { createInterface } from 'node:readline/promises'
import { invalidInput } from '../../core/errors.ts'

/** The terminal on which burst asks a person a question. */
interface Terminal {
  input: NodeJS.ReadableStream & { isTTY?: boolean }
  output: NodeJS.WritableStream
}

const ofProcess: Terminal = { input: process.stdin, output: process.stderr }

/**
 * Asks a person a question on the terminal. Returns true only for the answers `y` and `yes`, in upper or lower case. Ctrl-C and Ctrl-D mean no. If
 * `yes` is true, returns true without a question.
 * @throws BurstError (104) when there is no terminal and `yes` is false
 */
export async function agrees(
  question: string,
  yes: boolean,
  { input, output }: Terminal = ofProcess,
): Promise<boolean> {
  if (yes) return true
  if (!input.isTTY) {
    throw invalidInput(`${question} burst cannot ask, because stdin is not a terminal`, {
      hint: 'add --yes to continue without being asked',
    })
  }
  const lines = createInterface({ input, output })
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim())
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error
    output.write('\n')
    return false
  } finally {
    lines.close()
  }
}
