import { once } from 'node:events'
import { expect, test } from 'vitest'
import { anchorNow } from '../../../../functions/clock.ts'
import { PrintAllowance } from '../../../../cli/embedded/processes/printed-lines.ts'
import { type ProcessOptions, StageProcess, forkStage } from '../../../../cli/embedded/processes/stage-process.ts'
import type { Ports } from '../../../../cli/embedded/processes/ipc.ts'
import type { StageName } from '../../../../functions/ports.ts'

function optionsWith(ports: Ports): ProcessOptions {
  return {
    ports,
    build: 'build 1',
    anchor: anchorNow(),
    stages: new URL('../tiny-stages.ts', import.meta.url).href,
    log: () => undefined,
    printed: new PrintAllowance(() => undefined),
  }
}

test('if an invocation takes too long, its process is killed, and all other invocations in this process fail with an error that names the slow stage', async () => {
  const begun = new EventTarget()
  const ports = { put: async () => void begun.dispatchEvent(new Event('begun')) }
  const one = new StageProcess(optionsWith(ports as unknown as Ports))
  const carriedOut = async (stage: StageName, limitMs: number): Promise<unknown> =>
    one.run({ stage, event: { run: 'r1', act: 'endless' }, limitMs }).catch((error: Error) => error.message)
  const coordinator = carriedOut('coordinator', 60_000)
  await once(begun, 'begun')
  expect(one.orders).toBe(1)
  expect(await carriedOut('finalise', 100)).toBe('took longer than 100 ms')
  expect(await coordinator).toBe('its process was ended because the stage finalise took longer than 100 ms')
  expect(one.orders).toBe(0)
  await one.exited
})

test('the threads of a stage share one heap of the C library, unless MALLOC_ARENA_MAX sets a different number of heaps', async () => {
  const arenasOf = async (environment?: NodeJS.ProcessEnv): Promise<unknown> => {
    const one = new StageProcess(optionsWith({} as Ports), forkStage(environment))
    const arenas = await one.run({ stage: 'worker', event: { act: 'arenas' }, limitMs: 60_000 })
    one.release()
    await one.exited
    return arenas
  }
  const inherited = { ...process.env }
  delete inherited['MALLOC_ARENA_MAX']
  expect(await Promise.all([arenasOf(inherited), arenasOf({ ...inherited, MALLOC_ARENA_MAX: '4' })])).toEqual([
    '1',
    '4',
  ])
})
