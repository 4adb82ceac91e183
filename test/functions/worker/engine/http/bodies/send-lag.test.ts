import { expect, test } from 'vitest'
import { startHttp2Target } from '../../../../../targets/http2-target.ts'
import { tlsFixture } from '../../../../../targets/tls-target.ts'
import { runSlice } from '../../../slice-run.ts'

/**
 * The time, in milliseconds, that the scenario needs for the beginning of a body. This time is much longer than any delay that burst causes, even on
 * a busy machine.
 */
const producedMs = 1_500

const scenario = (host: string, http2: boolean): string => `
import { HttpUser, scenario, task } from 'burst'
const pause = () => new Promise((go) => setTimeout(go, ${producedMs}))
class SlowBlob extends Blob {
  async arrayBuffer() {
    await pause()
    return super.arrayBuffer()
  }
}
class U extends HttpUser {
  @task async all() {
    await this.http.get('/first')
    await this.http.post('/stream', { body: async function* () { await pause(); yield 'a'; yield 'b' } })
    await this.http.post('/nothing', { body: async function* () { await pause() } })
    await this.http.post('/blob', { body: new SlowBlob(['c']) })
    await this.http.post('/form', { multipart: { part: new SlowBlob(['d']) } })
  }
}
export default scenario({ host: '${host}', users: [U], http2: ${http2}, tls: { ca: 'ca.pem' } })`

test.for([
  ['HTTP/1.1', false],
  ['HTTP/2', true],
] as const)(
  'over %s, the time in which the scenario produces the body of a request is neither lag nor timing error of the generator',
  { timeout: 90_000 },
  async ([, http2], { onTestFinished }) => {
    const target = await startHttp2Target({ allowHTTP1: true })
    onTestFinished(() => target.close())
    const { window } = await runSlice({
      scenario: scenario(target.origin, http2),
      host: target.origin,
      files: { 'ca.pem': tlsFixture('ca.pem') },
      options: { users: 1, iterations: 1, runTimeMs: 60_000 },
    })
    expect([...window.exceptions.values(), ...window.errors.values()]).toEqual([])
    expect([...window.protocols.values()].map(({ protocol }) => protocol)).toEqual(http2 ? ['HTTP/2'] : [])
    const workers = [...window.workers.values()]
    expect(workers.reduce((sum, { sendLag }) => sum + sendLag.count, 0)).toBe(5)
    for (const { lag, sendLag, timingError } of workers) {
      expect(Math.max(lag.maxUs, sendLag.maxUs, timingError.maxUs)).toBeLessThan((producedMs * 1000) / 2)
    }
  },
)
