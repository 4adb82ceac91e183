import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'

/** A target in a separate process, so that the target and the test do not slow each other down. */
export interface ChildTarget {
  origin: string
  pid: number
  /** Calls the function `what` of the target (`counts`, `truth` …) without arguments, and resolves with the result. */
  ask<T>(what: string): Promise<T>
  close(): Promise<void>
}

/**
 * Starts the module of a target as a child process, and passes `options` to the target. Example:
 * `await runInChild('measuring/exact-delay-target.ts')`. The module must call `serveParent` when it is run as a program.
 */
export async function runInChild(module: string, options: unknown = {}, execArgv: string[] = []): Promise<ChildTarget> {
  const child = fork(new URL(module, import.meta.url), [JSON.stringify(options)], {
    serialization: 'advanced',
    execArgv,
  })
  const { origin } = await reply<{ origin: string }>(child)
  return {
    origin,
    pid: child.pid ?? 0,
    ask: (what) => {
      child.send(what)
      return reply(child)
    },
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}

/** Resolves with the value of the next message of the child, and rejects when the child ends. Only one call may be pending at a time. */
function reply<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null, signal: string | null): void =>
      reject(new Error(`the target ended: ${code ?? signal}`))
    child.once('exit', ended)
    child.once('message', (message) => {
      child.off('exit', ended)
      resolve((message as { value: T }).value)
    })
  })
}

/**
 * Runs in the child: starts the target, sends its origin to the parent, and answers each call of `ask`. Ends the child when the parent disconnects.
 */
export async function serveParent(
  start: (options: object) => Promise<{ origin: string; close(): Promise<void> }>,
): Promise<void> {
  const target = await start(JSON.parse(process.argv[2] ?? '{}'))
  process.on('SIGINT', () => undefined)
  process.once('disconnect', () => void target.close().then(() => process.exit(0)))
  process.on('message', (what) => {
    const asked: unknown = Reflect.get(target, String(what))
    if (typeof asked !== 'function') throw new Error(`the target has no ${String(what)}()`)
    void Promise.resolve(asked.call(target)).then((value) => process.send?.({ value }))
  })
  process.send?.({ value: { origin: target.origin } })
}
