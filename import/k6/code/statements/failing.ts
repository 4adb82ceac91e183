import type { Stmt } from '../../../scenario/code.ts'
import { type Frame, note, translate } from '../../frame.ts'
import type { Node } from '../../syntax.ts'

/** Translates `fail('…')` and `exec.test.abort('…')`. */
export function failStmt(node: Extract<Node, { type: 'CallExpression' }>, frame: Frame, api: string): Stmt {
  if (api === 'k6/execution.test.abort') note(node, frame, 'this stops only the task; use abortOn to stop the run')
  const [text] = node.arguments
  const args = text && text.type !== 'SpreadElement' ? [translate(text, frame)] : []
  return { k: 'throw', of: { k: 'new', of: { k: 'id', name: 'Error' }, args } }
}
