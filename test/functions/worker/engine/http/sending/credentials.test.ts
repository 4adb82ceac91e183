import { expect, test } from 'vitest'
import { takeCredentials, userinfoOf } from '../../../../../../functions/worker/engine/http/sending/credentials.ts'

const basic = (pair: Buffer): string => `Basic ${pair.toString('base64')}`

test.for([
  ['ann:pw%21', Buffer.from('ann:pw!')],
  ['ann%40x:pa%ss%21', Buffer.from('ann@x:pa%ss!')],
  ['ann:100%', Buffer.from('ann:100%')],
  ['ann:%e9%C3%A9', Buffer.from([...Buffer.from('ann:'), 0xe9, 0xc3, 0xa9])],
  ['ann', Buffer.from('ann:')],
] as const)(
  'the credentials %s in a URL are decoded, and a percent sign that does not begin an escape sequence stays unchanged',
  ([userinfo, pair]) => {
    const url = new URL(`http://${userinfo}@shop.example/a`)
    expect(userinfoOf(url.href)).toEqual({ url: 'http://shop.example/a', authorization: basic(pair) })
    expect([takeCredentials(url), url.href]).toEqual([basic(pair), 'http://shop.example/a'])
  },
)
