import { useEffect, useState } from 'preact/hooks'
import type { FieldError, PlanStatement, ScenarioFacts } from '../../../core/report/live/ui-protocol.ts'
import { ask, errorsOf } from '../calls.ts'
import type { Filled } from './form.ts'

/** The time in milliseconds that the page waits after a change of the form before it requests a new plan. */
const pauseMs = 350

/**
 * Returns the facts about the chosen scenario file. Returns null in three cases: no file is chosen, the server has not yet read the file, or the file
 * cannot be read.
 */
export function useScenario(file: string): ScenarioFacts | null {
  const [facts, setFacts] = useState<ScenarioFacts | null>(null)
  useEffect(() => {
    let left = false
    setFacts(null)
    if (file === '') return undefined
    // This request ignores errors in the file, because the request for the plan also reads the file and reports them.
    factsOf(file).then(
      (found) => !left && setFacts(found),
      () => !left && setFacts(null),
    )
    return () => {
      left = true
    }
  }, [file])
  return facts?.file === file ? facts : null
}

/**
 * Returns the facts about a scenario file.
 * @throws Refusal when the server cannot read the file
 */
export async function factsOf(file: string): Promise<ScenarioFacts> {
  return ask<ScenarioFacts>('/api/scenario', { file })
}

interface Made {
  /** The JSON of the form from which the plan was made. */
  of: string
  plan: PlanStatement | null
  errors: readonly FieldError[]
}

/**
 * Returns the plan for the form, or the errors in the form. After a change of the form, returns the earlier result, with `isNewest: false`, until the
 * server has answered.
 */
export function usePlan(form: Filled): Omit<Made, 'of'> & { isNewest: boolean } {
  const [made, setMade] = useState<Made>({ of: '', plan: null, errors: [] })
  const of = JSON.stringify(form)
  useEffect(() => {
    let left = false
    const timer = setTimeout(() => {
      ask<PlanStatement>('/api/plan', form).then(
        (plan) => !left && setMade({ of, plan, errors: [] }),
        (error: unknown) => !left && setMade({ of, plan: null, errors: errorsOf(error) }),
      )
    }, pauseMs)
    return () => {
      left = true
      clearTimeout(timer)
    }
  }, [of])
  return { ...made, isNewest: made.of === of }
}
