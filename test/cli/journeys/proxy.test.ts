import { expect, test } from 'vitest'
import { startCountingTarget } from '../../targets/counting-target.ts'
import { startProxy } from '../../targets/proxy.ts'
import { project, runIn } from '../journey.ts'

test('with --proxy env, a run sends its requests through the proxy in HTTP_PROXY, except to the hosts in NO_PROXY', async () => {
  const [target, proxy] = [await startCountingTarget(), await startProxy()]
  const { port } = new URL(target.origin)
  const scenario = `import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async page() {
    await this.http.get('/page').expect(200)
    await this.http.get('http://127.0.0.1:${port}/direct', { name: 'direct' }).expect(200)
  }
}
export default scenario({ host: 'http://shop.test:${port}', users: [U] })`
  const folder = await project({ 'a.burst.ts': scenario })
  const withUser = proxy.origin.replace('://', '://jo:s3cret@')
  const except = '127.0.0.1,other.test'
  const env = { HTTP_PROXY: withUser, http_proxy: withUser, NO_PROXY: except, no_proxy: except }
  const { report, stdout, stderr } = await runIn(
    folder,
    ['-u', '2', '--iterations', '3', '--workers', '1', '--proxy', 'env'],
    env,
  )
  const { byPath } = target.counts()
  await Promise.all([target.close(), proxy.close()])
  expect(report.totals).toMatchObject({ requests: 12, failures: 0 })
  expect(byPath).toEqual({ 'GET /page': 6, 'GET /direct': 6 })
  const credentials = `Basic ${Buffer.from('jo:s3cret').toString('base64')}`
  expect(proxy.received).toEqual(Array.from({ length: 6 }, () => `GET http://shop.test:${port}/page ${credentials}`))
  expect(stdout + stderr + JSON.stringify(report)).not.toContain('s3cret')
})
