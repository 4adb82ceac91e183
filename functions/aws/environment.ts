import { BurstError } from '../../core/errors.ts'
import type { Environment, Invoker, Queue, Store } from '../ports.ts'
import { anchoredClock } from '../clock.ts'
import { type LogContext, logLine } from './log.ts'
import { setting } from './client-settings.ts'

/** The memory of the function, in megabytes. Lambda sets the environment variable; an emulator may omit it. */
const functionMemoryMb = Number(process.env['AWS_LAMBDA_FUNCTION_MEMORY_SIZE'] ?? 0)

/** Lambda passes a context to each handler. These are the fields of the context that burst uses. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number
}

/** The AWS services that one function uses. A function has clients only for the services that it has permission to use. */
export interface AwsPorts {
  store: Store
  queue?: Queue
  invoker?: Invoker
  allow?: readonly string[]
}

/** Returns the environment of one invocation. */
export function environmentOf(ports: AwsPorts, context: InvocationContext, about: LogContext): Environment {
  const clock = anchoredClock()
  return {
    store: ports.store,
    queue: ports.queue ?? { send: async () => absent('queue') },
    invoker: ports.invoker ?? { invoke: async () => absent('invoker'), failed: async () => absent('invoker') },
    // Each invocation has a new anchor for the clock, because Lambda freezes the process between two invocations.
    clock,
    build: setting('BURST_BUILD'),
    ...(ports.allow && { allow: ports.allow }),
    ...(functionMemoryMb > 0 && { memoryMb: functionMemoryMb }),
    remainingMs: () => context.getRemainingTimeInMillis(),
    log: (event, fields = {}) => {
      process.stdout.write(`${logLine(about, event, fields, clock.nowMs())}\n`)
    },
  }
}

/** Returns the items of a list that the stack wrote as a string, for example `a,*.b`. */
export function listIn(text: string): string[] {
  return text.split(',').filter(Boolean)
}

function absent(port: string): never {
  throw new BurstError('bug', `this stage has no ${port}`)
}
