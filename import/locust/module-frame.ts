import { Names } from '../scenario/names.ts'
import { localNames } from './classes/params.ts'
import { planOf } from './code/declarations.ts'
import type { Frame, Module } from './frame.ts'
import type { PyStmt } from './python/syntax.ts'

/** Returns the frame for code that does not belong to a user. */
export function moduleFrame(module: Module, body: readonly PyStmt[]): Frame {
  return {
    module,
    self: null,
    scope: new Map(),
    names: new Names(localNames(module)),
    plan: planOf(body),
    before: [],
    judged: null,
    isText: false,
    isTask: false,
    returns: undefined,
  }
}
