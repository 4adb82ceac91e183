import { expect, test } from 'vitest'
import { ownTarget } from '../../../../../targets/own-target.ts'
import { requestsIn, runClasses } from '../../../class-run.ts'

test('a request is a promise that can be returned, raced and inspected, and an unhandled failure of a request is not an exception', async ({
  onTestFinished,
}) => {
  const { window } = await runClasses(
    await ownTarget(onTestFinished),
    `class U extends HttpUser {
get(path: string) { return this.http.get(path) }
async got(path: string) { return this.http.get(path).expect(200) }
@task async all() {
  this.http.get('/status/503').expect(200).then(() => undefined)
  if (!(this.get('/a') instanceof Promise) || String(this.get('/a')) !== '[object Pending]') throw new Error('no promise')
  await Promise.all([this.get('/a'), Promise.race([this.get('/a'), new Promise(() => undefined)])])
  const ended = await this.got('/status/503').catch((error) => error.message)
  if (ended !== 'expected status 200, got 503') throw new Error(ended)
  const looked = this.http.get('/status/503').expect(200)
  void looked.constructor
  await foreignSleep(50)
  const settled = await Promise.allSettled([looked, this.http.get('/b').expect(404)])
  if (settled.some(({ status }) => status !== 'rejected')) throw new Error('a failure was lost')
  if (!(await this.http.get('/a').then(({ ok }) => ok))) throw new Error('not ok')
}
}`,
    { options: { iterations: 2 } },
  )
  expect(requestsIn(window)).toEqual({ 'GET /a': 10, 'GET /status/503': 6, 'GET /b': 2 })
  expect([...window.exceptions.keys()]).toEqual([])
  expect([...window.requests].map(([key, { failures }]) => `${failures} ${key}`).toSorted()).toEqual([
    '0 GET /a',
    '2 GET /b',
    '6 GET /status/503',
  ])
})

test('a request that fails in a timer is a failure and not an exception, and this.stop() in a timer makes the user leave', async ({
  onTestFinished,
}) => {
  const { window } = await runClasses(
    await ownTarget(onTestFinished),
    `const inTimer = (act: () => unknown) =>
  new Promise<void>((done) => { setTimeout(async () => { try { await act() } finally { done() } }, 1) })
class U extends HttpUser {
  @task async go() {
    await inTimer(() => this.http.get('/status/404').expect(200))
    await inTimer(() => this.http.get('/bytes/9').json())
    await inTimer(() => { throw new Error('my own bug') })
    await new Promise<void>((done) => { setTimeout(() => { setImmediate(done); this.stop() }, 1) })
  }
}`,
  )
  expect([...window.exceptions.keys()]).toEqual(['Error: my own bug'])
  expect([...window.errors.values()].map(({ name, kind, count }) => `${name} ${kind} ${count}`).toSorted()).toEqual([
    '/bytes/9 extract 1',
    '/status/404 expect 1',
  ])
})
