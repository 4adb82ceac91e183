import { fnExpr } from '../../k6/code/functions.ts'
import { expression } from '../../k6/code/expressions.ts'
import { block } from '../../k6/code/statements/statements.ts'
import type { Apis, Frame, Module } from '../../k6/frame.ts'
import { nothingKnown } from '../../k6/nothing-known.ts'
import { type Node, Mentions, dotted } from '../../k6/syntax.ts'
import type { Expr } from '../../scenario/code.ts'
import type { Variables } from '../variables.ts'
import type { Source } from './reading.ts'

/** The facts about a request that the translation of its scripts needs. */
export interface ScriptPlace {
  variables: Variables
  /** The name and the method of the request; empty for a script of a folder or of the collection. */
  name: string
  method: string
}

/** The key of the response in the scope of a script. */
export const responseKey = '\u0000response'

/** Returns the frame for the translation of a script. */
export function frameOf({ place, text, program, comments }: Source, apis: Apis, response: Expr | null): Frame {
  const module: Module = {
    script: {
      file: place,
      program,
      comments,
      place: () => place,
      line: (position) => lineAt(text, position),
      linesBetween: (from, to) => text.slice(from, to).split('\n').length - 1,
    },
    mentions: new Mentions(program),
    imports: new Map(),
    functions: new Map(),
    constants: new Map(),
    ...nothingKnown(),
    translator: { expression, block, fn: fnExpr, isWaiting: (node) => waits(node) },
    prefix: '',
    folder: '',
    apis,
  }
  const scope: Frame['scope'] = new Map()
  if (response) scope.set(responseKey, { expr: response, kind: 'response' })
  return { module, mode: 'user', scope, before: [], group: null, folded: new Map() }
}

function lineAt(text: string, position: number): string {
  const start = text.lastIndexOf('\n', position - 1) + 1
  const end = text.indexOf('\n', position)
  return text.slice(start, end === -1 ? text.length : end).trim()
}

function waits(node: Node): boolean {
  return node.type === 'CallExpression' && /^(?:pm\.sendRequest|setTimeout)$/.test(dotted(node.callee))
}
