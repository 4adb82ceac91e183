import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startCountingTarget } from '../../targets/counting-target.ts'
import { burst, emptyFolder } from '../command-line.ts'

test('in a local run, the scenario and its hooks can reach every host with fetch and with node:http', async () => {
  const [folder, target, other] = [await emptyFolder(), await startCountingTarget(), await startCountingTarget()]
  await writeFile(
    join(folder, 'wide.burst.ts'),
    `import { get } from 'node:http'
import { HttpUser, scenario } from 'burst'
class User extends HttpUser {
  tasks = { go: 1 }
  async go() {
    await this.http.get('/').expect(200)
    await fetch('${other.origin}/fetch')
    await new Promise((resolve) => get('${other.origin}/http', resolve))
  }
}
export default scenario({ host: '${target.origin}', users: [User], beforeRun: async () => void (await fetch('${other.origin}/hook')) })
`,
  )
  try {
    const flags = ['--local', '-u', '1', '-t', '20s', '--iterations', '1', '--quiet']
    const { code, stdout, stderr } = await burst(['run', 'wide.burst.ts', ...flags], folder)
    expect([code, stdout + stderr]).toEqual([0, expect.not.stringContaining('exceptions')])
    expect(other.counts().byPath).toEqual({ 'GET /hook': 1, 'GET /fetch': 1, 'GET /http': 1 })
    expect(target.counts().received).toBe(1)
  } finally {
    await Promise.all([target.close(), other.close(), rm(folder, { recursive: true, force: true })])
  }
})
