import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { anchorNow } from '../../../../functions/clock.ts'
import { FileStore } from '../../../../cli/embedded/file-store.ts'
import { Children } from '../../../../cli/embedded/processes/children.ts'
import { PreparedProcesses } from '../../../../cli/embedded/processes/prepared-processes.ts'
import { isAlive } from '../../../alive.ts'

let folder: string
let prepared: PreparedProcesses

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'burst-prepared-'))
  prepared = new PreparedProcesses(['coordinator', 'worker'])
})
afterEach(() => {
  prepared.close()
  rmSync(folder, { recursive: true, force: true })
})

test('a prepared process is used once, and only for the stage for which it was prepared', () => {
  const worker = prepared.take('worker')
  expect(worker?.pid).toBeGreaterThan(0)
  expect(prepared.take('worker')).toBeUndefined()
  const coordinator = prepared.take('coordinator')
  expect(coordinator?.pid).not.toBe(worker?.pid)
  expect(prepared.take('coordinator')).toBeUndefined()
  worker?.disconnect()
  coordinator?.disconnect()
})

test('if a run needs fewer processes than were prepared, the surplus processes end before the run ends', async () => {
  const pids = prepared.pids
  prepared.limit('worker', 1)
  expect(prepared.pids).toEqual(pids)
  prepared.limit('worker', 0)
  expect(prepared.pids).toEqual(pids.slice(0, 1))
  await vi.waitFor(() => expect(pids.map(isAlive)).toEqual([true, false]), 20_000)
})

test('a prepared process that has already ended is not used, and unused processes end when the pool is closed', async () => {
  const pids = prepared.pids
  expect(pids).toHaveLength(2)
  process.kill(pids[1] as number, 'SIGKILL')
  await vi.waitFor(() => expect(isAlive(pids[1] as number)).toBe(false), 20_000)
  await vi.waitFor(() => expect(prepared.pids).toHaveLength(1), 20_000)
  expect(prepared.take('worker')).toBeUndefined()
  prepared.close()
  await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), 20_000)
})

test('a prepared process runs its stage in the work folder of the run, and an unused process ends when the run ends', async () => {
  const ends: (Error | null)[] = []
  const ended = Promise.withResolvers<void>()
  const children = new Children(
    {
      store: new FileStore(folder),
      queue: { send: async () => undefined },
      build: 'build 1',
      anchor: anchorNow(),
      stages: new URL('../tiny-stages.ts', import.meta.url).href,
      workFolder: folder,
      prepared,
      log: () => undefined,
      print: () => undefined,
    },
    ({ error }) => {
      ends.push(error)
      ended.resolve()
    },
  )
  await children.invoke('worker', { run: 'r1', slice: 3, act: 'ports' })
  const { pids } = children
  expect(pids).toHaveLength(1)
  await ended.promise
  expect(ends).toEqual([null])
  const others = prepared.pids
  await children.end(2000)
  expect(pids.filter(isAlive)).toEqual([])
  await vi.waitFor(() => expect(others.filter(isAlive)).toEqual([]), 20_000)
})
