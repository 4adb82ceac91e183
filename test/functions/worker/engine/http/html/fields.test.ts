import { expect, test } from 'vitest'
import '../../../../../../cli/bundle/compile/html-parser.ts'
import { marks, shared } from '../../../../../../core/authoring/runtime.ts'
import { PageForm } from '../../../../../../functions/worker/engine/http/html/form.ts'
import type { Node } from '../../../../../../functions/worker/engine/http/html/node.ts'

/** Returns the forms of a page. The test fails if a form sends a request. */
function formsOf(html: string): PageForm[] {
  const root = shared[marks.html]?.(html) as Node
  const requests = { send: () => expect.unreachable('a request was sent'), mayGo: () => true }
  const page = { root, url: 'http://shop.example/', base: 'http://shop.example/', requests }
  return root.querySelectorAll('form').map((form) => new PageForm(form, page))
}

/** Returns the fields of each form, as `name=value`. */
function fieldsIn(html: string): string[] {
  return formsOf(html).map(({ fields }) => fields.map(([name, value]) => `${name}=${value}`).join(' '))
}

test.for([
  [
    'a form that begins in a table',
    '<table><form action="/login"><tr><td><input name="csrf" type="hidden" value="1"><input name="user"></td></tr></form></table><input name="out">',
    ['csrf=1 user='],
  ],
  [
    'a form that begins in a table row, followed by another form in the next row',
    '<table><tr><form><td><input name="a"></td></form></tr><tr><form><td><select name="b"><option>x</select><textarea name="c">y</textarea><button name="go" value="1">Go</button></td></form></tr></table>',
    ['a=', 'b=x c=y go=1'],
  ],
  [
    'a form whose tags overlap those of another element',
    '<div><form><input name="a"></div><input name="b"></form><input name="c">',
    ['a= b='],
  ],
  ['a form without an end tag', '<table><tbody><form><tr><td><input name="a"></table><input name="b">', ['a= b=']],
  ['a form inside a form', '<form><input name="a"><form><input name="b"></form><input name="c"></form>', ['a= b=']],
  [
    'a form whose control names another form',
    '<table><form id="f"><tr><td><input name="a" form="g"></table></form><form id="g"></form>',
    ['', 'a='],
  ],
] as const)('%s has the fields that a browser would send', ([, html, fields]) => {
  expect(fieldsIn(html)).toEqual(fields)
})

test.for([
  [
    'the last checked radio button of a name',
    '<input type=radio name=a value=1 checked><input type=radio name=a value=2 checked><input type=radio name=b>',
    'a=2',
  ],
  [
    'no radio button if the checked button of its group is disabled',
    '<input type=radio name=a value=1 checked><input type=radio name=a value=2 checked disabled>',
    '',
  ],
  [
    'the first enabled option of a drop-down list',
    '<select name=a><option disabled>0<option>1<option>2</select>',
    'a=1',
  ],
  [
    'no option of a list that shows several options',
    '<select name=a size=4><option>1<option>2</select><select name=b multiple><option>1</select>',
    '',
  ],
  [
    'the selected options',
    '<select name=a size=3><option>1<option selected>2</select><select name=b><option selected>1<option selected>2</select>',
    'a=2 b=2',
  ],
  [
    'no option if the selected one is disabled',
    '<select name=a><option disabled selected>choose<option>1</select>',
    '',
  ],
  [
    'the controls in the first legend of a disabled fieldset, but not those in another legend or in a legend of an inner fieldset',
    '<fieldset disabled><div><legend><input name=a></legend></div><legend><input name=b><span><input name=c></span></legend><legend><input name=d></legend><fieldset><legend><input name=e></legend></fieldset><input name=f></fieldset>',
    'b= c=',
  ],
  [
    'no control in a disabled fieldset inside the legend of another disabled fieldset',
    '<fieldset disabled><legend><input name=a><fieldset disabled><input name=b></fieldset></legend></fieldset>',
    'a=',
  ],
] as const)('a form sends %s', ([, controls, fields]) => {
  expect(fieldsIn(`<form>${controls}</form>`)).toEqual([fields])
})

test('a group of radio buttons accepts the value of one of its buttons, and refuses true and false', () => {
  const [form] = formsOf('<form><input type=radio name=plan value=s><input type=radio name=plan value=m></form>')
  for (const value of [true, false]) {
    expect(() => form?.submit({ plan: value })).toThrow(
      `the field "plan" is ${value}, but the field is a group of radio buttons: give the value of one button`,
    )
  }
})
