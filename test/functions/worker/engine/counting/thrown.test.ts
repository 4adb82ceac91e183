import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { userStack, wordsIn } from '../../../../../functions/worker/engine/counting/thrown.ts'

test.each([
  ['/tmp/none-burst/beside/picture-7.png', 'picture-7.png'],
  ['/tmp/none-burst/beside/load/data/a b.csv', 'load/data/a b.csv'],
  ['/tmp/none-burst/x.mjs', 'x.mjs'],
])(
  'the error for a file that is missing in the folder of the bundle (%s) says that the file is not copied to the workers',
  (path, name) => {
    expect(wordsIn(thrownBy(path), '/tmp/none-burst')).toBe(
      `Error: ${name} is not copied to the workers: read the file while the scenario is loaded, or write the path as one literal string in the call that reads the file`,
    )
  },
)

test("an error message that names no missing file of the bundle is unchanged, except that the path of the worker's folder is removed", () => {
  expect(wordsIn(thrownBy('/none/x.png'), '/tmp/none-burst')).toBe(
    "Error: ENOENT: no such file or directory, open '/none/x.png'",
  )
  expect(wordsIn(new TypeError('bad: /tmp/none-burst/beside/x.csv'), '/tmp/none-burst')).toBe(
    'TypeError: bad: beside/x.csv',
  )
  const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:8080'), { code: 'ECONNREFUSED' })
  expect(wordsIn(new TypeError('fetch failed', { cause }), '/tmp/none-burst')).toBe(
    'TypeError: fetch failed: connect ECONNREFUSED 127.0.0.1:8080',
  )
  expect(wordsIn('text', '/tmp/none-burst')).toBe('thrown: text')
})

test('a stack has no frames of the bundle itself, and keeps the frames of the scenario, with paths relative to the folder of the bundle', () => {
  const error = new Error('missing')
  error.stack = `Error: missing
    at Object.bytes (file:///tmp/a%20b/burst-bundle.mjs:1:1038)
    at file:///tmp/a%20b/burst-bundle.mjs:7:3
    at async Promise.all (index 0)
    at async read (/tmp/a b/burst-bundle.mjs:21:9)
    at eval (eval at read (/tmp/a b/burst-bundle.mjs:21:9), <anonymous>:1:1)
    at Visitor.home (/tmp/a b/lib/pictures.ts:4:9)
    at async Visitor.home (/tmp/a b/scenario.mjs:7:5)`
  expect(userStack(error, '/tmp/a b/burst-bundle.mjs').split('\n')).toEqual([
    '    at async Promise.all (index 0)',
    '    at Visitor.home (lib/pictures.ts:4:9)',
    '    at async Visitor.home (scenario.mjs:7:5)',
  ])
  error.stack = 'Error: missing\n    at Object.bytes (file:///tmp/burst-bundle.mjs:1:1038)'
  expect(userStack(error, '/tmp/burst-bundle.mjs')).toBe('')
})

function thrownBy(path: string): unknown {
  try {
    return readFileSync(path)
  } catch (error) {
    return error
  }
}
