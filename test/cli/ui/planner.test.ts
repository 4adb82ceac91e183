import { chmod, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { runOptions } from '../../../cli/flags/run-options.ts'
import { showUi } from '../../../cli/ui/open-ui.ts'
import { Planner } from '../../../cli/ui/planner.ts'
import { OwnRuns } from '../../../cli/ui/runs/own-runs.ts'
import { ended, listening } from '../../targets/server.ts'
import { scenarioFolder } from '../../fixtures/scenario-folder.ts'

afterEach(() => void vi.useRealTimers())

test('while a scenario is being loaded, further requests for its plan do not load the scenario again', async () => {
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
  const planner = new Planner({ cwd, environment: { ...process.env, FOLDER: cwd } }, undefined, undefined)
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
  // A later request loads the file again, because the file may have changed.
  vi.advanceTimersByTime(5000)
  await planner.describe('slow.burst.ts')
  expect(await readFile(join(cwd, 'loads'), 'utf8')).toBe('xx')
})

test('the facts about a scenario contain its host without the user name and the password', async () => {
  const cwd = await scenarioFolder({
    'vault.burst.ts': `import { HttpUser, scenario } from 'burst'
class Visitor extends HttpUser { tasks = { visit: 1 }; async visit() { await this.http.get('/') } }
export default scenario({ host: 'https://ann:s3cret@shop.example.com/api', users: [Visitor] })
`,
  })
  expect(await new Planner({ cwd }, undefined, undefined).describe('vault.burst.ts')).toMatchObject({
    host: 'https://shop.example.com/api',
  })
})

test('the files from --files are copied to the workers of every run that the page starts', async () => {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => (body += part))
    request.on('end', () => {
      bodies.push(body)
      response.end()
    })
  })
  const host = await listening(server)
  const cwd = await scenarioFolder({
    'upload.burst.ts': `import { HttpUser, file, scenario } from 'burst'
const names = ['note', 'list'].map((name) => name + '.txt')
class Visitor extends HttpUser {
  tasks = { upload: 1 }
  async upload() { for (const name of names) await this.http.post('/', { body: file(name) }) }
}
export default scenario({ host: '${host}', users: [Visitor] })
`,
    'pictures/note.txt': 'a note',
    'pictures/list.txt': 'a list',
  })
  const place = { cwd, filesFolder: join(cwd, 'pictures') }
  try {
    expect(await new Planner(place, undefined, undefined).describe('upload.burst.ts')).toMatchObject({ warnings: [] })
    const own = new OwnRuns(place, () => undefined)
    const run = await own.start('upload.burst.ts', runOptions({ users: '1', iterations: '1', runTime: '1m' }))
    await vi.waitUntil(() => !own.names.includes(run), { timeout: 60_000 })
    expect(own.failureOf(run)).toBeUndefined()
    expect(bodies).toEqual(['a note', 'a list'])
  } finally {
    await ended(server)
  }
})

test.skipIf(process.getuid?.() === 0)('burst ui refuses a folder that cannot be read', async () => {
  const cwd = await scenarioFolder({ 'closed/x.burst.ts': '' })
  await chmod(join(cwd, 'closed'), 0)
  const place = { port: 0, host: '127.0.0.1', open: false }
  const shown = showUi({ named: 'closed', cwd, place, cloud: undefined, say: () => undefined })
  const error: unknown = await shown.catch((thrown: unknown) => thrown)
  await chmod(join(cwd, 'closed'), 0o700)
  expect(error).toMatchObject({ exitCode: 104, message: `${join(cwd, 'closed')} cannot be read: permission denied` })
})
