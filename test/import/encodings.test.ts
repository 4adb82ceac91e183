import { execFileSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { importFile } from '../../import/import.ts'
import { folder, refusal } from './import-text.ts'

const locustfile =
  'from locust import HttpUser, task\n\nclass Visitor(HttpUser):\n    @task\n    def home(self):\n        self.client.get("/é")\n'
const plan = `<jmeterTestPlan><hashTree><TestPlan/><hashTree><ThreadGroup testname="Straße"/><hashTree><HTTPSamplerProxy>
  <stringProp name="HTTPSampler.path">/é</stringProp></HTTPSamplerProxy></hashTree></hashTree></hashTree></jmeterTestPlan>`
const recording = JSON.stringify({
  log: { entries: [{ request: { method: 'GET', url: 'https://a.example/é' }, response: { status: 200 } }] },
})

test('a file is read in the encoding that it declares', async () => {
  const expected = "await this.http.get('/é')"
  const utf16 = Buffer.from(`\uFEFF${locustfile}`, 'utf16le')
  expect(await refusal('a.py', utf16)).toContain(expected)
  expect(await refusal('b.py', utf16.swap16())).toContain(expected)
  expect(await refusal('c.py', Buffer.from(`# -*- coding: latin-1 -*-\n${locustfile}`, 'latin1'))).toContain(expected)
  expect(await refusal('d.py', Buffer.from(`\uFEFF${locustfile}`))).toContain(expected)
  // The byte order mark of UTF-8 takes precedence over the encoding that the file declares.
  const marked = Buffer.from(`\uFEFF#!/usr/bin/python3\n# coding: latin-1\n${locustfile}`)
  expect(await refusal('j.py', marked)).toContain(expected)
  const latin1 = Buffer.from(`<?xml version="1.0" encoding="ISO-8859-1"?>${plan}`, 'latin1')
  expect(await refusal('e.jmx', latin1)).toContain(expected)
})

test('a file that is not text is refused with a one-sentence error message', async () => {
  const where = (name: string): string => join(folder, name)
  expect(await refusal('f.py', Buffer.from(locustfile, 'latin1'))).toBe(`${where('f.py')} is not text in UTF-8`)
  expect(await refusal('g.har', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 0xff]))).toBe(
    `${where('g.har')} is not text in UTF-8`,
  )
  expect(await refusal('h.json', '{"openapi": "3.0.0", "x": "\0"}')).toBe(`${where('h.json')} is not text in UTF-8`)
  expect(await refusal('i.py', `# coding: klingon\n${locustfile}\0`)).toBe(`${where('i.py')} is not text in klingon`)
})

test('a folder, a pipe and a missing file are refused immediately', async () => {
  const refused = (path: string): Promise<string> =>
    importFile(path).then(
      () => 'imported',
      (error: Error) => error.message,
    )
  mkdirSync(join(folder, 'plans.jmx'))
  execFileSync('mkfifo', [join(folder, 'pipe.py')])
  expect(await refused(join(folder, 'plans.jmx'))).toBe(`${join(folder, 'plans.jmx')} is not a file`)
  expect(await refused(join(folder, 'pipe.py'))).toBe(`${join(folder, 'pipe.py')} is not a file`)
  expect(await refused(join(folder, 'none.py'))).toMatch(/there is no file \S+none\.py/)
})

test.each([
  ['locust', 'mark.py', locustfile],
  ['curl', 'mark.sh', 'curl https://a.example/é\n'],
  ['har', 'mark.har', recording],
  [
    'postman',
    'mark-postman.json',
    '{"info":{"schema":"schema.getpostman.com"},"item":[{"request":"https://a.example/é"}]}',
  ],
  ['openapi', 'mark.yaml', 'openapi: 3.0.0\npaths: {/é: {get: {}}}\n'],
  ['k6', 'mark.js', "import http from 'k6/http'\nexport default () => http.get('https://a.example/é')\n"],
  ['jmeter', 'mark.jmx', plan],
])('a file of %s may begin with a byte order mark of UTF-8 or UTF-16', async (_, name, text) => {
  const expected = await refusal(name, text)
  expect(expected).toContain('export default scenario')
  const utf16 = Buffer.from(`\uFEFF${text}`, 'utf16le')
  for (const bytes of [Buffer.from(`\uFEFF${text}`), utf16, Buffer.from(utf16).swap16()])
    expect(await refusal(name, bytes)).toBe(expected)
})
