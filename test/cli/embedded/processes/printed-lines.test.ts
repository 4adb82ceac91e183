import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { PrintAllowance, PrintedLines } from '../../../../cli/embedded/processes/printed-lines.ts'

/**
 * Returns the lines that are printed for these chunks of output. The default clock always returns 0, so all chunks count towards the limit of the
 * same second.
 */
async function shown(chunks: readonly (string | Buffer)[], nowMs: () => number = () => 0): Promise<string[]> {
  const printed: string[] = []
  const allowance = new PrintAllowance((line) => printed.push(line), nowMs)
  const stream = new PassThrough()
  const lines = new PrintedLines(stream, allowance)
  for (const chunk of chunks) stream.write(chunk)
  stream.end()
  await lines.end()
  allowance.end()
  return printed
}

test('each line is shown in one piece, even if it arrives in several pieces or has no line end', async () => {
  expect(await shown(['one\ntw', 'o\r\n', '\nthr', 'ee'])).toEqual(['one', 'two', '', 'three'])
  const text = Buffer.from('grüße 🙂\nä')
  expect(await shown([...text].map((byte) => Buffer.from([byte])))).toEqual(['grüße 🙂', 'ä'])
})

test('a line that is too long is cut, and the next line is complete', async () => {
  const [first, second, third] = await shown(['x'.repeat(3000), 'y'.repeat(100_000), 'z\nnext\n'])
  expect(first).toHaveLength(4097)
  expect(first).toMatch(/^x{3000}y{1096}…$/)
  expect(second).toBe('next')
  expect(third).toMatch(/^\(9\d KB more were printed and are not shown/)
})

test('if a long line is cut, the printed size of the missing part is exact, even if its characters have several bytes', async () => {
  const printed = await shown(['é'.repeat(4000), 'é'.repeat(4000), `${'é'.repeat(96)}\n`])
  // 4,000 of the 8,096 characters are not shown. Each character has 2 bytes.
  expect(printed).toEqual([`${'é'.repeat(4096)}…`, expect.stringMatching(/^\(8 KB more were printed/)])
})

test('output beyond the limit per second is not shown, and a line says how much output is missing', async () => {
  const flood = Buffer.from('line\n'.repeat(13_000))
  const printed = await shown([...Array.from({ length: 50 }, () => flood), 'in the mid'])
  expect(printed).toHaveLength(1001)
  expect(printed.at(-1)).toMatch(/^\(3,169 KB more were printed and are not shown/)
  // This clock advances by 1 s after 1,000 lines. All further lines therefore count towards the limit of the next second.
  let reads = 0
  const later = await shown([flood, 'in ', 'time\nwhole\n'], () => (reads++ > 1000 ? 1000 : 0))
  expect(later.filter((line) => line !== 'line')).toEqual([
    expect.stringMatching(/^\(\d+ KB more were printed/),
    'in time',
    'whole',
  ])
})

test('the last line of an ended process is printed even if a child of the process keeps the output open', async () => {
  const printed: string[] = []
  const stream = new PassThrough()
  const lines = new PrintedLines(stream, new PrintAllowance((line) => printed.push(line)))
  stream.write('last words')
  await lines.end()
  expect(printed).toEqual(['last words'])
  expect(stream.destroyed).toBe(true)
})
