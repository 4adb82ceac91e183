import { expect, test } from 'vitest'
import '../../../../../../cli/bundle/compile/html-parser.ts'
import { marks, shared } from '../../../../../../core/authoring/runtime.ts'
import { multipartBody } from '../../../../../../functions/worker/engine/http/bodies/multipart.ts'
import { PageForm } from '../../../../../../functions/worker/engine/http/html/form.ts'
import type { Node } from '../../../../../../functions/worker/engine/http/html/node.ts'
import { UserHeaders } from '../../../../../../functions/worker/engine/http/sending/headers.ts'
import { bodyOf } from '../../../../../../functions/worker/engine/http/sending/request-body.ts'
import { withQuery } from '../../../../../../functions/worker/engine/http/sending/route.ts'

const invalid = new Date(Number.NaN) as never

/** Fills in the field `at` of a form. */
function submit(at: never): void {
  const root = shared[marks.html]?.('<form method=post><input name=at></form>') as Node
  const requests = { send: () => expect.unreachable('a request was sent'), mayGo: () => true }
  const page = { root, url: 'http://shop.example/', base: 'http://shop.example/', requests }
  void new PageForm(root.querySelector('form') as Node, page).submit({ at })
}

test.for<[string, () => unknown, string]>([
  ['a query', () => withQuery('/', { at: invalid }), "query: 'at' is an invalid date: give a string, a number"],
  ['a list in a query', () => withQuery('/', { at: ['1', invalid] }), "query: 'at' is an invalid date"],
  ['a form', () => bodyOf({ form: { at: invalid } }), "form: 'at' is an invalid date: give a string, a number"],
  [
    'a multipart body',
    () => multipartBody({ at: invalid }, undefined),
    "multipart: 'at' is an invalid date: give a string",
  ],
  [
    'a list in a multipart body',
    () => multipartBody({ at: ['1', invalid] }, 'comma'),
    "multipart: 'at' is an invalid date: give a string",
  ],
  ['the headers', () => new UserHeaders().set('at', invalid), "header 'at' is an invalid date: give a string or"],
  ['a form of a page', () => submit(invalid), 'the field "at" is an invalid date: give a string or a number'],
])('an invalid date in %s is refused, and the message names the field', ([, call, message]) => {
  expect(call).toThrow(message)
})

test('half of a surrogate pair in a query or in a form is sent as U+FFFD', () => {
  expect(withQuery('/', { '\udc00': 'a\ud800' })).toBe('/?%EF%BF%BD=a%EF%BF%BD')
  expect(bodyOf({ form: { a: '\ud800' } })?.content).toBe('a=%EF%BF%BD')
})
