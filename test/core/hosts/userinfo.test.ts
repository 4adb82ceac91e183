import { expect, test } from 'vitest'
import { splitUserinfo, withoutUserinfo } from '../../../core/hosts/userinfo.ts'

test('the user name and the password are separated from the URL of a host', () => {
  expect(splitUserinfo('https://ann:p@ss@shop.example:8443/api')).toEqual({
    host: 'https://shop.example:8443/api',
    userinfo: 'ann:p@ss',
  })
  expect(splitUserinfo('http://shop.example/a@b')).toEqual({ host: 'http://shop.example/a@b', userinfo: undefined })
  expect(splitUserinfo('http://@shop.example')).toEqual({ host: 'http://shop.example', userinfo: undefined })
})

test('user names and passwords are removed from the URLs in a string, and the rest of the string is unchanged', () => {
  expect(withoutUserinfo('at http://a:b@h/x?m=me@h and HTTPS://c:d@i, ann@shop.example')).toBe(
    'at http://h/x?m=me@h and HTTPS://i, ann@shop.example',
  )
  const json = '{"site":"http://shop.example","mail":"ann@shop.example"}'
  expect(withoutUserinfo(json)).toBe(json)
})
