import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'

/** The busy processes end after this time, even if the test does not close them. */
const longestMs = 120_000

/** Keeps every core of the machine busy until `close` is called. Starts one process for each core; these processes never wait. */
export async function keepCoresBusy(): Promise<{ close(): Promise<void> }> {
  const code = `process.stdout.write('busy'); const end = performance.now() + ${longestMs}; while (performance.now() < end);`
  const children = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] }),
  )
  await Promise.all(children.map((child) => once(child.stdout, 'data')))
  return { close: async () => void (await Promise.all(children.map(end))) }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
