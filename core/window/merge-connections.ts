import { type Folding, fold } from './fold.ts'
import type { Window } from './window.ts'
import { type ProtocolCell, emptyProtocolCell, mostTargets, otherTargets } from './protocols.ts'

type Connections = Pick<Window, 'secured' | 'protocols'>

/**
 * Adds the counts of connections in `from` to the counts in `into`. Limits the number of rows, because a scenario may send requests to any number of
 * hosts.
 */
export function mergeConnections(into: Connections, from: Connections): void {
  for (const [key, count] of from.secured) into.secured.set(key, (into.secured.get(key) ?? 0) + count)
  for (const [key, cell] of from.protocols) {
    const mine = into.protocols.get(key) ?? emptyProtocolCell(cell.target, cell.protocol)
    into.protocols.set(key, mine)
    add(mine, cell)
  }
  fold(into.protocols, folding)
}

function add(into: ProtocolCell, from: ProtocolCell): void {
  into.connections += from.connections
  into.streams += from.streams
}

const folding: Folding<ProtocolCell> = {
  most: mostTargets,
  others: (_, { protocol }) => othersOf(protocol),
  add,
  isOthers: (key) => key.endsWith(otherTargets),
  rest: (_, { protocol }) => othersOf(protocol),
}

function othersOf(protocol: ProtocolCell['protocol']): { key: string; cell: ProtocolCell } {
  return { key: `${protocol} ${otherTargets}`, cell: emptyProtocolCell(otherTargets, protocol) }
}
