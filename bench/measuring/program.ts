import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { generatorCore, onCore } from './machine.ts'

/** Runs a benchmark program on the generator's core. Passes the options to the program as JSON, and returns the JSON that the program prints. */
export async function runProgram<T>(program: string, options: object): Promise<T> {
  const file = join(import.meta.dirname, '..', program)
  const command = [process.execPath, '--conditions=burst-source', file, JSON.stringify(options)]
  const [name, ...rest] = await onCore(generatorCore, command)
  const { stdout } = await promisify(execFile)(name, rest, { timeout: 180_000 })
  return JSON.parse(stdout) as T
}
