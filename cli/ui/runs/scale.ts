import * as v from 'valibot'
import type { Wanted } from '../../../core/fleet/changes/scale.ts'
import type { FieldError } from '../../../core/report/live/ui-protocol.ts'
import { BurstError } from '../../../core/errors.ts'
import { type ScaleFlags, wantedLoad } from '../../flags/wanted-load.ts'
import { scaleKnownRun } from '../../local-runs/scale.ts'
import { knownRun } from '../../local-runs/run-folder.ts'
import { Refused, bodyAs, fieldError, fieldErrorsOf, refused, sendJson } from '../serving/answers.ts'
import { CostNotAccepted } from './cost-not-accepted.ts'
import type { Call } from '../serving/routes.ts'
import type { Workshop } from '../workshop.ts'

const typed = v.pipe(v.string(), v.maxLength(100), v.trim())
const scaleBody = v.strictObject({
  model: v.picklist(['users', 'arrivals']),
  level: typed,
  over: v.optional(typed, ''),
  spawnRate: v.optional(typed, ''),
  /** `true` if the user has accepted the cost. */
  agreed: v.optional(v.boolean(), false),
})
type ScaleForm = v.InferOutput<typeof scaleBody>

/** Changes the load of a run in progress, as `burst scale` does. */
export async function scale({ cloud }: Workshop, { parts, body, response }: Call): Promise<void> {
  const { run = '' } = parts
  const form = bodyAs(scaleBody, body)
  const wanted = wantedIn(form)
  const scaled = await asProblems(scaledWhereItRuns(cloud, run, { wanted, agreed: form.agreed }))
  if (scaled === undefined) throw refused(404, `run ${run} is not in progress`)
  sendJson(response, 202, { scaled })
}

/**
 * Returns a message about the change. Returns undefined if the run is on this machine but not in progress, or if it is not on this machine and no
 * stack is configured.
 */
async function scaledWhereItRuns(
  cloud: Workshop['cloud'],
  run: string,
  { wanted, agreed }: { wanted: Wanted; agreed: boolean },
): Promise<string | undefined> {
  const known = await knownRun(run)
  if (known) return known.active ? scaleKnownRun(known, wanted) : undefined
  return cloud?.scale(run, wanted, agreed)
}

/** Returns the load that the form requests. Checks it with the rules of the command line. The errors name the fields of the form. */
function wantedIn({ model, level, over, spawnRate }: ScaleForm): Wanted {
  const flagOfLevel = model === 'users' ? 'users' : 'rate'
  const timing: ScaleFlags = { ...(over !== '' && { over }), ...(spawnRate !== '' && { spawnRate }) }
  const problems = [
    ...problemOf('level', { [flagOfLevel]: level }),
    ...('over' in timing ? problemOf('over', { users: '1', over }) : []),
    ...('spawnRate' in timing ? problemOf('spawnRate', { users: '1', spawnRate }) : []),
  ]
  if (problems.length > 0) throw new Refused(422, problems)
  return wantedLoad({ [flagOfLevel]: level, ...timing })
}

function problemOf(field: string, flags: ScaleFlags): FieldError[] {
  return fieldErrorsOf(field, () => wantedLoad(flags))
}

/**
 * Converts a BurstError to a Refused (422) for a field of the form: `agreed` if the user has not accepted the cost yet, otherwise `level`. For
 * `agreed`, the message is the question about the cost.
 */
async function asProblems<T>(scaling: Promise<T>): Promise<T> {
  try {
    return await scaling
  } catch (error) {
    if (!(error instanceof BurstError)) throw error
    throw new Refused(422, [fieldError(error instanceof CostNotAccepted ? 'agreed' : 'level', error)])
  }
}
