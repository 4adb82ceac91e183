import { membersOfUser, valueName } from '../scenario/names.ts'

/** Returns a name for the field of the user that contains a variable. */
export function fieldName(name: string): string {
  const own = valueName(name)
  return membersOfUser.has(own) || own === 'iteration' ? `${own}_` : own
}
