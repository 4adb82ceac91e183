import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CountingTarget, startCountingTarget } from '../../../../targets/counting-target.ts'
import { traceUsers } from '../../engine-trace.ts'

let target: CountingTarget
beforeAll(async () => {
  target = await startCountingTarget({ jitterMs: 30 })
})
afterAll(() => target.close())

const scenario = (host: string): string => `
import { HttpUser, between, csv, scenario, task } from 'burst'
const accounts = csv('accounts.csv', ['name']).unique({ recycle: true })
const words = csv('words.csv', ['word']).random()
const lines = csv('words.csv', ['word']).sequential()
class Shopper extends HttpUser {
  static weight = 3
  wait = between('5ms', '40ms')
  async onStart() { await this.http.post('/login', { json: accounts.next() }) }
  @task(5) async browse() { await this.http.get('/p/:id', { params: { id: this.random.int(1, 1e6) } }); await this.sleep('3ms') }
  @task(2) async fails() { await this.http.get('/status/500').expect(200); await this.http.get('/never') }
  @task(2) async parallel() {
    await Promise.all([this.http.get('/a/' + this.random.int(1, 99)), this.http.post('/b', { json: { n: Math.random() } }), this.http.get('/c/' + words.next().word)])
    await this.http.put('/d', { form: { line: lines.next().word, row: accounts.next().name } })
  }
  @task(1) async draws() { if (this.random.chance(0.4)) await this.http.delete('/e'); else await this.http.patch('/f', { body: String(this.random.next()) }) }
}
class Admin extends HttpUser { wait = between('1ms', '9ms'); @task async report() { await this.http.get('/report/' + this.random.pick(['x', 'y', 'z'])) } }
export default scenario({ host: '${host}', users: [Shopper, Admin] })`

const files = {
  'accounts.csv': `name\n${Array.from({ length: 100 }, (_, k) => `account ${k}`).join('\n')}\n`,
  'words.csv': `word\n${Array.from({ length: 37 }, (_, k) => `w${k}`).join('\n')}\n`,
}

test('every user makes the same requests in the same order on 1, 3 and 7 workers, with and without a warm-up', async () => {
  const options = { users: 22, iterations: 12, runTimeMs: 60_000, seed: 'the same' }
  const one = await traceUsers(scenario(target.origin), files, { ...options, workers: 1 })
  const three = await traceUsers(scenario(target.origin), files, { ...options, workers: 3 }, true)
  const seven = await traceUsers(scenario(target.origin), files, { ...options, workers: 7 })
  expect(one.size).toBe(22)
  expect([...one.values()].flat().length).toBeGreaterThan(22 * 12 * 2)
  expect(three).toEqual(one)
  expect(seven).toEqual(one)
})

test('on any number of workers, each try of onStart draws new numbers and new random rows, but the same unique and sequential rows as the first try', async () => {
  const retries = `
import { HttpUser, csv, scenario, task } from 'burst'
const accounts = csv('accounts.csv', ['name']).unique()
const words = csv('accounts.csv', ['name'])
const [any, next] = [words.random(), words.sequential()]
class U extends HttpUser {
  tries = 0
  async onStart() {
    const json = { number: this.random.next(), any: any.next().name, row: accounts.next().name, next: next.next().name }
    await this.http.get('/try', { query: json })
    if (this.tries++ === 0) throw new Error('once more')
  }
  @task async go() { await this.http.get('/') }
}
export default scenario({ host: '${target.origin}', users: [U] })`
  const options = { users: 2, iterations: 1, runTimeMs: 60_000, seed: 'the same' }
  const triesOf = async (workers: number): Promise<string[][]> => {
    const users = await traceUsers(retries, files, { ...options, workers })
    return [0, 1].map((user) => (users.get(user) ?? []).filter((line) => line.includes('/try')))
  }
  const [one, two] = [await triesOf(1), await triesOf(2)]
  expect(two).toEqual(one)
  for (const tries of one) {
    const valuesOf = (field: string): string[] =>
      tries.map((line) => new RegExp(`${field}=([^& ]*)`).exec(line)?.[1] ?? '')
    expect(tries).toHaveLength(2)
    for (const field of ['number', 'any']) expect(new Set(valuesOf(field)).size).toBe(2)
    for (const field of ['row', 'next']) expect(new Set(valuesOf(field)).size).toBe(1)
  }
})

test('users behave differently with another seed', async () => {
  const options = { users: 4, iterations: 5, runTimeMs: 60_000, workers: 1 }
  const monday = await traceUsers(scenario(target.origin), files, { ...options, seed: 'monday' })
  const tuesday = await traceUsers(scenario(target.origin), files, { ...options, seed: 'tuesday' })
  expect(monday).not.toEqual(tuesday)
})
