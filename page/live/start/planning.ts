import { useEffect, useState } from 'preact/hooks'
import type { FieldError, PlanStatement, ScenarioFacts } from '../../../core/report/live/ui-protocol.ts'
import { ask, errorsOf } from '../calls.ts'
import type { Filled } from './form.ts'

/** A person types on for so long before the plan is made anew, milliseconds. */
const pauseMs = 350

/** What the chosen file offers; null while it is read, or when it cannot be. */
export function useScenario(file: string): ScenarioFacts | null {
  const [facts, setFacts] = useState<ScenarioFacts | null>(null)
  useEffect(() => {
    let left = false
    setFacts(null)
    if (file === '') return undefined
    // What is wrong with the file is said by the plan, which reads it as well.
    ask<ScenarioFacts>('/api/scenario', { file }).then(
      (found) => !left && setFacts(found),
      () => !left && setFacts(null),
    )
    return () => {
      left = true
    }
  }, [file])
  return facts
}

interface Made {
  /** The form that it was made of. */
  of: string
  plan: PlanStatement | null
  errors: readonly FieldError[]
}

/** The plan for what was filled in, or what is wrong with it; the one before while it is made anew. */
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
