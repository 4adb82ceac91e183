import * as v from 'valibot'
import { runName } from '../../../core/input/bounds.ts'

const short = v.pipe(
  v.string(),
  v.transform((text) => text.slice(0, 200)),
)

/** The fields of a plan that the list of runs shows. The plan may be from another build, so its other fields are not read. */
const listedPlanSchema = v.object({
  run: v.pipe(v.string(), v.regex(runName)),
  name: short,
  createdAt: v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e15)),
  host: short,
  users: v.pipe(v.number(), v.minValue(0)),
})
export type ListedPlan = v.InferOutput<typeof listedPlanSchema>

/** Returns the listed fields of a stored plan; undefined if the plan is damaged, so that the list still shows the other runs. */
export function listedPlan(body: string): ListedPlan | undefined {
  const { output, success } = v.safeParse(v.pipe(v.string(), v.parseJson(), listedPlanSchema), body)
  return success ? output : undefined
}
