import { type Seat, marks, meeting } from '../../../../core/authoring/runtime.ts'
import { shieldOwnMethods } from '../../../../core/authoring/tasks.ts'
import type { HttpUser } from '../../../../core/authoring/http-user.ts'
import type { LoadedClass } from './context.ts'

/** The object of the scenario's class that sits in a seat. */
export function makeInstance(seat: Seat, userClass: LoadedClass): HttpUser {
  meeting[marks.seat] = seat
  try {
    const instance = new userClass.make()
    shieldOwnMethods(instance)
    return instance
  } finally {
    delete meeting[marks.seat]
  }
}
