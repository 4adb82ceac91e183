import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { Children, type Ended } from '../../../../cli/embedded/processes/children.ts'
import { FileStore } from '../../../../cli/embedded/file-store.ts'
import type { QueueMessage } from '../../../../functions/ports.ts'
import { isAlive } from '../../../alive.ts'

const here = (name: string): URL => new URL(name, import.meta.url)
let folder: string
let store: FileStore
let children: Children
let sent: QueueMessage[]
let printed: string[]
let logged: [string, unknown][]
let waiting: ((ended: Ended) => void)[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'burst-children-'))
  store = new FileStore(folder)
  sent = []
  printed = []
  logged = []
  waiting = []
  children = new Children(
    {
      store,
      queue: { send: async (messages) => void sent.push(...messages) },
      build: 'build 1',
      stages: here('../tiny-stages.ts').href,
      log: (event, fields) => logged.push([event, fields]),
      print: (line) => printed.push(line),
    },
    (ended) => waiting.shift()?.(ended),
  )
})
afterEach(async () => {
  await children.end(0)
  rmSync(folder, { recursive: true, force: true })
})

/** Invokes the worker stage and waits until it ends. */
async function ended(act: string): Promise<Ended> {
  const end = new Promise<Ended>((resolve) => waiting.push(resolve))
  await children.invoke('worker', { run: 'r1', slice: 3, act })
  return end
}

describe('a stage in a separate process', () => {
  test('a stage in a separate process uses the store, queue, invoker, log and build of its parent process', async () => {
    expect((await ended('ports')).error).toBeNull()
    expect((await store.get('seen'))?.body).toBe(JSON.stringify(['string', null, 'one', null, ['a/x']]))
    expect(sent).toEqual([{ id: 'm', group: 'r1#0', body: 'message' }])
    expect(logged).toEqual([['seen', { build: 'build 1' }]])
  })

  test('objects of many megabytes can be read and written from a separate process', async () => {
    expect((await ended('large')).error).toBeNull()
    expect((await store.get('same'))?.body).toBe('true')
  })

  test('the parent process receives the text that a stage prints', async () => {
    await ended('prints')
    await vi.waitFor(() => expect(printed).toEqual(['hello from a stage']))
  })

  test.for([
    ['throws', 'the shop is shut'],
    ['exits', 'its process ended with exit code 7'],
    ['crashes', 'its process ended with exit code 1: TypeError: bolt from the blue'],
    ['dies', 'its process was killed by SIGKILL'],
    ['hoards', 'its process ran out of memory'],
    ['badKey', 'no key: "../../etc/passwd"'],
  ] as const)('a stage that %s is reported as a failed invocation with one sentence', async ([act, sentence]) => {
    expect((await ended(act)).error?.message).toBe(sentence)
    expect(await children.failed('r1')).toEqual([
      { stage: 'worker', event: { run: 'r1', slice: 3, act }, at: expect.any(Number), error: sentence },
    ])
    expect(await children.failed('other')).toEqual([])
  })

  test('no process remains after a stage has ended', async () => {
    await ended('pid')
    const [key] = await store.list('pids/')
    await vi.waitFor(() => expect(isAlive(Number(key?.slice(5)))).toBe(false))
    await vi.waitFor(() => expect(children.pids).toEqual([]))
  })

  test('a stage counts as ended even if a process that it started keeps its output open', async () => {
    expect((await ended('leaves')).error).toBeNull()
    await children.end(60_000)
    const [left = ''] = (await store.list('left/')).map((key) => key.slice(5))
    expect(isAlive(Number(left))).toBe(true)
    process.kill(Number(left), 'SIGKILL')
  })

  test('a stage that does not end is killed after its time limit', async () => {
    await children.invoke('worker', { run: 'r1', act: 'endless' })
    await vi.waitFor(async () => expect(await store.list('pids/')).toHaveLength(1), 10_000)
    const pids = children.pids
    expect(pids.map(isAlive)).toEqual([true])
    await children.end(10)
    expect(pids.map(isAlive)).toEqual([false])
  })
})

describe('merging', () => {
  const batch = (id: string, body = ''): Parameters<Children['merge']>[0] => ({
    Records: [{ messageId: id, body, attributes: { MessageGroupId: 'r1#0' } }],
  })
  const pidOf = async (id: string): Promise<string | undefined> => (await store.get(`merged/${id}`))?.body

  test('the next batch is merged by the same process', async () => {
    expect(await children.merge(batch('a'))).toEqual({ batchItemFailures: [] })
    await children.merge(batch('b'))
    expect(await pidOf('a')).toBe(await pidOf('b'))
  })

  test('merging uses at most two processes', async () => {
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map(async (id) => children.merge(batch(id))))
    const pids = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(pidOf))
    expect(new Set(pids).size).toBe(2)
  })

  test('when a process has died, another process continues the merging', async () => {
    await children.merge(batch('a'))
    await expect(children.merge(batch('b', 'die'))).rejects.toThrow('exit code 3')
    await children.merge(batch('c'))
    expect(await pidOf('c')).not.toBe(await pidOf('a'))
  })
})

test.skipIf(process.platform === 'win32')('no process outlives a parent that is killed', async () => {
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  const script = fileURLToPath(here('../parent-that-dies.ts'))
  const env = { ...process.env, BURST_TEST_PIPE: pipe }
  const parent = spawn(process.execPath, [script, folder], { stdio: 'inherit', env })
  await vi.waitFor(async () => expect(await store.list('pids/')).toHaveLength(2), 20_000)
  const pids = (await store.list('pids/')).map((key) => Number(key.slice(5)))
  expect(pids.map(isAlive)).toEqual([true, true])
  parent.kill('SIGKILL')
  await vi.waitFor(() => expect(pids.map(isAlive)).toEqual([false, false]), 10_000)
})
