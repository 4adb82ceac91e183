import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { agrees } from '../../../cli/aws/ask.ts'

/** Returns a terminal that types these keys when the question appears. */
function typing(keys: string): Parameters<typeof agrees>[2] {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input })
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 })
  output.on('data', (shown: Buffer) => {
    if (shown.toString().includes('[y/N]')) input.write(keys)
  })
  return { input, output }
}

test.for([
  ['y\r', true],
  ['Yes\r', true],
  ['n\r', false],
  ['\r', false],
  ['of course\r', false],
  ['\u0003', false],
  ['\u0004', false],
] as const)('the answer %j to a question is read as %s', async ([keys, answer]) => {
  expect(await agrees('Deploy the stack?', false, typing(keys))).toBe(answer)
})

test('if there is no terminal and no --yes, burst exits with code 104 instead of asking a question', async () => {
  const nobody = { input: new PassThrough(), output: new PassThrough() }
  await expect(agrees('Deploy the stack?', false, nobody)).rejects.toMatchObject({
    exitCode: 104,
    message: 'Deploy the stack? burst cannot ask, because stdin is not a terminal',
    hint: 'add --yes to continue without being asked',
  })
  expect(await agrees('Deploy the stack?', true, nobody)).toBe(true)
})
