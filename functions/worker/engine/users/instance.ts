import { type UserRuntime, marks, shared } from '../../../../core/authoring/runtime.ts'
import { shieldOwnMethods } from '../../../../core/authoring/tasks.ts'
import type { HttpUser } from '../../../../core/authoring/http-user.ts'
import type { LoadedClass } from './context.ts'

/** Creates an instance of a scenario's class and connects the instance with its runtime. */
export function makeInstance(runtime: UserRuntime, userClass: LoadedClass): HttpUser {
  shared[marks.runtime] = runtime
  try {
    const instance = new userClass.make()
    shieldOwnMethods(instance)
    return instance
  } finally {
    delete shared[marks.runtime]
  }
}
