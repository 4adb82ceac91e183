import { describe, expect, test } from 'vitest'
import { isAllowedHost } from '../../../core/hosts/allowed-hosts.ts'

describe('a list of hosts', () => {
  test.for([
    ['shop.example.com', true],
    ['SHOP.example.com', true],
    ['a.b.test.io', true],
    ['test.io', false],
    ['eviltest.io', false],
    ['example.com', false],
    ['shop.example.com.evil.io', false],
  ] as const)('the list of allowed hosts allows %s: %s', ([host, allowed]) => {
    expect(isAllowedHost(['Shop.example.com', '*.test.io'], host)).toBe(allowed)
  })

  test('an empty list of hosts allows no host', () => {
    expect(isAllowedHost([], 'localhost')).toBe(false)
  })
})
