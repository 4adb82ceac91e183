import { expect, test } from 'vitest'
import { refusal } from './import-text.ts'

test('k6 scripts that cannot be read are refused with one sentence', async () => {
  const k6 = "import http from 'k6/http'\n"
  expect(await refusal('a.js', `${k6}export default function () { http.get( }`)).toMatch(
    /^this is not JavaScript or TypeScript: .* at a\.js:2$/,
  )
  expect(await refusal('b.js', `${k6}export const a = 1`)).toBe('b.js exports no function for users at b.js:1')
  const deep = /^this is nested more than 400 levels deep at /
  expect(await refusal('c.js', `${k6}export default ${'('.repeat(50_000)}`)).toMatch(deep)
  expect(await refusal('d.js', `${k6}export default () => ${'!'.repeat(5000)}1`)).toMatch(deep)
  expect(await refusal('e.js', `${k6}export const a = 1 ${'+ 1'.repeat(5000)}`)).toMatch(deep)
  expect(await refusal('f.js', k6 + ' '.repeat(3 * 1024 * 1024))).toBe('f.js is larger than 2 MiB')
  const types =
    'export const options = { stages: 7, thresholds: [null, {}], scenarios: { a: 1, b: { executor: [] } }, vus: -1 }'
  expect(await refusal('g.js', `${k6}${types}\nexport default () => http.get(...[], {}, 1, null)`)).toContain(
    '// TODO g.js:2',
  )
  const local = `import './../../../etc/hostname.js'\nimport { a } from './missing.js'\n${k6}export default () => http.get(a)`
  expect(await refusal('h.js', local)).toContain('// TODO h.js:4: a has no counterpart')
})

test('JMeter plans that cannot be read are refused with one sentence', async () => {
  const plan = (tree: string): string => `<jmeterTestPlan><hashTree>${tree}</hashTree></jmeterTestPlan>`
  const laughs = '<!DOCTYPE a [<!ENTITY b "b"><!ENTITY c "&b;&b;">]>'
  expect(await refusal('a.jmx', `${laughs}${plan('&c;')}`)).toBe(
    'a.jmx has a DOCTYPE, which JMeter plans do not have at a.jmx:1',
  )
  expect(await refusal('b.jmx', plan('<x>&c;</x>'))).toMatch(/^b\.jmx is not XML: .* at b\.jmx:1$/)
  expect(await refusal('c.jmx', plan('<x>'))).toMatch(/^c\.jmx is not XML: .* at c\.jmx:1$/)
  expect(await refusal('d.jmx', plan('<x>'.repeat(50_000)))).toBe(
    'd.jmx is nested more than 200 levels deep at d.jmx:1',
  )
  expect(await refusal('e.jmx', plan('<TestPlan/><hashTree><ThreadGroup/></hashTree>'))).toBe(
    'e.jmx has no HTTP request in a thread group at e.jmx:1',
  )
  expect(await refusal('f.jmx', plan('<HTTPSamplerProxy/>'.repeat(5001)))).toBe('f.jmx has more than 5000 requests')
  expect(await refusal('g.jmx', '<jmeterTestPlan/>')).toBe('g.jmx is not a JMeter plan at g.jmx:1')
  const many = Array.from(
    { length: 30 },
    (_, index) => `<elementProp><stringProp name="Argument.name">v${index}</stringProp>
    <stringProp name="Argument.value">\${v${index + 1}}\${v${index + 1}}</stringProp></elementProp>`,
  ).join('')
  const variables = `<Arguments><collectionProp name="Arguments.arguments">${many}</collectionProp></Arguments>`
  const sampler = '<HTTPSamplerProxy><stringProp name="HTTPSampler.path">/${v0}</stringProp></HTTPSamplerProxy>'
  const doubled = plan(`${variables}<ThreadGroup/><hashTree>${sampler}</hashTree>`)
  expect(await refusal('h.jmx', doubled)).toBe('h.jmx has too many references between its variables')
})
