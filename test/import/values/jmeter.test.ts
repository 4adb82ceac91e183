import { expect, test } from 'vitest'
import { refusal } from '../import-text.ts'

function sampler(path: string, inside = '', more = ''): string {
  const props = { domain: 'a.example', protocol: 'https', path, method: 'GET' }
  const written = Object.entries(props).map(
    ([key, value]) => `<stringProp name="HTTPSampler.${key}">${value}</stringProp>`,
  )
  return `<HTTPSamplerProxy testname="${path}">${written.join('')}${more}<boolProp name="HTTPSampler.follow_redirects">true</boolProp>
</HTTPSamplerProxy><hashTree>${inside}</hashTree>`
}

function plan(groups: string): string {
  return `<jmeterTestPlan><hashTree><TestPlan/><hashTree>${groups}</hashTree></hashTree></jmeterTestPlan>`
}

function group(inside: string, name = 'ThreadGroup'): string {
  return `<${name} testname="Users"><stringProp name="ThreadGroup.num_threads">1</stringProp></${name}><hashTree>${inside}</hashTree>`
}

function extractor(regex: string, template: string): string {
  return `<RegexExtractor testname="id"><stringProp name="RegexExtractor.refname">id</stringProp>
<stringProp name="RegexExtractor.regex">${regex.replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</stringProp>
<stringProp name="RegexExtractor.template">${template}</stringProp><stringProp name="RegexExtractor.match_number">1</stringProp>
</RegexExtractor><hashTree/>`
}

test('a regular expression extractor of a JMeter plan reads the group that its template names by number, even if groups have names', async () => {
  const read = (name: string, regex: string, template: string): Promise<string> =>
    refusal(`${name}.jmx`, plan(group(sampler('/list', extractor(regex, template)) + sampler('/items/${id}'))))
  const regex = String.raw`(?<kind>[a-z]+)-(?<id>\d+)`
  expect(await read('second', regex, '$2$')).toContain(String.raw`.match(/(?:[a-z]+)-(?<id>\d+)/)`)
  expect(await read('first', regex, '$1$')).toContain(String.raw`.match(/(?<kind>[a-z]+)-(?:\d+)/)`)
  expect(await read('behind', String.raw`(?<=x)(?<kind>[a-z])(\d+)`, '$2$')).toContain(
    String.raw`.match(/(?<=x)(?:[a-z])(\d+)/)`,
  )
})

test('a conversion to int in a script of a JMeter plan truncates the converted value and no other value', async () => {
  const script = (...lines: readonly string[]): string =>
    `<JSR223PreProcessor testname="numbers"><stringProp name="scriptLanguage">groovy</stringProp>
<stringProp name="script">${lines.join('\n')}</stringProp></JSR223PreProcessor><hashTree/>`
  const cast = (name: string, value: string, declared = 'def'): Promise<string> => {
    const lines = [`${declared} n = ${value}`, 'vars.put("n", n.toString())']
    return refusal(`${name}.jmx`, plan(group(sampler('/n/${n}', script(...lines)))))
  }
  expect(await cast('sum', '(int) (Math.random() * 10 + 1)')).toContain('Math.trunc(this.random.next() * 10 + 1)')
  expect(await cast('call', '(int) Math.random() * 10')).toContain('Math.trunc(this.random.next()) * 10')
  expect(await cast('as', '(Math.random() * 10) as int')).toContain('Math.trunc(this.random.next() * 10)')
  expect(await cast('method', '(Math.random() * 10).toInteger()')).toContain('Math.trunc(this.random.next() * 10)')
  expect(await cast('parsed', '(int) Double.parseDouble("5.7")')).toContain('Math.trunc(5.7)')
  expect(await cast('declared', 'Math.random() * 10', 'int')).toContain('Math.trunc(this.random.next() * 10)')
  expect(await cast('fraction', 'Math.random() * 10')).not.toContain('Math.trunc')
  expect(await cast('rounded', '(int) Math.round(Math.random() * 10)')).not.toContain('Math.trunc')
})

test('the timeout of a sampler in a setUp thread group of a JMeter plan becomes the timeout of its request in beforeRun', async () => {
  const timeout = '<stringProp name="HTTPSampler.response_timeout">20000</stringProp>'
  const code = await refusal(
    'hook-timeout.jmx',
    plan(group(sampler('/ready', '', timeout), 'SetupThreadGroup') + group(sampler('/home'))),
  )
  expect(code).toContain("await send('GET', `${run.host}/ready`, { timeoutMs: 20000 })")
})
