import { expect, test } from 'vitest'
import { type RawAnswer, startRawTarget } from '../../../../../targets/raw/raw-target.ts'
import { failuresOf, rowOf } from '../../counted.ts'
import { runSlice } from '../../../slice-run.ts'

const redirectTo =
  (...locations: string[]): RawAnswer =>
  (_, socket) =>
    socket.write(
      `HTTP/1.1 302 Found\r\n${locations.map((one) => `Location: ${one}\r\n`).join('')}Content-Length: 0\r\n\r\n`,
    )

const scenario = (host: string): string => `
import { HttpUser, scenario, task } from 'burst'
class U extends HttpUser {
  @task async all() {
    for (const path of ['/none', '/empty', '/blank', '/both']) await this.http.get(path).check(path, ({ status }) => status === 302)
  }
}
export default scenario({ host: '${host}', users: [U] })`

test('a redirect with a missing or empty location is the final response and is not followed', async () => {
  const target = await startRawTarget({
    '/none': redirectTo(),
    '/empty': redirectTo(''),
    '/blank': redirectTo('  ', ''),
    '/both': redirectTo('', '/end'),
    '/end': (_, socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'),
  })
  try {
    const result = await runSlice({
      scenario: scenario(target.origin),
      host: target.origin,
      options: { users: 1, iterations: 1, runTimeMs: 60_000 },
    })
    for (const path of ['/none', '/empty', '/blank']) {
      expect(failuresOf(result, path)).toEqual([])
      expect(rowOf(result, path)).toMatchObject({ exchanges: 1, failures: 0, statuses: new Map([[302, 1]]) })
    }
    expect(rowOf(result, '/both')).toMatchObject({ exchanges: 2, failures: 0, statuses: new Map([[200, 1]]) })
    expect(target.received.map(({ path }) => path)).toEqual(['/none', '/empty', '/blank', '/both', '/end'])
  } finally {
    await target.close()
  }
}, 60_000)
