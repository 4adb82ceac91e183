import { expect, test } from 'vitest'
import { bundleScenario } from '../../../cli/bundle/bundle.ts'
import { scenarioFolder } from '../../fixtures/scenario-folder.ts'

const scenario = (members: string): string => `import { HttpUser, hold, scenario } from 'burst'
const [onStart, index, browse, data, http, wait_time, database, load] = [1, 2, 3, 4, 5, 6, 7, [hold(1)]]
class Other extends HttpUser {
  static wait_time = 1
  tasks = { go: 1 }
  async go() { return [onStart, index, browse, data, http, wait_time] }
}
class Shopper extends HttpUser {
  size = database
  ${members}
}
export default scenario({ host: 'http://127.0.0.1:1', users: [Shopper], load })
`

test.each([
  [
    'tasks = { onStart: 1 }\n  async onStart() {}',
    "class Shopper lists 'onStart' as a task, but burst calls this method itself",
    10,
  ],
  [
    'index = (async () => {}) as never\n  tasks = { index: 1 }',
    "task 'index' of class Shopper is a field, and the field replaces burst's own this.index",
    10,
  ],
  [
    'async *browse() {}\n  tasks = { browse: 1 }',
    "task 'browse' of class Shopper is a generator function, which burst does not run",
    10,
  ],
  [
    'tasks = { go: 1 }\n  async go() {}\n  data() { return data }',
    "class Shopper has a method 'data', but burst's own this.data hides the method",
    12,
  ],
  [
    'async go() {}\n  tasks = { go: 1, http: 1 }\n  http = (async () => {}) as never',
    "task 'http' of class Shopper is a field, and the field replaces burst's own this.http",
    11,
  ],
  ["tasks = { go: 1 }\n  async go() {}\n  wait = 'soon'", 'wait of class Shopper is "soon"', 12],
])('a class with the members %s is refused with the line of the mistake: %s', async (members, message, line) => {
  const cwd = await scenarioFolder({ 'shop.burst.ts': scenario(members) })
  await expect(bundleScenario('shop.burst.ts', { cwd })).rejects.toMatchObject({
    exitCode: 104,
    message,
    at: `shop.burst.ts:${line}`,
  })
})

test('a warning about a class has the line of the member that is wrong', async () => {
  const members = 'tasks = { go: 1 }\n  async go() {}\n  static wait_time = 1'
  const cwd = await scenarioFolder({ 'shop.burst.ts': scenario(members) })
  expect((await bundleScenario('shop.burst.ts', { cwd })).warnings).toEqual([
    "shop.burst.ts:12: class Shopper has a static 'wait_time', which burst does not read: did you mean wait, without static?",
  ])
})

test('the error for an object in place of a class names the line of `new`', async () => {
  const text = scenario('tasks = { go: 1 }\n  async go() {}').replace('users: [Shopper]', 'users: [new Shopper()]')
  const cwd = await scenarioFolder({ 'shop.burst.ts': text })
  await expect(bundleScenario('shop.burst.ts', { cwd })).rejects.toMatchObject({
    exitCode: 104,
    message: 'Shopper was created with new, but burst itself creates the users',
    hint: 'name the class in scenario(), without new: users: [Shopper]',
    at: 'shop.burst.ts:13',
  })
})

test('if a class is undefined because two files import each other, the error suggests this cause', async () => {
  const members = 'tasks = { go: 1 }\n  async go() {}'
  const text = scenario(members).replace('users: [Shopper]', 'users').replace('class Shopper', 'export class Shopper')
  const cwd = await scenarioFolder({
    'shop.burst.ts': `import { users } from './users.ts'\n${text}`,
    'users.ts': "import { Shopper } from './shop.burst.ts'\nexport const users = [Shopper]\n",
  })
  await expect(bundleScenario('shop.burst.ts', { cwd })).rejects.toMatchObject({
    exitCode: 104,
    message: "item 1 of 'users' is undefined, not a class that extends HttpUser",
    hint: 'check the name of the class; if two files import each other, move the class to a third file',
  })
})

test('the error for a surplus argument has the line of the call', async () => {
  const text = scenario('tasks = { go: 1 }\n  async go() {}').replace('hold(1)', "hold(10, '1m')")
  const cwd = await scenarioFolder({ 'shop.burst.ts': text })
  await expect(bundleScenario('shop.burst.ts', { cwd })).rejects.toMatchObject({
    exitCode: 104,
    message: 'hold() takes a duration, but was given 2 arguments',
    at: 'shop.burst.ts:2',
  })
})
