import { parentOver } from './child-environment.ts'
import { type ToChild, type ToParent, sendable } from './ipc.ts'
import { workFolderVariable } from '../../../functions/files/temporary.ts'
import type { StageHandler } from './stage-handlers.ts'

let orders = 0

/**
 * This file is the program of a process that runs stages for its parent process. When the parent process ends, the channel closes, and this process
 * ends too. If an order is in progress, this process kills itself with a signal, because `process.exit()` would wait for all threads, and a thread
 * with users may never return from a call.
 */
process.on('disconnect', () => (orders > 0 ? process.kill(process.pid, 'SIGKILL') : process.exit()))

const parent = parentOver(write)

process.on('message', (message: ToChild) => {
  if (message.kind === 'run') void run(message)
  else if (message.kind === 'prepare') void prepare(message)
  else parent.settle(message)
})

async function run(given: Extract<ToChild, { kind: 'run' }>): Promise<void> {
  const { order } = given
  orders++
  if (given.workFolder !== undefined) process.env[workFolderVariable] = given.workFolder
  try {
    const { stages } = (await import(given.stages)) as { stages: Record<string, StageHandler> }
    const handler = stages[given.stage]
    if (!handler) throw new Error(`there is no stage ${given.stage}`)
    write({ kind: 'done', order, value: await handler(given.event, parent.environment(given)) })
  } catch (error) {
    write({ kind: 'failed', order, error: sendable(error) })
  } finally {
    orders--
  }
}

async function prepare({ stage, expected }: Extract<ToChild, { kind: 'prepare' }>): Promise<void> {
  try {
    const { prepareStage } = await import('./stage-handlers.ts')
    await prepareStage[stage](expected)
  } catch {
    // Ignores the error, because the order will cause the same error and report it.
  }
}

function write(message: ToParent): void {
  process.send?.(message, undefined, {}, (error) => {
    // If the message cannot be sent, the parent process has ended.
    if (error) process.exit(1)
  })
}
