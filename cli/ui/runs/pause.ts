import * as v from 'valibot'
import { BurstError } from '../../../core/errors.ts'
import { pauseKnownRun } from '../../local-runs/pause.ts'
import { knownRun } from '../../local-runs/run-folder.ts'
import type { PauseStep } from '../../run/pause-step.ts'
import { Refused, bodyAs, fieldError, refused, sendJson } from '../serving/answers.ts'
import type { Call } from '../serving/routes.ts'
import type { Workshop } from '../workshop.ts'

const noFields = v.strictObject({})

/** Pauses or continues a run in progress, like `burst pause` and `burst continue`. */
export async function takeStep(step: PauseStep, { cloud }: Workshop, { parts, body, response }: Call): Promise<void> {
  const { run = '' } = parts
  bodyAs(noFields, body)
  const words = await asProblem(stepWhereItRuns(step, run, cloud))
  if (words === undefined) throw refused(404, `run ${run} is not in progress`)
  sendJson(response, 202, { words })
}

/**
 * Returns a message about the change. Returns undefined if the run is on this machine but not in progress, or if it is not on this machine and no
 * stack is configured.
 */
async function stepWhereItRuns(step: PauseStep, run: string, cloud: Workshop['cloud']): Promise<string | undefined> {
  const known = await knownRun(run)
  if (known) return known.active ? pauseKnownRun(known, step) : undefined
  return cloud?.pause(run, step)
}

async function asProblem<T>(stepping: Promise<T>): Promise<T> {
  try {
    return await stepping
  } catch (error) {
    if (error instanceof BurstError) throw new Refused(422, [fieldError('form', error)])
    throw error
  }
}
