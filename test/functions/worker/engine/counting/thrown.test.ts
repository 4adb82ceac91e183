import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { wordsIn } from '../../../../../functions/worker/engine/counting/thrown.ts'

test.each([
  ['/tmp/none-burst/beside/picture-7.png', 'picture-7.png'],
  ['/tmp/none-burst/beside/load/data/a b.csv', 'load/data/a b.csv'],
  ['/tmp/none-burst/x.mjs', 'x.mjs'],
])(
  "an error about a file that is missing from the bundle's folder, %s, says that the file is not copied to the workers",
  (path, name) => {
    expect(wordsIn(thrownBy(path), '/tmp/none-burst')).toBe(
      `Error: ${name} is not copied to the workers: read it when the scenario file is loaded, or write its whole path where the code reads it`,
    )
  },
)

test("other messages keep their text, except that the path of the worker's folder is removed", () => {
  expect(wordsIn(thrownBy('/none/x.png'), '/tmp/none-burst')).toBe(
    "Error: ENOENT: no such file or directory, open '/none/x.png'",
  )
  expect(wordsIn(new TypeError('bad: /tmp/none-burst/beside/x.csv'), '/tmp/none-burst')).toBe(
    'TypeError: bad: beside/x.csv',
  )
  expect(wordsIn('text', '/tmp/none-burst')).toBe('thrown: text')
})

function thrownBy(path: string): unknown {
  try {
    return readFileSync(path)
  } catch (error) {
    return error
  }
}
