import { expect, test } from 'vitest'
import { refusal } from './import-text.ts'

test('k6 scripts that cannot be read are refused with a one-sentence error message', async () => {
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

test('JMeter plans that cannot be read are refused with a one-sentence error message', async () => {
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

test('a JMeter script that cannot be translated becomes a TODO comment that contains the script', async () => {
  const written = async (script: string): Promise<string> => {
    const sampler = '<HTTPSamplerProxy><stringProp name="HTTPSampler.path">/${id}</stringProp></HTTPSamplerProxy>'
    const element = `<JSR223Sampler testname="S"><stringProp name="script">${script}</stringProp></JSR223Sampler>`
    const tree = `<ThreadGroup testname="T"/><hashTree>\n${element}\n${sampler}</hashTree>`
    return refusal('s.jmx', `<jmeterTestPlan><hashTree>${tree}</hashTree></jmeterTestPlan>`)
  }
  const lost = '// TODO s.jmx:2: this script is not translated: '
  for (const script of ['vars.put("id", "a', 'process.exit(1) // */', '{{{{', '((((', 'x = y = 1', 'vars.put(id, 1)'])
    expect(await written(script)).toContain(lost + script.replace(' // */', ''))
  expect(await written(`vars.put("id", ${'('.repeat(5000)}1${')'.repeat(5000)})`)).toContain(
    '// TODO s.jmx:2: this part of the script is not translated:',
  )
  expect(await written(`${'if (a) '.repeat(2000)}x()`)).toContain('this part of the script is not translated')
  expect(await written('x()\n'.repeat(10_000))).toContain(
    "JSR223Sampler 'S': this script is longer than 20000 characters",
  )
  // If a statement that sets a variable is not translated, a later statement that uses this variable is not translated either.
  const total = await written('def total = items.sum()\nvars.put("id", "${total}")')
  expect(total).toContain('// vars.put("id", "${total}")')
  expect(total).toContain("this.vars.id ?? ''")
  // The text of a script cannot end the string literal into which it is written.
  const quotes = await written("vars.put('id', 'a\\' + process.exit(1) + \\'`${1}')")
  expect(quotes).toContain("this.id = `a' + process.exit(1) + '\\`${this.vars['1'] ?? ''}`")
})

test('if no translated script changes the counter of a While controller, the steps run once and get a TODO comment', async () => {
  const condition = '<stringProp name="WhileController.condition">${__jexl3(${n} &lt; 3)}</stringProp>'
  const script = (text: string): string =>
    `<JSR223Sampler testname="S"><stringProp name="script">${text}</stringProp></JSR223Sampler>`
  const body = `<HTTPSamplerProxy/>\n${script('vars.put("n", next())')}`
  const tree = `<ThreadGroup testname="T"/><hashTree>${script('vars.put("n", "0")')}<WhileController testname="W">${condition}</WhileController><hashTree>${body}</hashTree></hashTree>`
  const code = await refusal('w.jmx', `<jmeterTestPlan><hashTree>${tree}</hashTree></jmeterTestPlan>`)
  expect(code).toContain(
    'burst runs the steps of this controller only once; repeat the steps while ${__jexl3(${n} < 3)}',
  )
  expect(code).toContain('// TODO w.jmx:2: this script is not translated: vars.put("n", next())')
  expect(code).not.toContain('while (')
})

test('a TODO comment quotes the title of a JMeter element, shortens a long title, and shows the line of an element without a title', async () => {
  const written = (attributes: string): Promise<string> => {
    const tree = `<ThreadGroup testname="T"/><hashTree>\n<SyncTimer${attributes}/>\n<HTTPSamplerProxy/></hashTree>`
    return refusal('t.jmx', `<jmeterTestPlan><hashTree>${tree}</hashTree></jmeterTestPlan>`)
  }
  const why = 'this element has no counterpart'
  expect(await written(' testname="Wait for all"')).toContain(`// TODO t.jmx:2: SyncTimer 'Wait for all': ${why}`)
  expect(await written(` testname="${'a'.repeat(200)}"`)).toContain(
    `// TODO t.jmx:2: SyncTimer '${'a'.repeat(87)}…': ${why}`,
  )
  expect(await written('')).toContain(`// TODO t.jmx:2: SyncTimer <SyncTimer/>: ${why}`)
})
