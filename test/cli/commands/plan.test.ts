import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { burst, emptyFolder } from '../command-line.ts'

const scenario = `import { HttpUser, hold, ramp, scenario } from 'burst'
class Visitor extends HttpUser {
  tasks = { home: 1 }
  async home() { await this.http.get('/') }
}
export default scenario({ host: 'http://127.0.0.1:1', users: [Visitor], load: [ramp(5, '10s'), hold('1m')] })
`

test('burst plan --local describes the run, sends no request and writes no file', async () => {
  const folder = await emptyFolder()
  await writeFile(join(folder, 'shop.burst.ts'), scenario)
  const { code, stdout, stderr } = await burst(['plan', '--local', '-u', '40', '--workers', '2', '--seed', 'x'], folder)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toBe(
    'shop on http://127.0.0.1:1\n  ramp to 40 users over 10 s, hold 1 min\n  Visitor has no wait: it runs as fast as the service answers\n  2 workers, 20 users each\n  seed x\n',
  )
  expect(await readdir(folder)).toEqual(['shop.burst.ts'])
})

test('burst plan uses the host from -H if the scenario has no host; without any host, burst plan exits with code 104', async () => {
  const folder = await emptyFolder()
  await writeFile(join(folder, 'shop.burst.ts'), scenario.replace("host: 'http://127.0.0.1:1', ", ''))
  const { code, stdout } = await burst(['plan', '--local', '-H', 'http://127.0.0.1:2'], folder)
  expect([code, stdout.split('\n')[0]]).toEqual([0, 'shop on http://127.0.0.1:2'])
  const without = await burst(['plan', '--local'], folder)
  expect(without.code).toBe(104)
  expect(without.stderr).toContain('shop.burst.ts:6')
  expect(without.stderr).toContain('the scenario has no host')
  expect(without.stderr).toContain('-H https://…')
})

test('burst plan refuses every scenario and option that burst run refuses', async () => {
  const folder = await emptyFolder()
  await writeFile(join(folder, 'shop.burst.ts'), scenario)
  for (const [flags, sentence] of [
    [['--workers', '9', '-u', '3'], '--workers is 9, but there are only 3 users'],
    [['--budget', '5'], '--budget cannot be used with --local'],
  ] as const) {
    const { code, stderr } = await burst(['plan', '--local', ...flags], folder)
    expect([code, stderr]).toEqual([104, expect.stringContaining(sentence)])
  }
})
