import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startCountingTarget } from '../../targets/counting-target.ts'
import { burst, emptyFolder } from '../command-line.ts'

const source = `import { HttpUser, scenario } from 'burst'
class Visitor extends HttpUser {
  tasks = { home: 1, broken: 1, odd: 1 }
  async onStart() { await this.http.post('/login', { json: { user: 'ann', password: 's3cret' }, auth: { bearer: 's3cret' } }) }
  async home() { await this.http.get('/') }
  async broken() { await this.http.get('/status/500') }
  async odd() { throw new Error('no luck') }
}
export default scenario({ host: 'http://127.0.0.1:1', users: [Visitor] })
`

test('one user does each task once; exchanges, failures and exceptions are shown, secrets are not', async () => {
  const folder = await emptyFolder()
  await writeFile(join(folder, 'tiny.burst.ts'), source)
  const target = await startCountingTarget()
  const { code, stdout, stderr } = await burst(['debug', '-H', target.origin], folder)
  const { byPath } = target.counts()
  await target.close()
  expect({ code, stderr }).toEqual({ code: 99, stderr: '' })
  expect(byPath).toEqual({ 'POST /login': 1, 'GET /': 1, 'GET /status/500': 1 })
  expect(stdout).toContain(`> POST ${target.origin}/login\n`)
  expect(stdout).toContain('user 0, task home')
  expect(stdout).toContain('< 500 Internal Server Error')
  expect(stdout).toContain('✗ Error: no luck')
  expect(stdout).toContain('tiny.burst.ts:7:')
  expect(stdout).not.toContain('s3cret')
})

test('tasks can be chosen by tags', async () => {
  const folder = await emptyFolder()
  await writeFile(join(folder, 'tiny.burst.ts'), source)
  const { code, stderr } = await burst(['debug', '-T', 'checkout', 'tiny.burst.ts'], folder)
  expect(code).toBe(104)
  expect(stderr).toContain('no task of this scenario has a tag')
})
