import { BurstError } from '../../core/errors.ts'
import type { RunPlan } from '../../core/plan.ts'
import type { FinaliseEvent, WorkerEvent } from '../events.ts'
import { keys } from '../keys.ts'
import type { Environment } from '../ports.ts'

/** One run as its coordinator carries it out: the plan, where it runs, and what is to be told in the report. */
export class Coordination {
  readonly plan: RunPlan
  readonly env: Environment
  /** Which coordinator of this run this is, from 1. */
  readonly epoch: number
  readonly events: FinaliseEvent['events'] = []
  failure: FinaliseEvent['failure'] = null
  /** Some worker may have been started by this coordinator. */
  launched = false
  /** Attempts that never began and were started again, by `slice-attempt`: nothing of theirs is missing. */
  readonly replaced = new Set<string>()

  constructor(plan: RunPlan, env: Environment, epoch: number) {
    this.plan = plan
    this.env = env
    this.epoch = epoch
  }

  /** Something that people should know. */
  tell(text: string): void {
    this.events.push({ at: this.env.clock.nowMs(), text })
    this.env.log('coordinator', { run: this.plan.run, text })
  }

  /** Notes why the run failed. The first reason is the one that counts; later ones become events. */
  fail(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error)
    const reason = error instanceof BurstError && error.reason === 'scenarioThrew' ? 'scenarioThrew' : 'runFailed'
    if (this.failure) this.tell(message)
    else this.failure = { reason, message }
    this.env.log('coordinator failed', { run: this.plan.run, message })
  }

  /** Invocations of workers that failed and were not replaced. */
  async failedWorkers(): Promise<FinaliseEvent['failed']> {
    const failures = await this.env.invoker.failed(this.plan.run)
    const ofWorkers = failures.filter((failure) => failure.stage === 'worker')
    const failed = ofWorkers.map(({ event, error }) => {
      const { slice, attempt } = event as WorkerEvent
      return { slice, attempt, error }
    })
    return failed.filter(({ slice, attempt }) => !this.replaced.has(`${slice}-${attempt}`))
  }
}

/** Takes over the coordination of a run by compare-and-swap; from then on earlier coordinators find that they are not it any more. */
export async function takeEpoch({ store }: Environment, run: string): Promise<number> {
  for (;;) {
    const stored = await store.get(keys.coordinator(run))
    const epoch = (stored ? epochIn(stored.body) : 0) + 1
    const condition = stored ? { ifMatch: stored.etag } : ({ ifAbsent: true } as const)
    const body = JSON.stringify({ v: 1, epoch })
    if ((await store.put(keys.coordinator(run), body, condition)) !== undefined) return epoch
  }
}

/** Whether another coordinator has taken over. */
export async function isSuperseded({ env, plan, epoch }: Coordination): Promise<boolean> {
  const stored = await env.store.get(keys.coordinator(plan.run))
  return stored !== undefined && epochIn(stored.body) > epoch
}

function epochIn(body: string): number {
  return (JSON.parse(body) as { epoch: number }).epoch
}
