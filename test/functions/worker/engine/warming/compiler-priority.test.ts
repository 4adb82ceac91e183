import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lowerCompilerPriority } from '../../../../../functions/worker/engine/warming/compiler-priority.ts'

test('the priority of a compiler thread is lowered even if other threads have just ended', async () => {
  // This test uses a process instead of a thread, because a test cannot restore the priority of a thread.
  const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] })
  const folder = mkdtempSync(join(tmpdir(), 'burst-threads-'))
  try {
    await once(child, 'spawn')
    // Two of the three threads have ended: the folder `0` has no file `comm`, and no process has the number 2000000000. `0` is the first name in the
    // folder, so the function must continue after an error.
    for (const thread of ['0', '2000000000', String(child.pid)]) mkdirSync(join(folder, thread))
    for (const thread of ['2000000000', String(child.pid)]) writeFileSync(join(folder, thread, 'comm'), 'V8Worker\n')
    lowerCompilerPriority(join(folder, 'missing'))
    lowerCompilerPriority(folder)
    expect(getPriority(child.pid)).toBe(Math.min(19, getPriority() + 10))
  } finally {
    child.kill()
    rmSync(folder, { recursive: true, force: true })
  }
})
