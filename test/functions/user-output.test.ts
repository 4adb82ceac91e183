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

test('if user code prints a string in an encoding other than UTF-8, burst shows the decoded text without secrets', async () => {
  const encoded = `import { guardOutput } from './functions/user-output.ts'
guardOutput({ prefix: '> ', masked: (text) => text.replaceAll('tok-3n', '***'), open: true })
process.stdout.write('68690a', 'hex')
process.stdout.write('w6kK', 'base64')
process.stdout.write(Buffer.from('é tok-3n\\n').toString('latin1'), 'latin1')
process.stdout.write('é\\n', 'utf8')
process.stdout.write('é\\n', () => process.stdout.write('written\\n', 'UTF-8'))
`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module-typescript', '-e', encoded])
  expect(stdout.split('\n')).toEqual(['> hi', '> é', '> é ***', '> é', '> é', '> written', ''])
})
