import type { Departure } from '../handover/departure.ts'
import { packUser } from '../handover/pack.ts'
import type { SimulatedUser } from '../users/simulated-user.ts'
import type { ExecutorContext } from './executor.ts'

/** Who brings a user to life. */
interface LifeHost {
  readonly engine: ExecutorContext
  /** Whether a user has iterations and data left. */
  readonly mayGoOn: (index: number) => boolean
  readonly iterated: (index: number) => void
  /** Set when the worker hands its users over. */
  readonly departure: () => Departure | undefined
}

/** One life of a user, or the rest of one that began in another worker: `carried` ones go on at `dueMs`. */
export async function live(
  user: SimulatedUser,
  host: LifeHost,
  { dueMs, carried }: { dueMs: number; carried: boolean },
): Promise<void> {
  if (carried) await user.rest.for(dueMs - host.engine.clock.nowMs())
  if (!user.started) await begin(user, host, dueMs)
  if (user.started) await act(user, host)
  if (!isHandedOver(user, host)) await user.leave()
}

async function begin(user: SimulatedUser, { engine }: LifeHost, dueMs: number): Promise<void> {
  await user.start(dueMs)
  if (!user.started) return
  engine.userCodeRan()
  engine.begun(user)
}

/** Iterations and the pauses between them, until it is to stop, or to be handed over. */
async function act(user: SimulatedUser, { engine, mayGoOn, iterated }: LifeHost): Promise<void> {
  while (!user.stopping && !user.rest.departing && mayGoOn(user.index)) {
    await user.iterate()
    engine.userCodeRan()
    iterated(user.index)
    if (mayGoOn(user.index)) await user.waitBetween()
  }
}

/** False when it ends here; if it cannot be handed over although its worker is, it begins anew in the next one. */
function isHandedOver(user: SimulatedUser, { engine, mayGoOn, departure }: LifeHost): boolean {
  if (!user.rest.departing || user.stopping || !mayGoOn(user.index)) return false
  const carried = packUser(user, engine, engine.clock.nowMs())
  if (typeof carried === 'string') {
    engine.notice(`users of class ${user.userClass.name} begin anew when their worker hands over: ${carried}`)
    return false
  }
  if (!departure()?.carried(user.index, carried)) return false
  user.end()
  return true
}
