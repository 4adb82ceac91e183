import { syncBuiltinESMExports } from 'node:module'
import workerThreads, { MessageChannel, type MessagePort } from 'node:worker_threads'

/**
 * Returns the port to the thread that started this thread, and gives the code of the scenario another `parentPort`, which leads to no thread. Libraries
 * send messages to `parentPort` when they find that they run in a thread, and burst must not take these messages for its own.
 * @throws Error in the main thread, which has no such port
 */
export function takeParentPort(): MessagePort {
  const { parentPort } = workerThreads
  if (!parentPort) throw new Error('this code runs in a worker thread')
  Reflect.set(workerThreads, 'parentPort', new MessageChannel().port1)
  syncBuiltinESMExports()
  return parentPort
}
