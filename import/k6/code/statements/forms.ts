import { id } from '../../../scenario/code.ts'
import { type FormField, type Frame, apiOf } from '../../frame.ts'
import { type Mention, type Node, keyOf, stringOf } from '../../syntax.ts'
import { ownName } from '../names.ts'

/**
 * Finds each `FormData` that a block fills and sends. In the scenario, the call that sends the form contains the fields, so the statements that build
 * the form are removed.
 */
export function foldForms(nodes: readonly Node[], frame: Frame, parent: { start: number; end: number }): void {
  if (frame.mode !== 'user') return
  for (const node of nodes) {
    const name = formName(node, frame)
    if (name === null) continue
    const mentions = frame.module.mentions.within(name, { start: node.end, end: parent.end })
    const fields = fieldsIn(mentions, nodes)
    if (!fields) continue
    frame.scope.set(name, { expr: id(ownName(name)), kind: 'form', fields: fields.map(({ field }) => field) })
    frame.folded.set(node, 'gone')
    for (const { call } of fields) frame.folded.set(call, 'gone')
  }
}

/** Returns the name in `const form = new FormData()`. */
function formName(node: Node, frame: Frame): string | null {
  const [only, more] = node.type === 'VariableDeclaration' ? node.declarations : []
  if (!only || more || only.id.type !== 'Identifier' || only.init?.type !== 'NewExpression') return null
  return apiOf(only.init.callee, frame) === 'formdata.FormData' ? only.id.name : null
}

interface Append {
  field: FormField
  call: Node
}

/**
 * Returns the fields of a form that this block fills with `append` calls and then sends. Returns null if the block uses the form in any other way.
 */
function fieldsIn(mentions: readonly Mention[], nodes: readonly Node[]): Append[] | null {
  const found: Append[] = []
  let isSent = false
  for (const [one, member, call] of mentions) {
    const key = member?.type === 'MemberExpression' && member.object === one ? keyOf(member) : null
    if (key === 'body' || key === 'boundary' || key === 'contentType') isSent = true
    else {
      const append = key === 'append' && !isSent ? appendIn(call, nodes) : null
      if (!append) return null
      found.push(append)
    }
  }
  return isSent ? found : null
}

function appendIn(call: Node | undefined, nodes: readonly Node[]): Append | null {
  if (call?.type !== 'CallExpression' || call.arguments.length !== 2) return null
  if (!nodes.some((node) => node.type === 'ExpressionStatement' && node.expression === call)) return null
  const [name, value] = call.arguments
  const text = stringOf(name)
  return text === null || !value || value.type === 'SpreadElement' ? null : { field: { name: text, value }, call }
}
