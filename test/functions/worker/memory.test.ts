import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { runInChild } from '../../targets/child.ts'

const program = join(import.meta.dirname, 'idle-users.ts')

// What the heap has not given back only ever adds to what is measured: the bound has to be kept once in four tries.
test('an idle user with a connection of its own costs at most 40 KiB of resident memory', { retry: 3 }, async () => {
  const target = await runInChild('counting-target.ts')
  try {
    const measure = async (users: number): Promise<{ rssMb: number; samples: number; requests: number }> => {
      const { stdout } = await promisify(execFile)(process.execPath, [
        '--expose-gc',
        program,
        target.origin,
        String(users),
      ])
      return JSON.parse(stdout) as { rssMb: number; samples: number; requests: number }
    }
    // Resident memory is what the system happens to have taken back; the least of two is closer to what is needed.
    const [base, full, baseAgain, fullAgain] = [
      ...(await Promise.all([measure(10), measure(900)])),
      ...(await Promise.all([measure(10), measure(900)])),
    ] as const
    for (const one of [base, full, baseAgain, fullAgain]) {
      expect(one.requests).toBe(900)
      expect(one.samples).toBeGreaterThanOrEqual(3)
    }
    const perUserKiB = ((Math.min(full.rssMb, fullAgain.rssMb) - Math.min(base.rssMb, baseAgain.rssMb)) * 1024) / 890
    expect(perUserKiB).toBeLessThanOrEqual(40)
  } finally {
    await target.close()
  }
})
