import { expect, test } from 'vitest'
import { remoteWriteHeaders, remoteWriteUrl } from '../../../../../cli/run/metrics/remote-write/settings.ts'

test('a URL without a path gets the path of Prometheus, and the error for an invalid URL shows no secret', () => {
  expect(remoteWriteUrl('http://localhost:9090').href).toBe('http://localhost:9090/api/v1/write')
  expect(remoteWriteUrl('https://mimir.example/api/v1/push?a=b').href).toBe('https://mimir.example/api/v1/push?a=b')
  for (const wrong of ['', 'localhost:9090', '9090', 'ftp://x', 'http://user:s3cret@x/'])
    expect(() => remoteWriteUrl(wrong)).toThrow(/^--prometheus-remote-write is not the URL of a receiver$/)
})

test('credentials and other headers come from the environment', () => {
  expect(remoteWriteHeaders({})).toEqual({})
  expect(
    remoteWriteHeaders({
      BURST_PROMETHEUS_RW_USERNAME: 'jo',
      BURST_PROMETHEUS_RW_PASSWORD: 'pä:ss',
      BURST_PROMETHEUS_RW_HEADERS: 'X-Scope-OrgID=a%20b',
    }),
  ).toEqual({ authorization: `Basic ${Buffer.from('jo:pä:ss').toString('base64')}`, 'x-scope-orgid': 'a b' })
  expect(remoteWriteHeaders({ BURST_PROMETHEUS_RW_BEARER_TOKEN: ' abc\n' })).toEqual({ authorization: 'Bearer abc' })
})

test.each([
  [{ BEARER_TOKEN: 's3cret s3cret' }, 'BURST_PROMETHEUS_RW_BEARER_TOKEN is not a token'],
  [{ PASSWORD: 's3cret' }, 'BURST_PROMETHEUS_RW_PASSWORD is set, but BURST_PROMETHEUS_RW_USERNAME is not'],
  [{ USERNAME: 's3cret:x' }, 'BURST_PROMETHEUS_RW_USERNAME contains a colon'],
  [{ HEADERS: 's3cret' }, 'BURST_PROMETHEUS_RW_HEADERS cannot be read'],
  [{ HEADERS: 'a=s3cret%0ab' }, 'BURST_PROMETHEUS_RW_HEADERS cannot be read'],
  [{ HEADERS: 'Content-Length=3' }, 'BURST_PROMETHEUS_RW_HEADERS sets the header content-length'],
  [
    { USERNAME: 's3cret', BEARER_TOKEN: 's3cret' },
    'BURST_PROMETHEUS_RW_USERNAME and BURST_PROMETHEUS_RW_BEARER_TOKEN both set the header authorization',
  ],
  [
    { HEADERS: 'authorization=s3cret', BEARER_TOKEN: 's3cret' },
    'BURST_PROMETHEUS_RW_HEADERS and BURST_PROMETHEUS_RW_BEARER_TOKEN both set the header authorization',
  ],
])('the error for the invalid environment variables %j does not contain their values', (given, message) => {
  const env = Object.fromEntries(Object.entries(given).map(([name, value]) => [`BURST_PROMETHEUS_RW_${name}`, value]))
  expect(() => remoteWriteHeaders(env)).toThrow(expect.objectContaining({ message, exitCode: 104 }))
})
