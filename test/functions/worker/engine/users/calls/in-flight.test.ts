import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { AwaitedByUser } from '../../../../../../functions/worker/engine/users/calls/in-flight.ts'

test('the set of calls that a user awaits contains each call once, and calls may be deleted while the set is iterated', () => {
  const members = Array.from({ length: 6 }, (_, index) => ({ index }))
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.boolean(), fc.nat(5))), (steps) => {
      const [awaited, model] = [new AwaitedByUser<object>(), new Set<object>()]
      for (const [adds, index] of steps) {
        const member = members[index] as object
        // Each request is added only once.
        if (adds && !model.has(member)) awaited.add(member)
        if (!adds) awaited.delete(member)
        if (adds) model.add(member)
        else model.delete(member)
        expect(awaited.size).toBe(model.size)
        expect(new Set(awaited)).toEqual(model)
      }
      const visited = []
      for (const member of awaited) {
        awaited.delete(member)
        visited.push(member)
      }
      expect(new Set(visited)).toEqual(model)
      expect(visited).toHaveLength(model.size)
      expect(awaited.size).toBe(0)
    }),
  )
})
