import { type Expr, id } from '../../scenario/code.ts'
import type { Parent, Plan, Turn } from '../plan.ts'
import type { Element } from '../xml.ts'
import type { Step } from './step.ts'

/** Functions that translate the elements below a controller. */
export interface Below {
  /** Returns all steps in their order. */
  steps(): Step[]
  /** Returns the steps of each sampler and controller separately. */
  parts(): Parts
}

export interface Parts {
  /** The steps of elements other than samplers and controllers. These steps run before `parts`. */
  before: Step[]
  parts: Part[]
}

/** A sampler, or a controller with the steps below it. */
export interface Part {
  name: string
  steps: Step[]
}

export type Control = (plan: Plan, element: Element, below: Below) => Step[]

/** Calls `run`, which translates the elements inside a controller. Returns the result of `run`. */
export function inside<T>(plan: Plan, parent: Parent, run: () => T): T {
  const names = plan.names
  plan.parents.push(parent)
  if (parent.kind !== 'plain') plan.names = names.copy()
  const found = run()
  plan.names = names
  plan.parents.pop()
  return found
}

/** Returns a name for a variable of the current block. */
export function takeLocal(plan: Plan, wanted: string): string {
  const name = plan.names.take(wanted)
  plan.localNames.add(name)
  return name
}

/** Calls `run` and returns its result. During this call, the expressions in `locals` replace the variables of the plan. */
export function withLocals<T>(
  plan: Plan,
  locals: readonly (readonly [name: string, expr: () => Expr])[],
  run: () => T,
): T {
  const before = plan.locals
  plan.locals = new Map([...before, ...locals])
  const found = run()
  plan.locals = before
  return found
}

/** Returns the variable that counts the passes of a loop, and the JMeter variable that contains the same number. */
export function turnOf(plan: Plan, element: Element): { turn: Turn; local: readonly [string, () => Expr] } {
  const turn: Turn = { name: plan.names.copy().take('turn'), isUsed: false }
  plan.numeric.add(turn.name)
  const index = (): Expr => {
    turn.isUsed = true
    return id(turn.name)
  }
  return { turn, local: [`__jm__${element.attributes['testname'] ?? ''}__idx`, index] }
}
