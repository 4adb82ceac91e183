import { createInterface } from 'node:readline/promises'
import { invalidInput } from '../../core/errors.ts'

/**
 * Asks a person on the terminal; anything but yes is no.
 * @throws BurstError (104) when nobody is there to answer and `yes` was not given
 */
export async function agrees(question: string, yes: boolean): Promise<boolean> {
  if (yes) return true
  if (!process.stdin.isTTY) {
    throw invalidInput(`${question} Nobody is here to say yes`, { hint: 'add --yes to go on without being asked' })
  }
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim())
  } finally {
    lines.close()
  }
}
