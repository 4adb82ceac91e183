import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { folder, refusal, snippetFunction } from '../import-text.ts'

const host = 'https://a.example'

/** Imports a k6 script that has the statements `top` at its top and the statements `body` in its default function. */
function imported(name: string, body: string, top = ''): Promise<string> {
  const head =
    "import http from 'k6/http'\nimport exec from 'k6/execution'\nimport { check } from 'k6'\nimport { SharedArray } from 'k6/data'\n"
  return refusal(`${name}.js`, `${head}${top}\nexport default function () {\n${body}\n}\n`)
}

test('a timeout without a unit in a k6 script is in milliseconds, even if a constant, an object or a variable contains it', async () => {
  const top = "const T = 5000\nconst limits = { slow: '90000' }\nconst params = { timeout: T }\n"
  const code = await imported(
    'timeouts',
    `  http.get('${host}/1', { timeout: T })
  http.get('${host}/2', { timeout: limits.slow })
  http.get('${host}/3', params)
  http.get('${host}/4', { timeout: '1m30s' })
  http.get('${host}/5', { timeout: '10s' })
  http.get('${host}/6', { timeout: __ENV.TIMEOUT })`,
    top,
  )
  expect(code).toContain("get('/1', { timeout: 5 })")
  expect(code).toContain("get('/2', { timeout: 90 })")
  expect(code).toContain("get('/3', { timeout: 5 })")
  expect(code).toContain("get('/4', { timeout: 90 })")
  expect(code).toContain("get('/5', { timeout: '10s' })")
  expect(code).toContain("get('/6', { timeout: secondsIn(this.vars.TIMEOUT ?? '') })")
  const secondsIn = await snippetFunction('secondsIn')
  expect(['5000', 250, '10s', '1m30s', undefined].map((one) => secondsIn(one))).toEqual([
    5,
    0.25,
    '10s',
    '1m30s',
    undefined,
  ])
})

test('a list of a k6 script becomes a feed only if the index can select every row of the list', async () => {
  writeFileSync(join(folder, 'rows.json'), '[{ "name": "a" }, { "name": "b" }]')
  const top = "const rows = new SharedArray('rows', () => JSON.parse(open('./rows.json')))\n"
  const drawn = (name: string, index: string): Promise<string> =>
    imported(name, `  http.get(\`${host}/\${rows[${index}].name}\`)`, top)
  expect(await drawn('all', 'Math.floor(Math.random() * rows.length)')).toContain('.random()')
  expect(await drawn('turn', 'exec.scenario.iterationInTest % rows.length')).toContain('.unique({ recycle: true })')
  for (const [index, bound] of ['10', '(rows.length - 1)', 'others.length'].entries()) {
    const code = await drawn(`some${index}`, `Math.floor(Math.random() * ${bound})`)
    expect(code).toContain('Math.floor(Math.random() * ')
    expect(code).not.toMatch(/(?<!Math)\.random\(\)/)
  }
  expect(await drawn('five', 'exec.scenario.iterationInTest % 5')).not.toContain('.unique(')
})

test('a request of a k6 script is not moved behind a later request or into a later condition', async () => {
  const kept = /const r = await this\.http\s*\.get\('\/a'\)/
  const bodies = [
    `const both = [http.get('${host}/b').json('id'), r.json('id')]\n  console.log(both)`,
    "const id = __ENV.DEEP && String(Number(Boolean(r.json('id'))))\n  console.log(id)",
    "globalThis.tracer?.log(1, r.json('id'))",
    "const { id = r.json('id') } = { name: 'b' }\n  console.log(id)",
    "const start = Date.now(), id = r.json('id')\n  console.log(start, id)",
  ]
  for (const [index, body] of bodies.entries()) {
    expect(await imported(`moved${index}`, `  const r = http.get('${host}/a')\n  ${body}`)).toMatch(kept)
  }
  const assigned = `  let r\n  if (__ENV.ONE) {\n    r = http.get('${host}/a')\n    console.log(r.json('id'))\n  }`
  expect(await imported('assigned', assigned)).toContain('.check(')
  const inOrder = await imported(
    'in-order',
    `  const r = http.get('${host}/a')\n  const id = r.json('id')\n  console.log(id)`,
  )
  expect(inOrder).toContain("const id = (await this.http.get('/a').json()).id")
})

test('the checks of a batch in a k6 script are neither lost nor run before the batch has its responses', async () => {
  const batch = `http.batch(['${host}/a', '${host}/b'])`
  const code = await imported(
    'batch',
    `  const responses = ${batch}
  check(responses[0], { first: () => responses[0].status === 200 })
  check(responses[1], { second: (r) => r.status === 200 })
  check(responses.length, { two: (n) => n === 2 })`,
  )
  expect(code).toContain(".check('second', (r) => r.status === 200)")
  expect(code).toMatch(/checkAll\(this, responses\[0\]!?, \{ first: /)
  expect(code).toMatch(/checkAll\(this, responses\.length, \{ two: /)
  const setup = `export function setup() {\n  const found = ${batch}\n  check(found[0], { ready: (r) => r.status === 200 })\n  return { status: found[0].status }\n}\n`
  const hook = await imported('batch-setup', `  http.get('${host}/c')`, setup)
  expect(hook).toContain('burst does not count checks in beforeRun and afterRun')
  expect(hook).not.toContain('.check(')
})

test('a check of a k6 script is not moved before a statement that changes a variable of the check', async () => {
  const code = await imported(
    'changed',
    `  const seen = { token: '' }
  const r = http.get('${host}/a')
  seen.token = r.json('token')
  check(r, { 'has a token': () => seen.token !== '' })`,
  )
  expect(code.indexOf("'has a token'")).toBeGreaterThan(code.indexOf('seen.token = '))
})

test('a timeout of a request in setup of a k6 script becomes a TODO', async () => {
  const setup = `export function setup() {\n  http.get('${host}/ready', { timeout: 5000 })\n}\n`
  expect(await imported('setup-timeout', `  http.get('${host}/c')`, setup)).toMatch(
    /\/\/ TODO setup-timeout\.js:\d+: the parameter timeout of a request in setup or teardown is not translated/,
  )
})
