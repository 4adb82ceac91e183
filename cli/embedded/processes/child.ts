import { parentOver } from './child-environment.ts'
import { type PreparedStage, type ToChild, type ToParent, sendable } from './ipc.ts'
import { workFolderVariable } from '../../../functions/files/temporary.ts'
import type { StageHandler } from './stage-handlers.ts'

let orders = 0

/**
 * The program of the process of a stage. When the parent ends for any reason, the channel closes, and this process ends. During an order it ends
 * itself with a signal, because `process.exit()` waits for threads, and a thread with users may be in a call that does not return.
 */
process.on('disconnect', () => (orders > 0 ? process.kill(process.pid, 'SIGKILL') : process.exit()))

const parent = parentOver(write)

process.on('message', (message: ToChild) => {
  if (message.kind === 'run') void run(message)
  else if (message.kind === 'prepare') void prepare(message.stage)
  else parent.settle(message)
})

async function run(order: Extract<ToChild, { kind: 'run' }>): Promise<void> {
  orders++
  if (order.workFolder !== undefined) process.env[workFolderVariable] = order.workFolder
  try {
    const { stages } = (await import(order.stages)) as { stages: Record<string, StageHandler> }
    const handler = stages[order.stage]
    if (!handler) throw new Error(`there is no stage ${order.stage}`)
    write({ kind: 'done', value: await handler(order.event, parent.environment(order)) })
  } catch (error) {
    write({ kind: 'failed', error: sendable(error) })
  } finally {
    orders--
  }
}

async function prepare(stage: PreparedStage): Promise<void> {
  try {
    const { load } = await import('./stage-handlers.ts')
    await load[stage]()
  } catch {
    // Ignored, because the order causes the same error later and reports it.
  }
}

function write(message: ToParent): void {
  process.send?.(message, undefined, {}, (error) => {
    // The parent has ended, so the message is dropped.
    if (error) process.exit(1)
  })
}
