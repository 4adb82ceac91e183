import * as v from 'valibot'
import { moment, runName } from '../../../core/input/bounds.ts'

/** A string from a file, cut to the length that the list shows. */
export const short = v.pipe(
  v.string(),
  v.transform((text) => text.slice(0, 200)),
)

/**
 * The fields of a plan that the list of runs shows. burst does not read any other field of the plan, because the plan may come from another build.
 */
const listedPlanSchema = v.object({
  run: v.pipe(v.string(), v.regex(runName)),
  name: short,
  createdAt: moment,
  host: short,
  users: v.pipe(v.number(), v.minValue(0)),
})
export type ListedPlan = v.InferOutput<typeof listedPlanSchema>

/** Returns the listed fields of a stored plan; undefined if the plan is damaged, so that the list still shows the other runs. */
export function listedPlan(body: string): ListedPlan | undefined {
  const { output, success } = v.safeParse(v.pipe(v.string(), v.parseJson(), listedPlanSchema), body)
  return success ? output : undefined
}
