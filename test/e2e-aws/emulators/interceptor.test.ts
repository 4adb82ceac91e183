import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { expect, test } from 'vitest'
import { ended, listening } from '../../targets/server.ts'
import { startInterceptor } from './interceptor.ts'

test('if no function makes the expected call, kill() fails with an error that contains the pattern', async () => {
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

test('if the first search does not find the process that makes the call, kill() repeats the search', async () => {
  let searches = 0
  const processesOf = async (): Promise<number[]> => (++searches === 1 ? [] : [caller.pid ?? 0])
  const calls = await startInterceptor({ endpoint: 'http://127.0.0.1:9', processesOf })
  const code = `fetch('${calls.endpoint}/claims/0-0', { method: 'PUT', headers: { 'user-agent': 'app/burst-worker' } })`
  const killed = calls.kill(/^burst-worker PUT .*\/claims\//, 'before')
  const caller = spawn(process.execPath, ['--eval', code])
  try {
    const exit = once(caller, 'exit')
    expect(await killed).toBe(caller.pid)
    expect(await exit).toEqual([null, 'SIGKILL'])
    expect(searches).toBe(2)
  } finally {
    caller.kill()
    await calls.close()
  }
})

test('if the function closes the connection before the interceptor finds the process of the function, kill() applies to the next attempt of the same call', async () => {
  let isSearched = false
  const processesOf = async (): Promise<number[]> => {
    if (isSearched) return [caller.pid ?? 0]
    isSearched = true
    caller.stdin.write('try again')
    await once(caller.stdout, 'data')
    return []
  }
  const calls = await startInterceptor({ endpoint: 'http://127.0.0.1:9', processesOf })
  const killed = calls.kill(/^burst-worker PUT .*\/claims\//, 'before')
  const code = `const ask = (signal) =>
  fetch('${calls.endpoint}/claims/0-0', { method: 'PUT', headers: { 'user-agent': 'app/burst-worker' }, signal })
const first = new AbortController()
ask(first.signal).catch(() => console.log('closed')).then(() => ask())
process.stdin.once('data', () => first.abort())`
  const caller = spawn(process.execPath, ['--input-type=module', '--eval', code])
  try {
    const exit = once(caller, 'exit')
    expect(await killed).toBe(caller.pid)
    expect(await exit).toEqual([null, 'SIGKILL'])
  } finally {
    caller.kill()
    await calls.close()
  }
})
