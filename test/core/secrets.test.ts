import { expect, test } from 'vitest'
import { masker, secretName } from '../../core/secrets.ts'

test.each([
  [{ env: { API_TOKEN: 's3cr3t' } }, 'Bearer s3cr3t, xs3cr3tx', 'Bearer ***, x***x'],
  [
    { vars: { password: 'p&ss w"rd' } },
    '/login?p=p%26ss%20w%22rd {"p":"p&ss w\\"rd"} p&ss w"rd',
    '/login?p=*** {"p":"***"} ***',
  ],
  [{ env: { GREETING: 'hello there' } }, 'hello there, ohello there', '***, ohello there'],
  [{ env: { DATABASE_URL: 'postgres://me:pw@db/x' } }, 'to postgres://me:pw@db/x', 'to ***'],
  [
    { env: { BASE_URL: 'https://shop.example.com', DEBUG: 'true', PORT: '8080', NODE_ENV: 'production' } },
    'https://shop.example.com true 8080 production',
    null,
  ],
  [{ env: { SECRET: 'abc' }, vars: { region: 'europe-west' } }, 'abc europe-west', null],
  [{ env: { A_KEY: 'longer', B_KEY: 'longer-still' } }, 'longer-still longer', '*** ***'],
  [{ env: { PEM: '-----BEGIN-----\nMIIEvQIBADANBgkqhkiG\n-----END-----' } }, 'line MIIEvQIBADANBgkqhkiG', 'line ***'],
  [
    { hostUserinfo: 'ann:pw%21d' },
    `https://ann:pw%21d@h pw!d ${Buffer.from('ann:pw!d').toString('base64')} ann`,
    'https://***@h *** *** ann',
  ],
  [
    { hostUserinfo: 'ann%40x:pa%ss%21' },
    `pa%ss! ${Buffer.from('ann@x:pa%ss!').toString('base64')} pa%ss%21`,
    '*** *** ***',
  ],
  [{ hostUserinfo: 'ann:pw' }, 'https://ann:pw@h pw', 'https://***@h pw'],
  [{}, 'to http://ann:s3cret@h/x and ftp://bob@h', 'to http://***@h/x and ftp://***@h'],
  [
    { vars: { origin: 'http://ann:s3cret@h' } },
    `http://ann:s3cret@h s3cret ${Buffer.from('ann:s3cret').toString('base64')}`,
    'http://***@h *** ***',
  ],
  [{ env: { BASE_URL: 'mongodb+srv://ann:s3cret@h' } }, 'with s3cret', 'with ***'],
  [{ hostUserinfo: 'key-123' }, `key-123 ${Buffer.from('key-123:').toString('base64')}`, '*** ***'],
  [{ env: { TOKEN: 'a.c*d(' } }, 'a.c*d( abcxd(', '*** abcxd('],
])('with %j, the string %s is shown as %s', (variables, text, shown) => {
  expect(masker({ vars: {}, ...variables })(text)).toBe(shown ?? text)
})

test.each([
  ['PASSWORD', true],
  ['db_pass', true],
  ['passphrase', true],
  ['Authorization', true],
  ['x-auth', true],
  ['oauth_token', true],
  ['passed', false],
  ['passenger', false],
  ['passing', false],
  ['author', false],
  ['authors', false],
])('a value with the name %s counts as a secret: %s', (name, isSecret) => {
  expect(secretName.test(name)).toBe(isSecret)
})
