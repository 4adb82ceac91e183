import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

test.each(['test/fixtures/api', 'scenarios'])(
  'tsc accepts correct uses of the authoring API and rejects wrong uses: %s',
  async (folder) => {
    // execFile rejects if tsc finds errors. tsc then prints the errors to stdout and exits with an error code.
    const tsc = promisify(execFile)(`${root}node_modules/.bin/tsc`, ['--pretty', 'false', '-p', folder], { cwd: root })
    const { stdout } = await tsc.catch((error: { stdout: string }) => error)
    expect(stdout).toBe('')
  },
)
