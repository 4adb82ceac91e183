import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { anchorNow } from '../../../../functions/clock.ts'
import { Children, type ChildrenOptions, type Ended } from '../../../../cli/embedded/processes/children.ts'
import { FileStore } from '../../../../cli/embedded/file-store.ts'
import type { QueueMessage, StageName } from '../../../../functions/ports.ts'
import { isAlive } from '../../../alive.ts'

const here = (name: string): URL => new URL(name, import.meta.url)
let folder: string
let store: FileStore
let children: Children
let sent: QueueMessage[]
let printed: string[]
let logged: [string, unknown][]
let waiting: { stage: StageName; resolve: (ended: Ended) => void }[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'burst-children-'))
  store = new FileStore(folder)
  sent = []
  printed = []
  logged = []
  waiting = []
  children = childrenOf()
})
afterEach(async () => {
  await children.end(0)
  rmSync(folder, { recursive: true, force: true })
})

function childrenOf(more: Partial<ChildrenOptions> = {}): Children {
  return new Children(
    {
      store,
      queue: { send: async (messages) => void sent.push(...messages) },
      build: 'build 1',
      anchor: anchorNow(),
      stages: here('../tiny-stages.ts').href,
      log: (event, fields) => logged.push([event, fields]),
      print: (line) => printed.push(line),
      ...more,
    },
    (ended) => waiting.find(({ stage }) => stage === ended.stage)?.resolve(ended),
  )
}

/** Invokes a stage in a separate process and waits until the stage ends. */
async function ended(act: string, stage: StageName = 'worker'): Promise<Ended> {
  const end = new Promise<Ended>((resolve) => waiting.push({ stage, resolve }))
  await children.invoke(stage, { run: 'r1', slice: 3, act })
  return end
}

const pidsIn = async (): Promise<number[]> => (await store.list('pids/')).map((key) => Number(key.slice(5)))

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
    ['badKey', 'not a valid key: "../../etc/passwd"'],
  ] as const)('if a stage %s, the error message is a single sentence', async ([act, sentence]) => {
    expect((await ended(act)).error?.message).toBe(sentence)
    expect(await children.failed('r1')).toEqual([
      { stage: 'worker', event: { run: 'r1', slice: 3, act }, at: expect.any(Number), error: sentence },
    ])
    expect(await children.failed('other')).toEqual([])
  })

  test('the time of a failed invocation comes from the clock of the run, which ignores changes of the system time', async () => {
    await children.end(0)
    children = childrenOf({ anchor: { epochMs: 1_000, monotonicMs: anchorNow().monotonicMs } })
    await ended('throws')
    const [{ at } = { at: 0 }] = await children.failed('r1')
    expect(at).toBeGreaterThan(1_000)
    expect(at).toBeLessThan(1_000_000)
  })

  test('no process remains after a stage has ended', async () => {
    await ended('pid')
    const [pid = 0] = await pidsIn()
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false))
    await vi.waitFor(() => expect(children.pids).toEqual([]))
  })

  test('burst treats a stage as ended even if a process that the stage started keeps the output open', async () => {
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

describe('the process that the coordinator and the reducer share', () => {
  const batch = (id: string, body = ''): Parameters<Children['merge']>[0] => ({
    Records: [{ messageId: id, body, attributes: { MessageGroupId: 'r1#0' } }],
  })
  const pidOf = async (id: string): Promise<string | undefined> => (await store.get(`merged/${id}`))?.body

  test('the coordinator and the reducer share one process, which runs several invocations at the same time', async () => {
    const end = ended('endless', 'coordinator')
    await vi.waitFor(async () => expect(await pidsIn()).toHaveLength(1), 20_000)
    expect(await children.merge(batch('a'))).toEqual({ batchItemFailures: [] })
    await Promise.all(['b', 'c', 'd'].map(async (id) => children.merge(batch(id))))
    const [pid] = await pidsIn()
    expect(new Set(await Promise.all(['a', 'b', 'c', 'd'].map(pidOf)))).toEqual(new Set([String(pid)]))
    expect(children.pids).toEqual([pid])
    expect((await ended('pid', 'finalise')).error).toBeNull()
    expect(await pidsIn()).toEqual([pid])
    await children.end(0)
    expect((await end).error?.message).toBe('its process was killed by SIGKILL')
  })

  test('if the shared process dies, each of its invocations is reported as failed, and a new process replaces the dead one', async () => {
    const end = ended('endless', 'coordinator')
    await vi.waitFor(async () => expect(await pidsIn()).toHaveLength(1), 20_000)
    await expect(children.merge(batch('b', 'die'))).rejects.toThrow('exit code 3')
    expect((await end).error?.message).toBe('its process ended with exit code 3')
    await children.merge(batch('c'))
    expect(await pidOf('c')).not.toBe(String((await pidsIn())[0]))
  })

  test('if the coordinator and the reducer share several processes, the next invocation goes to the process with the fewest invocations', async () => {
    children = childrenOf({ sharedProcesses: 2 })
    void ended('endless', 'coordinator')
    await vi.waitFor(async () => expect(await pidsIn()).toHaveLength(1), 20_000)
    for (const id of ['a', 'b']) await children.merge(batch(id))
    const [coordinator] = await pidsIn()
    expect(await pidOf('a')).toBe(await pidOf('b'))
    expect(await pidOf('a')).not.toBe(String(coordinator))
    expect(children.pids).toHaveLength(2)
  })
})

test.skipIf(process.platform === 'win32')('no child process outlives a killed parent process', async () => {
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  const script = fileURLToPath(here('../parent-that-dies.ts'))
  const env = { ...process.env, BURST_TEST_PIPE: pipe }
  const parent = spawn(process.execPath, [script, folder], { stdio: 'inherit', env })
  await vi.waitFor(async () => expect(await store.list('pids/')).toHaveLength(2), 20_000)
  const pids = await pidsIn()
  expect(pids.map(isAlive)).toEqual([true, true])
  parent.kill('SIGKILL')
  await vi.waitFor(() => expect(pids.map(isAlive)).toEqual([false, false]), 10_000)
})
