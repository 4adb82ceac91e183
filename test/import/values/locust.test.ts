import { expect, test } from 'vitest'
import { refusal, snippetFunction } from '../import-text.ts'

/** Imports a locustfile whose only task has these statements. */
function imported(name: string, ...lines: readonly string[]): Promise<string> {
  const head = 'import random\nimport re\nfrom locust import HttpUser, task\n\n'
  const body = ['body = self.client.get("/body").json()', ...lines].map((line) => `        ${line}\n`).join('')
  return refusal(`${name}.py`, `${head}class Visitor(HttpUser):\n    @task\n    def visit(self):\n${body}`)
}

/** Imports a locustfile that sends this value. */
function sent(name: string, value: string, ...lines: readonly string[]): Promise<string> {
  return imported(name, ...lines, `self.client.get("/sent", params={"value": ${value}})`)
}

test('sort() of a locustfile compares numbers as numbers', async () => {
  expect(await sent('numbers', 'items[0]', 'items = [10, 9, 1]', 'items.sort()')).toContain('.sort((a, b) => a - b)')
  expect(await sent('texts', 'items[0]', 'items = ["b", "a"]', 'items.sort()')).toContain('.sort()')
  expect(await sent('unknown', 'items[0]', 'items = body["items"]', 'items.sort()')).toContain('sortInPlace(items)')
  const sortInPlace = await snippetFunction('sortInPlace')
  const sorted = (items: unknown[]): unknown[] => {
    sortInPlace(items)
    return items
  }
  expect(sorted([10, 9, -1, 100])).toEqual([-1, 9, 10, 100])
  expect(sorted(['b', 'B', 'a'])).toEqual(['B', 'a', 'b'])
  expect(sorted([[2, 'a'], [10, 'b'], [2], [2, 'A']])).toEqual([[2], [2, 'A'], [2, 'a'], [10, 'b']])
})

test('the replacement of re.sub refers to the same groups in JavaScript as in Python', async () => {
  const code = await sent('groups', String.raw`re.sub(r"(\w+)-(?P<n>\d)", r"\2_\g<n>$\g<1>0", body["id"])`)
  expect(code).toContain(String.raw`.replaceAll(/(\w+)-(?<n>\d)/g, '$02_$<n>$$$010')`)
  expect('a-1'.replaceAll(/(\w+)-(?<n>\d)/g, '$02_$<n>$$$010')).toBe('1_1$a0')
  expect(await sent('missing', String.raw`re.sub("(a)", r"\2", body["id"])`)).toContain('// TODO missing.py:')
})

test('re.sub inserts a computed replacement unchanged, and replaces at most one match if the count is 1', async () => {
  expect(await sent('computed', 're.sub("a", body["by"], body["id"])')).toContain('.replaceAll(/a/g, () => body.by)')
  expect(await sent('once', 're.sub("a", "b", body["id"], count=1)')).toContain(".replace(/a/, 'b')")
  expect(await sent('twice', 're.sub("a", "b", body["id"], 2)')).toContain('// TODO twice.py:')
  expect(await sent('flags', 're.sub("a", "b", body["id"], flags=re.I)')).toContain(".replaceAll(/a/gi, 'b')")
})

test('re.match and re.fullmatch of a locustfile anchor each alternative of a pattern', async () => {
  const matched = (name: string, call: string): Promise<string> => sent(name, `bool(${call})`)
  expect(await matched('match', 're.match("a|b", body["id"])')).toContain('/^(?:a|b)/.exec(')
  expect(await matched('grouped', 're.match("(a|b)[|]", body["id"])')).toContain('/^(a|b)[|]/.exec(')
  expect(await matched('begun', 're.match("^a|b", body["id"])')).toContain('/^(?:^a|b)/.exec(')
  expect(await matched('inline', 're.fullmatch("(?i)a|b", body["id"])')).toContain('/^(?:a|b)$/i.exec(')
  expect(await matched('lines', 're.match("a", body["id"], re.M)')).toContain('// TODO lines.py:')
  expect(await matched('spaces', 're.search("a # letter", body["id"], re.VERBOSE)')).toContain('// TODO spaces.py:')
})

test('if a pattern has only one group, re.findall of a locustfile returns it, even if it has a name', async () => {
  expect(await sent('found', 're.findall("id=(?P<id>[0-9]+)", body["text"])[0]')).toContain('found[1]!')
})

test('formats of a locustfile keep upper case, alignment, separators and precision', async () => {
  const constants = ['amount = 255', 'word = "ab"']
  const formatted = (name: string, value: string): Promise<string> => sent(name, value, ...constants)
  expect(await formatted('upper', 'f"{amount:X}"')).toContain('amount.toString(16).toUpperCase()')
  expect(await formatted('text', '"{w:10}|".format(w=word)')).toContain('word.padEnd(10)')
  expect(await formatted('right', '"{:10}|".format(amount)')).toContain('String(amount).padStart(10)')
  expect(await formatted('percent', '"%10s|" % word')).toContain('word.padStart(10)')
  expect(await formatted('money', 'f"{amount:,.2f}"')).toContain('amount.toFixed(2).replaceAll(')
  expect(await formatted('short', 'f"{word:.1}"')).toContain('word.slice(0, 1)')
})

test('a format of a locustfile becomes a TODO if its result depends on an unknown type, or if burst cannot translate one of its fields', async () => {
  const values = [
    'f"{body[0]:10}"',
    'f"{body[0]!r}"',
    'f"{body=}"',
    '"{0[id]}".format(body)',
    '"%(id)s" % body',
    '"%5c" % body',
  ]
  for (const [index, value] of values.entries())
    expect(await sent(`field${index}`, value)).toContain(`// TODO field${index}.py:`)
})

test('int() and float() of a locustfile accept the same texts as in Python', async () => {
  expect(await sent('whole', 'int(body["n"])')).toContain('wholeNumber(body.n)')
  expect(await sent('hex', 'int(body["n"], base=16)')).toContain('wholeNumber(body.n, 16)')
  expect(await sent('decimal', 'float(body["n"])')).toContain('decimalNumber(body.n)')
  expect(await sent('mapped', 'list(map(int, body["list"]))')).toContain('wholeNumber(one)')
  const [whole, decimal] = await Promise.all(['wholeNumber', 'decimalNumber'].map(snippetFunction))
  expect([' 5 ', '-7', '1_000', '007', 5.9, -5.9, true].map((one) => whole?.(one))).toEqual([5, -7, 1000, 7, 5, -5, 1])
  expect([whole?.('ff', 16), whole?.('-0xFF', 16), whole?.('101', 2)]).toEqual([255, -255, 5])
  for (const text of ['0x10', '5.0', '5abc', '', '1__0', null, '12345678901234567890'])
    expect(() => whole?.(text)).toThrow('is not a whole number')
  expect(() => whole?.('12', 2)).toThrow('is not a whole number')
  expect([' 5.5 ', '.5', '1e3', 2].map((one) => decimal?.(one))).toEqual([5.5, 0.5, 1000, 2])
  for (const text of ['', '0x10', '5abc', null]) expect(() => decimal?.(text)).toThrow('is not a decimal number')
})

test('a chain of comparisons becomes pairwise comparisons, or a TODO if its middle value must not be evaluated twice; parentheses are kept', async () => {
  const compared = (name: string, test: string): Promise<string> =>
    imported(name, `if ${test}:`, '    self.client.get("/yes")')
  expect(await compared('chain', 'body["a"] == body["b"] == body["c"]')).toContain(
    'body.a === body.b && body.b === body.c',
  )
  expect(await compared('parentheses', '(body["a"] == body["b"]) == body["c"]')).toContain(
    '(body.a === body.b) === body.c',
  )
  expect(await compared('length', '0 < len(body["list"]) < 5')).not.toContain('TODO')
  expect(await compared('random', '0.1 < random.random() < 0.5')).toContain(
    'would evaluate the value in the middle twice',
  )
})
