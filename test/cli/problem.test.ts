import { expect, test } from 'vitest'
import { renderProblem } from '../../cli/problem.ts'
import { plainStyle } from '../../cli/terminal/style.ts'

const sdk = new Error(`socket hang up\n${'    at deserializer (file.js:1)\n'.repeat(199)}`)

test('an unexpected error is printed as one short line with a hint; with --debug, the full error is printed', () => {
  const lines = renderProblem(sdk, plainStyle, false).split('\n')
  expect(lines).toEqual([
    'burst: this is a bug in burst: socket hang up',
    '  run the command again with --debug to see the stack trace',
  ])
  const [long] = renderProblem(new Error('x'.repeat(5000)), plainStyle, false).split('\n')
  expect(long?.length).toBeLessThan(300)
  expect(renderProblem(sdk, plainStyle, true).split('\n').length).toBeGreaterThan(199)
})
