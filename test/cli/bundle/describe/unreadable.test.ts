import { expect, test } from 'vitest'
import { bundleScenario } from '../../../../cli/bundle/bundle.ts'
import { scenarioFolder } from '../../../fixtures/scenario-folder.ts'

const start = `import { HttpUser, scenario } from 'burst'
class A extends HttpUser { tasks: any = { go: 1 }; async go() { await this.http.get('/') } }
const fine: any = { host: 'http://127.0.0.1:1', users: [A] }
const bad = (): any => { throw new Error('boom') }
`

async function errorOf(code: string): Promise<unknown> {
  const cwd = await scenarioFolder({ 'a.burst.ts': `${start}${code}\n` })
  return bundleScenario('a.burst.ts', { cwd }).catch((thrown: unknown) => thrown)
}

test.each([
  ['the default export', 'export default { ...scenario(fine), get load() { return bad() } }'],
  ['a Proxy of the default export', 'export default new Proxy(scenario(fine), { get: bad, ownKeys: bad, has: bad })'],
  ['the list of users', 'export default scenario({ ...fine, users: new Proxy([A], { get: bad }) })'],
  ['a Proxy of a class', 'export default scenario({ ...fine, users: [new Proxy(A, { get: bad })] })'],
  [
    'static weight',
    'class B extends A { static get weight() { return bad() } }\nexport default scenario({ ...fine, users: [B] })',
  ],
  [
    'static name',
    'class B extends A { static get name() { return bad() } }\nexport default scenario({ ...fine, users: [B] })',
  ],
  [
    'tasks',
    'class B extends A { tasks = new Proxy({}, { ownKeys: bad }) }\nexport default scenario({ ...fine, users: [B] })',
  ],
  ['the settings of TLS', 'export default scenario({ ...fine, tls: { get ca() { return bad() } } })'],
])(
  'if a getter or a Proxy throws when burst reads %s, the exit code is 104 and the error names the line',
  async (_, code) => {
    expect(await errorOf(code)).toMatchObject({
      exitCode: 104,
      message: 'the scenario cannot be read: boom',
      at: 'a.burst.ts:4',
      hint: 'a getter or a Proxy must not throw when burst reads an option or a member of a class',
    })
  },
)

test('if a getter in the options of scenario() throws, the error says that an option cannot be read', async () => {
  expect(await errorOf('export default scenario({ get users() { return bad() } })')).toMatchObject({
    exitCode: 104,
    message: 'an option of scenario() cannot be read: boom',
    at: 'a.burst.ts:4',
  })
})

test.each([
  ['null', 'null', 'null'],
  ['an object that cannot be read', 'new Proxy({}, { get: bad, getPrototypeOf: bad })', 'an error that cannot be read'],
])('a getter may throw %s', async (_, thrown, words) => {
  expect(await errorOf(`export default new Proxy({}, { get() { throw ${thrown} } })`)).toMatchObject({
    exitCode: 104,
    message: `the scenario cannot be read: ${words}`,
    at: expect.stringMatching(/^a\.burst\.ts/) as string,
  })
})

test.each([
  ['a static block', 'class B extends A { static { bad() } }\nexport default scenario({ ...fine, users: [B] })'],
  ['a constructor', 'class B extends A { go2 = bad() }\nexport default scenario({ ...fine, users: [B] })'],
  ['the function load', 'export default scenario({ ...fine, load: () => bad() })'],
])('if %s throws, the exit code is 107, because the scenario threw while it was loaded', async (_, code) => {
  expect(await errorOf(code)).toMatchObject({
    exitCode: 107,
    message: 'a.burst.ts threw an error while burst loaded it: boom',
    at: 'a.burst.ts:4',
  })
})

test.each([
  ['a promise', 'Promise.resolve(scenario(fine))'],
  ['a rejected promise', "Promise.reject(new Error('boom'))"],
  ['a function', '() => scenario(fine)'],
  ['a class', 'A'],
])('%s is not a scenario', async (_, value) => {
  expect(await errorOf(`export default ${value}`)).toMatchObject({
    exitCode: 104,
    message: 'the default export is not a scenario',
  })
})

test('a class that is frozen or sealed, or that freezes its instances, can be a user', async () => {
  const classes = `class B extends A { constructor() { super(); Object.freeze(this) } }
class C extends A {}
export default scenario({ ...fine, users: [Object.freeze(A), B, Object.seal(C)] })`
  expect(await errorOf(classes)).toMatchObject({ description: { classes: [{}, {}, {}] } })
})
