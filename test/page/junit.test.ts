import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { junitXml } from '../../core/report/files/junit.ts'
import { failingReport } from '../fixtures/reports/failing-report.ts'
import { hostile, hostileReport } from '../fixtures/reports/hostile-report.ts'
import { TestBrowser, browserIsHere } from './browser.ts'

interface Parsed {
  error: string | null
  elements: string[]
  names: string[]
  messages: string[]
  texts: string[]
  properties: string[]
}

describe.skipIf(!browserIsHere)('an XML parser reads junit.xml', () => {
  const browser = new TestBrowser()
  beforeAll(() => browser.launch())
  afterAll(() => browser.end())

  async function parsed(xml: string): Promise<Parsed> {
    const page = await browser.open('about:blank')
    // The script is a string, because the tests do not have the type definitions of the browser.
    return page.evaluate(`(() => {
      const xml = new DOMParser().parseFromString(${JSON.stringify(xml)}, 'application/xml')
      const all = (path, of) => [...xml.querySelectorAll(path)].map(of)
      return {
        error: xml.querySelector('parsererror')?.textContent ?? null,
        elements: [...new Set(all('*', (one) => one.tagName))],
        names: all('testcase', (one) => one.getAttribute('name')),
        messages: all('failure, skipped', (one) => one.getAttribute('message')),
        texts: all('failure, skipped', (one) => one.textContent),
        properties: all('property', (one) => one.getAttribute('value')),
      }
    })()`)
  }

  test('junit.xml is well-formed, and hostile names are parsed as text', async () => {
    const report = hostileReport()
    const { error, elements, names, messages } = await parsed(junitXml(report))
    expect(error).toBeNull()
    expect(elements).toEqual(['testsuites', 'testsuite', 'properties', 'property', 'testcase', 'failure'])
    const [first = ''] = names
    for (const text of hostile.slice(0, 4)) expect(first).toContain(text)
    expect(messages.join()).toContain(hostile[0])
  })

  test('control characters, lone surrogates, the end of a CDATA section and line breaks are in junit.xml, either unchanged or as escapes', async () => {
    const text = 'a\0\u0001\u000b\u001b[31m\u007f\u0085\ud800x\udfff\ufffe\uffff]]>&amp;&#0;<![CDATA[ x\ty\nz\r\n"\'👩‍💻'
    const report = failingReport()
    report.run.name = report.run.host = text
    report.thresholds = [{ expression: text, value: 7, unit: text, passed: false, note: text }]
    report.completeness = { ...report.completeness, complete: false, lost: [text, text] }
    const seen =
      String.raw`a\u{0}\u{1}\u{b}\u{1b}[31m\u{7f}\u{85}\u{d800}x\u{dfff}\u{fffe}\u{ffff}]]>&amp;&#0;<![CDATA[ x` +
      '\ty\nz\\u{d}\n"\'👩‍💻'
    const { error, names, texts, messages, properties } = await parsed(junitXml(report))
    expect(error).toBeNull()
    expect(names[0]).toBe(seen)
    expect(texts).toEqual([seen, seen])
    expect(messages).toEqual([`it was 7 ${seen}`, seen])
    expect(properties).toContain(seen)
    const [threshold] = report.thresholds
    if (threshold) threshold.passed = true
    report.verdict = { result: 'inconclusive', reasons: [text], exitCode: 96, stoppedBy: null }
    const doubtful = await parsed(junitXml(report))
    expect(doubtful.error).toBeNull()
    expect(doubtful.elements).toContain('skipped')
    expect(doubtful.messages[0]).toBe(`the threshold held with 7 ${seen}, but the run is inconclusive`)
    expect(doubtful.texts[0]).toBe(seen)
  })
})
