import { expect, test } from 'vitest'
import { BodyError } from '../../../../../../functions/worker/engine/http/bodies/stream-source.ts'
import { failureOf } from '../../../../../../functions/worker/engine/http/failure.ts'

test.each<[string, unknown, string]>([
  ['an error', new Error('no more'), 'the body failed: no more'],
  ['undefined', undefined, 'the body failed: undefined'],
  [
    'an object without a prototype',
    Object.create(null),
    'the body failed: it threw a value that cannot be shown as text',
  ],
])(
  'if the body of a request throws %s, the failure has the kind expect and is not a failure of the generator',
  (_, thrown, message) => {
    expect(failureOf(new BodyError(thrown), { status: 0, firstByteMs: 0 })).toEqual({ kind: 'expect', message })
  },
)
