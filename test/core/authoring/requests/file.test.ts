import { afterEach, expect, test } from 'vitest'
import { file } from '../../../../core/authoring/requests/file.ts'
import { marks, shared } from '../../../../core/authoring/runtime.ts'

afterEach(() => {
  delete shared[marks.files]
})

test('the path of a file determines its name and type, unless the call sets them', () => {
  const bytes = new Uint8Array([1, 2, 3])
  shared[marks.files] = { read: () => '', bytes: () => bytes }
  expect(file('data/photo.JPG')).toMatchObject({ name: 'photo.JPG', type: 'image/jpeg', bytes })
  expect(file('data\\list.csv')).toMatchObject({ name: 'list.csv', type: 'text/csv' })
  expect(file('README')).toMatchObject({ name: 'README', type: 'application/octet-stream' })
  expect(file('a.constructor')).toMatchObject({ type: 'application/octet-stream' })
  expect(file('a.png', { name: 'b.bin', type: 'text/plain' })).toMatchObject({ name: 'b.bin', type: 'text/plain' })
})

test('several paths can be mapped to files', () => {
  shared[marks.files] = { read: () => '', bytes: () => new Uint8Array() }
  expect(['a.png', 'b.csv'].map(file as never)).toMatchObject([{ name: 'a.png' }, { name: 'b.csv', type: 'text/csv' }])
})

test.each([
  ['image/png', `the second argument of file('a.png') is "image/png"`],
  [{ filename: 'b.png' }, "the second argument of file('a.png') has an unknown option 'filename'"],
  [{ type: 7 }, "type in the second argument of file('a.png') is 7"],
  [{ name: 'a\nb' }, `name in the second argument of file('a.png') is "a\\nb"`],
])('file() refuses the options %j', (options, sentence) => {
  shared[marks.files] = { read: () => '', bytes: () => new Uint8Array() }
  expect(() => file('a.png', options as never)).toThrow(sentence)
})

test('a path that is not a string is refused, and so is a call of file() outside a scenario', () => {
  expect(() => file(7 as never)).toThrow('file() was given 7 instead of the path of a file')
  expect(() => file('')).toThrow(`file() was given "" instead of the path of a file`)
  expect(() => file('a.png')).toThrow('a.png cannot be read here')
})
