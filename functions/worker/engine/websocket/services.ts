import type { UserRuntime } from '../../../../core/authoring/runtime.ts'
import type { Accounts } from '../counting/accounts.ts'
import type { Harm } from '../counting/harm.ts'
import type { Counts } from '../counting/recorder.ts'
import type { Connections } from '../http/connection/connections.ts'
import type { ConnectionMaker } from '../http/connection/connector.ts'
import type { Cookies } from '../http/cookies.ts'
import type { Deadlines } from '../http/deadlines.ts'
import type { Meter } from '../http/meter.ts'
import type { Redirects } from '../http/redirects/allowed-redirects.ts'
import type { TraceEvent } from '../protocol.ts'
import type { EventHook } from '../event-hook.ts'
import type { ReadyQueue } from '../scheduling/ready-queue.ts'
import type { SocketOwner } from '../users/context.ts'

/** The services that the connections of all users share. */
export interface SocketServices {
  readonly ready: ReadyQueue
  readonly accounts: Accounts
  readonly recorder: Counts
  readonly maker: ConnectionMaker
  readonly deadlines: Deadlines
  readonly harm: Harm
  readonly events: EventHook | null
  readonly meter: Meter
  readonly redirects: Redirects
  readonly trace: ((event: TraceEvent) => void) | null
  asUser<T>(user: UserRuntime, body: () => T): T
}

/** The services of one connection. */
export interface SocketContext extends SocketServices {
  readonly user: SocketOwner
  readonly cookies: Cookies
  readonly connections: Connections
}
