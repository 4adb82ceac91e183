import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const code = `import { guardOutput } from './functions/user-output.ts'
const secret = 'tok-3n-0f-the-sh0p'
const output = guardOutput({ prefix: '> ', masked: (text) => text.replaceAll(secret, '***'), open: true })
console.log('x'.repeat(1995) + secret + 'y'.repeat(100))
process.stdout.write('z'.repeat(1990) + secret.slice(0, 4))
process.stdout.write(secret.slice(4) + 'z'.repeat(100_000))
output.flush()
`

test('a long line is shortened after its secrets are masked, and the number of omitted characters is shown', async () => {
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, ['--input-type=module-typescript', '-e', code])
  expect(stdout.split('\n')).toEqual([
    `> ${'x'.repeat(1995)}***yy… (98 more characters)`,
    `> ${'z'.repeat(1990)}***${'z'.repeat(7)}… (99993 more characters)`,
    '',
  ])
})

test('printing hundreds of megabytes without a line break takes little memory', async () => {
  const endless = `import { guardOutput } from './functions/user-output.ts'
const output = guardOutput({ prefix: '', masked: (text) => text, open: true })
for (let k = 0; k < 300; k++) process.stdout.write(Buffer.alloc(1_048_576, 120))
output.flush()
`
  const flags = ['--max-old-space-size=64', '--input-type=module-typescript', '-e', endless]
  const { stdout } = await promisify(execFile)(process.execPath, flags)
  expect(stdout).toBe(`${'x'.repeat(2000)}… (${300 * 1_048_576 - 2000} more characters)\n`)
})
