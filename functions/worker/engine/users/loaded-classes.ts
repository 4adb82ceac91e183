import type { Scenario } from '../../../../core/authoring/definition.ts'
import type { HttpUser } from '../../../../core/authoring/http-user.ts'
import type { EngineSetup } from '../protocol.ts'
import { type LoadedClass, sourcesOf } from './context.ts'

/**
 * Returns the planned classes, ready to be instantiated.
 * @throws Error when the bundle does not contain a planned class
 */
export function loadClasses(setup: EngineSetup, scenario: Scenario): LoadedClass[] {
  return setup.plan.classes.map((planned) => {
    const make = scenario.users.find((one) => one.name === planned.name) as typeof HttpUser & LoadedClass['make']
    if (!make) throw new Error(`the bundle has no user class ${planned.name}`)
    const { name, tasks } = planned
    const closes = (make as { connection?: unknown }).connection === 'close'
    const http2 = make.http2 ?? scenario.http2 ?? false
    return { name, tasks, sources: sourcesOf(name, tasks), make, closes, http2 }
  })
}
