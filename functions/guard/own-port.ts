import { syncBuiltinESMExports } from 'node:module'
import workerThreads, { MessageChannel, type MessagePort } from 'node:worker_threads'

/**
 * Returns the port to the thread that started this thread. Gives the code of the scenario a different `parentPort`, which is not connected to any
 * thread. Some libraries send messages to `parentPort` when they run in a thread, and burst must not mistake these messages for its own.
 * @throws Error in the main thread, which no other thread started
 */
export function takeParentPort(): MessagePort {
  const { parentPort } = workerThreads
  if (!parentPort) throw new Error('this code must run in a worker thread')
  Reflect.set(workerThreads, 'parentPort', new MessageChannel().port1)
  syncBuiltinESMExports()
  // Messages of burst must arrive even if the scenario replaces the `postMessage` of all ports.
  Reflect.defineProperty(parentPort, 'postMessage', { value: parentPort.postMessage.bind(parentPort) })
  return parentPort
}
