import { expect, test } from 'vitest'
import { tlsFacts, tlsInWords, unverifiedInWords } from '../../../../core/report/entries/tls-facts.ts'

test('a run without TLS has no facts about TLS', () => {
  expect(tlsFacts({ secured: new Map() })).toEqual({})
  expect(unverifiedInWords({ secured: new Map() })).toEqual([])
})

test('TLS connections are counted by version, the newest version first, and unverified connections cause a warning', () => {
  const secured = new Map([
    ['TLSv1.2', 2],
    ['TLSv1.3', 12],
    ['TLSv1.3 unverified', 1],
  ])
  const { tls } = tlsFacts({ secured })
  expect(tls).toEqual({
    versions: [
      { version: 'TLSv1.3', connections: 13 },
      { version: 'TLSv1.2', connections: 2 },
    ],
    unverified: 1,
  })
  expect(tls && tlsInWords(tls)).toBe('TLSv1.3 on 13 connections, TLSv1.2 on 2 connections, certificates not verified')
  expect(unverifiedInWords({ secured })).toEqual([
    'CERTIFICATES WERE NOT VERIFIED on 1 connection: the responses may come from another server',
  ])
  expect(tlsInWords({ versions: [{ version: 'TLSv1.3', connections: 1 }], unverified: 0 })).toBe(
    'TLSv1.3 on 1 connection',
  )
})
