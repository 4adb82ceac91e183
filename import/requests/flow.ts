import { member, self, str } from '../scenario/code.ts'
import type { Field } from '../scenario/model.ts'
import { Names } from '../scenario/names.ts'
import type { ImportedRequest } from './request.ts'
import type { Visit } from './tasks.ts'

/** Requests that belong together, and the values that they share with other groups. */
export interface Group {
  name: string
  doc?: string | undefined
  steps: readonly GroupStep[]
  /** The names of the values that are read from the responses of these requests. */
  gives: ReadonlySet<string>
  uses: ReadonlySet<string>
}

interface GroupStep {
  pause?: number | undefined
  /** Returns the request. `members` contains the names of the values that are members of the user. */
  request: (members: ReadonlySet<string>) => ImportedRequest
}

export interface Flow {
  start: Visit[]
  tasks: Visit[]
  fields: Field[]
  names: Names
}

/**
 * Divides groups of requests into `onStart` and tasks. Users draw tasks at random, so groups that share values must stay together. A group runs once,
 * in `onStart`, if a later group uses a credential from its responses. If this group uses values from earlier groups, the earlier groups also run in
 * `onStart`, before this group. All other groups become tasks. A group and the last group that uses its values are in the same task, together with
 * all groups between them.
 */
export function plannedVisits(groups: readonly Group[], credentials: ReadonlySet<string>): Flow {
  const first = startGroups(groups, credentials)
  const runs = joined(groups, first)
  const members = sharedValues(groups, first, runs)
  const visit = (indexes: readonly number[]): Visit => {
    const own = indexes.flatMap((index) => groups[index] ?? [])
    return {
      name: own[0]?.name ?? 'visit',
      doc: own.length === 1 ? own[0]?.doc : own.map(({ name }) => name).join(', then '),
      steps: own.flatMap(({ steps }, group) =>
        steps.map(({ pause, request }, step) => {
          // The pause before the first request of a task is left out, because this pause becomes the pause between tasks.
          const isFirst = group === 0 && step === 0
          return { request: request(members), ...(pause !== undefined && !isFirst && { pause }) }
        }),
      ),
    }
  }
  return {
    start: [...first].toSorted((a, b) => a - b).map((index) => visit([index])),
    tasks: runs.map(visit),
    fields: [...members].map((name) => ({ name, value: str('') })),
    names: new Names([...members, 'onStart']),
  }
}

/**
 * Returns the groups for `onStart`: the groups that give a credential to a later group, and the earlier groups on which these groups depend. Returns
 * an empty set if the result would contain all groups, because the tasks need at least one group.
 */
function startGroups(groups: readonly Group[], credentials: ReadonlySet<string>): Set<number> {
  const found = new Set<number>()
  const add = (index: number): void => {
    if (found.has(index)) return
    found.add(index)
    for (const name of groups[index]?.uses ?? []) {
      const giver = groups.findIndex(({ gives }) => gives.has(name))
      if (giver !== -1 && giver < index) add(giver)
    }
  }
  groups.forEach((group, index) => {
    const isNeeded = [...group.gives].some(
      (name) => credentials.has(name) && groups.some((other, at) => at > index && other.uses.has(name)),
    )
    if (isNeeded) add(index)
  })
  return found.size === groups.length ? new Set() : found
}

/** Joins each remaining group with the last group that uses its values, and with the groups between the two. */
function joined(groups: readonly Group[], first: ReadonlySet<number>): number[][] {
  const runs: number[][] = []
  let end = -1
  groups.forEach((group, index) => {
    if (first.has(index)) return
    const last = groups.findLastIndex(
      (other, at) => !first.has(at) && [...group.gives].some((name) => other.uses.has(name)),
    )
    if (index <= end) runs.at(-1)?.push(index)
    else runs.push([index])
    end = Math.max(end, last)
  })
  return runs
}

/** Returns the values that one method extracts from a response and another method uses. */
function sharedValues(groups: readonly Group[], first: ReadonlySet<number>, runs: readonly number[][]): Set<string> {
  const methodOf = (index: number): number => (first.has(index) ? -1 : runs.findIndex((run) => run.includes(index)))
  const found = new Set<string>()
  groups.forEach(({ gives }, index) => {
    for (const name of gives)
      if (groups.some(({ uses }, at) => uses.has(name) && methodOf(at) !== methodOf(index))) found.add(name)
  })
  return found
}

/** Returns the expression for a value of a response: a member of the user, or a constant of the method. */
export function valueExpr(
  name: string,
  members: ReadonlySet<string>,
): { k: 'id'; name: string } | ReturnType<typeof member> {
  return members.has(name) ? member(self, name) : { k: 'id', name }
}
