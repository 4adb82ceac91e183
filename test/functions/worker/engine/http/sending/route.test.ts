import { describe, expect, test } from 'vitest'
import {
  fillTemplate,
  nameOfRoute,
  parseTemplate,
  withQuery,
} from '../../../../../../functions/worker/engine/http/sending/route.ts'

const fill = (route: string, params?: Record<string, string | number>): string =>
  fillTemplate(parseTemplate(route), params)

describe('a route template', () => {
  test.each([
    ['/', undefined, '/'],
    ['/product/:id', { id: 7 }, '/product/7'],
    ['/product/:id', { id: 'a b/c?d' }, '/product/a%20b%2Fc%3Fd'],
    ['/f/:id.json', { id: 1 }, '/f/1.json'],
    ['/a/:x/b/:y_2', { x: 1, y_2: 2 }, '/a/1/b/2'],
    ['/v1/items:batch', undefined, '/v1/items:batch'],
    ['/at?t=12:30', undefined, '/at?t=12:30'],
    ['/q?next=/:no', undefined, '/q?next=/:no'],
    ['http://localhost:8080/x', undefined, 'http://localhost:8080/x'],
    ['https://other.example/y/:id', { id: 3 }, 'https://other.example/y/3'],
    ['/half/:id', { id: 'a\ud800' }, '/half/a%EF%BF%BD'],
  ])('the route %s with the params %o is %s', (route, params, url) => {
    expect(fill(route, params)).toBe(url)
  })

  test('the error of a route template names the parameter that is missing', () => {
    expect(() => fill('/product/:id')).toThrow('the route needs params: { id }')
  })
})

describe('a statistics name', () => {
  test.each([
    ['/product/:id', '/product/:id'],
    ['/search?q=1', '/search'],
    ['/page#part', '/page'],
    ['http://shop.example/cart', '/cart'],
    ['http://shop.example', '/'],
    ['http://shop.example?x=1', '/'],
    ['http://shop.example.evil/x', 'http://shop.example.evil/x'],
    ['https://other.example/y?z=1', 'https://other.example/y'],
  ])('the statistics name of %s is %s', (route, name) => {
    expect(nameOfRoute(route, 'http://shop.example')).toBe(name)
  })
})

test('a query is appended to an existing query, and fragments are never sent', () => {
  expect(withQuery('/a', { q: 'x y', n: 1, b: true })).toBe('/a?q=x%20y&n=1&b=true')
  expect(withQuery('/a?z=1#top', { q: 'ä' })).toBe('/a?z=1&q=%C3%A4')
  expect(withQuery('/a#top', undefined)).toBe('/a')
  expect(withQuery('/a', {})).toBe('/a')
})
