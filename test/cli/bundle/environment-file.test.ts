import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { scenarioEnvironment } from '../../../cli/bundle/environment-file.ts'
import type { Report } from '../../../core/report/report.ts'
import { burst, emptyFolder } from '../command-line.ts'

const seen: string[] = []
const server = createServer((request, response) => {
  const { authorization, 'x-greeting': greeting, 'x-var': variable } = request.headers
  seen.push([authorization, greeting, variable].join(' '))
  response.end(JSON.stringify({ echo: authorization }))
})
let origin = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())

const scenario = `import { HttpUser, scenario } from 'burst'
const { API_TOKEN: token, GREETING: greeting, TARGET_URL } = process.env
console.log('loaded', token)
class U extends HttpUser {
  tasks = { go: 1 }
  async go() {
    const headers = { authorization: 'Bearer ' + token, 'x-greeting': greeting, 'x-var': this.vars.password }
    await this.http.post('/' + token, { headers, json: { token } }).check(token, () => true)
    console.log('did', this.index, token, greeting)
    console.error('x'.repeat(5000))
    for (let k = 0; k < 500; k++) console.log('line')
    throw new Error('no ' + token + ' for ' + this.vars.password)
  }
}
export default scenario({
  name: 'nightly ' + token,
  thresholds: ['POST /' + token + ': errors < 1%', process.env.LIMIT ?? 'errors < 2%'],
  host: TARGET_URL,
  users: [U],
  beforeRun: () => void console.log('hook', process.env.API_TOKEN),
})
`

async function project(): Promise<string> {
  const folder = await emptyFolder()
  await writeFile(join(folder, 'a.burst.ts'), scenario)
  await writeFile(
    join(folder, '.env'),
    `# ours\nAPI_TOKEN="tok-3n"\nGREETING=hello there\nLIMIT="errors < 1%"\nTARGET_URL=${origin}\n`,
  )
  return folder
}

test("every worker gets the variables of .env, and burst masks their values in the scenario's output and in the report", async () => {
  const folder = await project()
  const args = [
    'run',
    '--local',
    '-u=2',
    '--workers',
    '2',
    '--iterations',
    '1',
    '--var',
    'password=pa55word',
    '--out',
    'out',
  ]
  const { code, stdout, stderr } = await burst(args, folder)
  // The exit code is 99, because every iteration throws.
  expect({ code, seen }).toEqual({ code: 99, seen: Array(2).fill('Bearer tok-3n hello there pa55word') })
  const report = await readFile(join(folder, 'out', 'report.json'), 'utf8')
  const html = await readFile(join(folder, 'out', 'report.html'), 'utf8')
  for (const text of [stdout, stderr, report, html]) expect(text).not.toMatch(/tok-3n|hello there|pa55word/)
  const { requests, exceptions, checks, run, thresholds } = JSON.parse(report) as Report
  expect([run.name, ...thresholds.map(({ expression, passed }) => `${expression} ${passed}`)]).toEqual([
    'nightly ***',
    'POST /***: errors < 1% true',
    'errors < 1% true',
  ])
  expect(requests.map(({ name }) => name)).toEqual(['/***'])
  expect(checks.map(({ name }) => name)).toEqual(['***'])
  expect(exceptions.map(({ message, count }) => [message, count])).toEqual([['Error: no *** for ***', 2]])
  expect(run.host).toBe(origin)
  const said = `${stdout}${stderr}`.split('\n')
  const count = (line: string): number => said.filter((one) => one === line).length
  expect([count('[load] loaded ***'), said.filter((line) => line.includes('loaded')).length]).toEqual([1, 1])
  expect(count('[beforeRun] hook ***')).toBe(1)
  for (const k of [0, 1]) {
    expect(count(`[worker ${k}] did ${k} *** ***`)).toBe(1)
    expect(count(`[worker ${k}] ${'x'.repeat(2000)}… (3000 more characters)`)).toBe(1)
    expect(count(`[worker ${k}] line`)).toBeLessThan(400)
    expect(said.some((line) => /^\[worker \d\] … more than 100 lines in a second/.test(line))).toBe(true)
  }
})

test('--env-file replaces .env, and environment variables of the shell take precedence over both files', async () => {
  const folder = await project()
  await writeFile(join(folder, 'other.env'), `API_TOKEN=other-token\nGREETING=from the file\n`)
  seen.length = 0
  const args = ['debug', '--env-file', '.env', '--env-file=other.env', '--var', 'password=pa55word']
  const { stdout, stderr } = await burst(args, folder, { GREETING: 'from the shell' })
  expect(seen).toEqual(['Bearer other-token from the shell pa55word'])
  expect(stdout + stderr).not.toMatch(/other-token|from the shell|pa55word/)
  expect(stdout).toContain('"echo": "Bearer ***"')
})

test('an invalid .env is refused with the reason; without a .env, no variables are set', async () => {
  const folder = await emptyFolder()
  const own = scenarioEnvironment.bind(null, { folder, cwd: '/' }, undefined)
  expect(await own()).toEqual({})
  await writeFile(join(folder, '.env'), Buffer.from('\uFEFFAPI_TOKEN=secret\n', 'utf16le'))
  await expect(own()).rejects.toMatchObject({ exitCode: 104, message: '.env is not UTF-8 text' })
  await writeFile(join(folder, '.env'), '\uFEFFBURST_TEST_TOKEN=secret\nconstructor=Bauer\n')
  expect(await own()).toEqual({ BURST_TEST_TOKEN: 'secret', constructor: 'Bauer' })
  const other = await emptyFolder()
  await mkdir(join(other, '.env'))
  await expect(scenarioEnvironment({ folder: other, cwd: '/' }, undefined)).rejects.toMatchObject({
    exitCode: 104,
    message: '.env is a folder',
  })
  const loop = await emptyFolder()
  await symlink('.env', join(loop, '.env'))
  await expect(scenarioEnvironment({ folder: loop, cwd: '/' }, undefined)).rejects.toMatchObject({
    exitCode: 104,
    message: '.env cannot be read: the path leads through too many links',
  })
})

test('the error for an environment file that does not exist names the file', async () => {
  // Node itself handles --env-file, even after the name of the program, and prints its own message for a missing file.
  const { stderr } = await burst(['run', '--local', '--env-file', 'none.env'], await project())
  expect(stderr).toMatch(/none\.env: not found/)
  await expect(scenarioEnvironment({ folder: '/', cwd: await emptyFolder() }, ['none.env'])).rejects.toMatchObject({
    exitCode: 104,
    message: 'there is no file none.env',
    hint: '--env-file takes a file with lines like NAME=value',
  })
})
