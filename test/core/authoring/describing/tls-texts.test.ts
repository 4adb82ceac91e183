import { expect, test } from 'vitest'
import { checkedTls, isPem, tlsTexts } from '../../../../core/authoring/describing/tls-texts.ts'

const what = "'tls' of scenario()"
const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'

test('valid TLS options are unchanged, and an option that is undefined counts as absent', () => {
  expect(checkedTls({}, what)).toEqual({})
  expect(checkedTls({ ca: undefined, insecure: false }, what)).toEqual({ insecure: false })
  const all = { ca: ['a.pem', pem], cert: 'c.pem', key: 'c.key', servername: 'shop.example.com', minVersion: 'TLSv1.3' }
  expect(checkedTls(all, what)).toEqual(all)
})

test.each([
  [{ ca: '' }, `'ca' in 'tls' of scenario() is ""`],
  [{ ca: [] }, "'ca' in 'tls' of scenario() is"],
  [{ ca: ['a.pem', 7] }, "'ca' in 'tls' of scenario() is"],
  [{ cert: 7, key: 'c.key' }, "'cert' in 'tls' of scenario() is 7"],
  [{ insecure: 'yes' }, `'insecure' in 'tls' of scenario() is "yes"`],
  [{ servername: '10.0.0.1' }, `'servername' in 'tls' of scenario() is "10.0.0.1"`],
  [{ servername: 'a b' }, `'servername' in 'tls' of scenario() is "a b"`],
  [{ servername: 7 }, "'servername' in 'tls' of scenario() is 7"],
  [{ minVersion: 'TLSv1' }, `'minVersion' in 'tls' of scenario() is "TLSv1"`],
  [{ cert: 'c.pem' }, "'tls' of scenario() has 'cert' without 'key'"],
  [{ key: 'c.key' }, "'tls' of scenario() has 'key' without 'cert'"],
  [{ cacert: 'a.pem' }, 'cacert'],
])('%j is refused, and the message names the mistake', (given, message) => {
  expect(() => checkedTls(given, what)).toThrow(
    expect.objectContaining({ exitCode: 104, message: expect.stringContaining(message) as string }) as Error,
  )
})

test('a path is replaced with the content of its file, and PEM content is unchanged', () => {
  const read = (path: string): string => `text of ${path}`
  expect(isPem(pem)).toBe(true)
  expect(tlsTexts({ ca: 'a.pem', insecure: true }, read)).toEqual({ ca: ['text of a.pem'], insecure: true })
  expect(tlsTexts({ ca: ['a.pem', pem], cert: 'c.pem', key: 'c.key' }, read)).toEqual({
    ca: ['text of a.pem', pem],
    cert: 'text of c.pem',
    key: 'text of c.key',
  })
  expect(() => tlsTexts({ ca: 'a.pem' })).toThrow("'a.pem' in tls was not copied with the scenario")
})
