import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { runInChild } from '../../targets/child.ts'

const program = join(import.meta.dirname, 'programs/idle-users.ts')

test(
  'an idle user that shares no connection costs at most 40 KiB of resident memory',
  { timeout: 150_000 },
  async () => {
    const target = await runInChild('counting-target.ts')
    try {
      const measure = async (users: number): Promise<{ rssMb: number; requests: number }> => {
        const { stdout } = await promisify(execFile)(process.execPath, [
          '--expose-gc',
          // The young generation grows with the allocation rate and shrinks late. Idle users do not need this memory, so the test keeps the young
          // generation small.
          '--max-semi-space-size=1',
          program,
          target.origin,
          String(users),
        ])
        return JSON.parse(stdout) as { rssMb: number; requests: number }
      }
      // Memory that the heap has not returned yet can only increase the measured value, so the lowest of three values is the most accurate.
      const [bases, fulls] = [[], []] as [number[], number[]]
      for (let k = 0; k < 3; k++) {
        const [base, full] = await Promise.all([measure(10), measure(900)])
        expect([base.requests, full.requests]).toEqual([900, 900])
        bases.push(base.rssMb)
        fulls.push(full.rssMb)
      }
      const perUserKiB = ((Math.min(...fulls) - Math.min(...bases)) * 1024) / 890
      expect(perUserKiB).toBeLessThanOrEqual(40)
    } finally {
      await target.close()
    }
  },
)
