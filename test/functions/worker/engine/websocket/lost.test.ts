import { afterEach, beforeEach, expect, test } from 'vitest'
import { type WebSocketTarget, startWebSocketTarget } from '../../../../targets/web-socket-target.ts'
import { runClasses } from '../../class-run.ts'

let target: WebSocketTarget
beforeEach(async () => {
  target = await startWebSocketTarget()
})
afterEach(() => target.close())

const run = (classes: string): ReturnType<typeof runClasses> => runClasses(target as never, classes)

test('messages that are still unsent when the connection is lost do not count as sent, and a task that awaits them ends', async () => {
  const { window } = await run(`class U extends HttpUser {
  @task async go() {
    const chat = await this.ws('/deaf')
    await chat.send('deaf 300')
    const large = new Uint8Array(4 * 1024 * 1024)
    // Sends until the next call is refused because too many bytes are waiting.
    const told = new Set<string>()
    const sends = Array.from({ length: 40 }, () => chat.send(large).catch((error) => told.add(error.name + ': ' + error.message)))
    await Promise.all(sends)
    await chat.expect().catch(() => undefined)
    for (const name of told) this.record({ method: 'told', name, ms: 0 })
  }
}`)
  expect([...window.exceptions.keys()]).toEqual([])
  expect([...window.metrics.keys()]).toContainEqual(expect.stringMatching(/^told TaskEnd: the message was not sent: /))
  const { count = 0, failures = 0 } = window.metrics.get('WS /deaf sent') ?? {}
  expect(failures).toBeGreaterThan(2)
  expect(window.requests.get('WS /deaf')?.bytesOut).toBe(8 + (count - failures - 1) * 4 * 1024 * 1024)
  expect(window.requests.get('WS /deaf lost')).toMatchObject({ requests: 1, failures: 1 })
})

test('close codes from 3000 to 4999 are counted under one name per thousand', async () => {
  const { window } = await run(`class U extends HttpUser {
  @task async go() {
    for (const code of [4001, 4002, 3001, 1011]) {
      const chat = await this.ws('/chat')
      void chat.send('close ' + code)
      await chat.expect().catch(() => undefined)
    }
  }
}`)
  expect([...window.metrics.keys()].filter((key) => key.includes('closed')).toSorted()).toEqual([
    'WS /chat closed 1011',
    'WS /chat closed 3xxx',
    'WS /chat closed 4xxx',
  ])
  expect(window.metrics.get('WS /chat closed 4xxx')?.count).toBe(2)
})
