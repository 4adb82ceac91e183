import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CoreWait } from '../../../../../functions/worker/engine/health/core-wait.ts'
import { keepCoresBusy } from '../../../../targets/measuring/busy-cores.ts'

/** The kernel updates the CPU time of a running thread only at its clock ticks, which are at most 10 ms apart. */
const tickMs = 10

test.runIf(existsSync('/proc/thread-self/schedstat'))(
  'the wait for a core grows while other processes use all cores, and never exceeds the time for which the thread did not run',
  async () => {
    const busy = await keepCoresBusy()
    try {
      const wait = new CoreWait()
      const [startMs, cpuMs] = [performance.now(), ownCpuMs()]
      const before = wait.totalMs(startMs)
      let grownMs = 0
      while (grownMs < 50) grownMs = wait.totalMs(performance.now()) - before
      const withoutCpuMs = performance.now() - startMs - (ownCpuMs() - cpuMs)
      expect(grownMs).toBeLessThanOrEqual(withoutCpuMs + tickMs)
    } finally {
      await busy.close()
    }
  },
)

function ownCpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}
