import type { WorkerEvent } from '../events.ts'
import type { Environment } from '../ports.ts'

/** Invocations that are on their way at the same time. */
const atOnce = 64

/** Starts a worker for each slice. Done again with the same attempt it does no harm: workers claim. */
export async function launchWorkers(
  { plan, env }: { plan: { run: string }; env: Pick<Environment, 'invoker'> },
  slices: readonly number[],
  { attempt, startAt }: { attempt: number; startAt: number },
): Promise<void> {
  const left = [...slices]
  const launchInTurn = async (): Promise<void> => {
    for (let slice = left.shift(); slice !== undefined; slice = left.shift()) {
      const event: WorkerEvent = { run: plan.run, slice, attempt, startAt }
      await env.invoker.invoke('worker', event)
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, slices.length) }, launchInTurn))
}
