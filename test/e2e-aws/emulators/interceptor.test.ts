import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { ended, listening } from '../../targets/server.ts'
import { startInterceptor } from './interceptor.ts'

test('a wait for a call that no function makes fails with the pattern of the call, and other calls are forwarded', async () => {
  const server = createServer((_, response) => response.end('forwarded'))
  const calls = await startInterceptor({ endpoint: await listening(server), processesOf: async () => [] }, 500)
  try {
    const never = calls.kill(/^burst-worker PUT .*\/claims\//, 'before').catch(String)
    const answer = await fetch(`${calls.endpoint}/claims/0-0`, { method: 'PUT', body: '{}' })
    expect(await answer.text()).toBe('forwarded')
    expect(await never).toBe(
      'Error: no function made a call that matches /^burst-worker PUT .*\\/claims\\// within 0.5 s',
    )
  } finally {
    await calls.close()
    await ended(server)
  }
})
