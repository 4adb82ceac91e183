import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

test.each(['test/fixtures/api', 'scenarios'])(
  'tsc accepts correct code and rejects wrong code that uses the authoring API: %s',
  async (folder) => {
    // tsc prints its findings on stdout and ends with an error code.
    const tsc = promisify(execFile)(`${root}node_modules/.bin/tsc`, ['--pretty', 'false', '-p', folder], { cwd: root })
    const { stdout } = await tsc.catch((error: { stdout: string }) => error)
    expect(stdout).toBe('')
  },
)
