import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { emptyWorkerCell } from '../../../../../core/window/window.ts'
import { Health } from '../../../../../functions/worker/engine/health/health.ts'
import { keepCoresBusy } from '../../../../targets/measuring/busy-cores.ts'

test.runIf(existsSync('/proc/thread-self/schedstat'))(
  'a worker that competes with other processes for cores reports the fraction of time in which the worker waited for a core',
  async () => {
    const busy = await keepCoresBusy()
    const health = new Health()
    try {
      const cell = emptyWorkerCell(0, 1)
      while (cell.coreWaitShare < 0.05) {
        const endMs = performance.now() + 200
        while (performance.now() < endMs);
        health.report(cell)
      }
      expect(cell.coreWaitShare).toBeLessThan(1)
    } finally {
      health.close()
      await busy.close()
    }
  },
)
