import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { Planner } from '../../../cli/ui/planner.ts'
import { scenarioFolder } from '../../fixtures/scenario-folder.ts'

afterEach(() => void vi.useRealTimers())

test('a scenario that loads slowly is loaded only once at a time, even if the page asks for the plan repeatedly', async () => {
  const cwd = await scenarioFolder({
    'slow.burst.ts': `import { appendFileSync, existsSync } from 'node:fs'
import { HttpUser, scenario } from 'burst'
class Visitor extends HttpUser { tasks = { visit: 1 }; async visit() { await this.http.get('/') } }
const here = (name: string) => process.env.FOLDER + '/' + name
appendFileSync(here('loads'), 'x')
while (!existsSync(here('go'))) await new Promise((resolve) => setTimeout(resolve, 20))
export default scenario({ host: 'http://127.0.0.1:1', users: [Visitor] })
`,
    loads: '',
  })
  const planner = new Planner(cwd, undefined, undefined, { ...process.env, FOLDER: cwd })
  vi.useFakeTimers({ toFake: ['performance'] })
  const asked = []
  for (let seconds = 0; seconds < 20; seconds += 5) {
    asked.push(planner.describe('slow.burst.ts'))
    await vi.waitUntil(async () => (await readFile(join(cwd, 'loads'), 'utf8')) !== '', { timeout: 30_000 })
    vi.advanceTimersByTime(5000)
  }
  await writeFile(join(cwd, 'go'), '')
  for (const facts of await Promise.all(asked)) expect(facts.classes).toHaveLength(1)
  expect(await readFile(join(cwd, 'loads'), 'utf8')).toBe('x')
  // A later question loads the file again, because the file may have changed.
  vi.advanceTimersByTime(5000)
  await planner.describe('slow.burst.ts')
  expect(await readFile(join(cwd, 'loads'), 'utf8')).toBe('xx')
})
