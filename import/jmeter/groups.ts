import { type Profile, profileOf } from '../k6/options/profile.ts'
import { type Plan, todoFor } from './plan.ts'
import { numberIn } from './texts.ts'
import { type Element, property, textOf } from './xml.ts'

/** The load that a thread group describes. */
export interface GroupLoad {
  threads: number
  profile: Profile
  notes: string[]
}

const minutes10 = 600

/** Returns the number of users of a thread group, and the time for which they run. */
export function loadOf(plan: Plan, element: Element): GroupLoad {
  const number = (name: string): number | null => numberIn(plan, textOf(element, name))
  const threads = Math.max(0, Math.round(number('ThreadGroup.num_threads') ?? 1))
  const ramp = Math.max(0, number('ThreadGroup.ramp_time') ?? 0)
  const isScheduled = textOf(element, 'ThreadGroup.scheduler') === 'true'
  const duration = isScheduled ? number('ThreadGroup.duration') : null
  const delay = (isScheduled ? number('ThreadGroup.delay') : null) ?? 0
  const whole = duration ?? ramp + minutes10
  const rise = Math.min(ramp, whole)
  const stages = [
    ...(rise > 0 ? [{ seconds: rise, to: threads }] : []),
    { seconds: Math.max(0, whole - rise), to: threads },
  ]
  const profile = profileOf(Math.max(0, delay), rise > 0 ? 0 : threads, stages)
  return { threads, profile, notes: endNotes(plan, element, duration) }
}

/** Returns a comment if a thread group ends after a number of iterations, or never ends. */
function endNotes(plan: Plan, element: Element, duration: number | null): string[] {
  const controller = property(element, 'ThreadGroup.main_controller')
  const loops = controller ? numberIn(plan, textOf(controller, 'LoopController.loops')) : null
  if (loops !== null && loops > 0)
    return [todoFor(plan, element, `pass --iterations ${loops} to burst run; the number applies to each user`)]
  return duration === null
    ? [todoFor(plan, element, 'this group has no end; without -t, the run lasts 10 minutes')]
    : []
}
