import { membersOfUser, valueName } from '../scenario/names.ts'

/** Returns a name for the user's field that contains the value of a variable. */
export function fieldName(name: string): string {
  const own = valueName(name)
  return membersOfUser.has(own) || own === 'iteration' ? `${own}_` : own
}
