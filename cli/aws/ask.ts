import { createInterface } from 'node:readline/promises'
import { invalidInput } from '../../core/errors.ts'

/** The terminal on which a person is asked. */
interface Terminal {
  input: NodeJS.ReadableStream & { isTTY?: boolean }
  output: NodeJS.WritableStream
}

const ofProcess: Terminal = { input: process.stdin, output: process.stderr }

/**
 * Asks a person on the terminal; any answer except yes means no, and so do Ctrl-C and Ctrl-D.
 * @throws BurstError (104) when there is no terminal and `yes` was not given
 */
export async function agrees(
  question: string,
  yes: boolean,
  { input, output }: Terminal = ofProcess,
): Promise<boolean> {
  if (yes) return true
  if (!input.isTTY) {
    throw invalidInput(`${question} There is no terminal to ask at`, {
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
