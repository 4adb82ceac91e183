import { type Expr, type Field, type Method, type PlainClass, array, call, id, object } from '../code.ts'
import type { UserClass } from '../model.ts'
import { type Doc, brokenGroup, hardline, indent, join } from './doc.ts'
import { inComment } from './literals.ts'
import { printAssignment } from './operators.ts'
import { printBlock, printExpr } from './printer.ts'
import { printDoc, printSignature } from './statements.ts'

type Body = Pick<PlainClass, 'statics' | 'fields' | 'methods'> & { notes?: readonly string[] }

export function comments(texts: readonly string[]): Doc {
  return texts.map((text): Doc => [text === '' ? '//' : `// ${inComment(text)}`, hardline])
}

export function printUserClass(one: UserClass): Doc {
  const head = `${one.abstract ? 'abstract ' : ''}class ${one.name} extends ${one.base ?? 'HttpUser'} `
  return [printDoc(one.doc), head, bodyDoc(one, one.wait ? [printAssignment('wait', ' =', one.wait)] : [])]
}

export function classDoc(one: PlainClass): Doc {
  const head = `class ${one.name} ${one.base === undefined ? '' : `extends ${one.base} `}`
  return [printDoc(one.doc), head, bodyDoc(one, [])]
}

function bodyDoc({ statics, fields, methods, notes = [] }: Body, wait: readonly Doc[]): Doc {
  const all = [
    ...statics.map((field) => printField(field, 'static ')),
    ...wait,
    ...fields.map((field) => printField(field, '')),
  ]
  const members: Doc[] = [
    ...(all.length > 0 ? [join(hardline, all)] : []),
    ...methods.map(printMethod),
    ...(notes.length > 0
      ? [
          join(
            hardline,
            notes.map((text): Doc => `// ${inComment(text)}`),
          ),
        ]
      : []),
  ]
  if (members.length === 0) return '{}'
  return brokenGroup('{', indent(hardline, join([hardline, hardline], members)), hardline, '}')
}

function printField({ name, type, value, notes }: Field, modifier: string): Doc {
  const left = `${modifier}${name}${type === undefined ? '' : `: ${type}`}`
  return [comments(notes ?? []), value ? printAssignment(left, ' =', value) : left]
}

function printMethod(method: Method): Doc {
  const { name, task, async, generator, body } = method
  const words = [method.private ? 'private' : '', method.modifier ?? '', async ? 'async' : '']
  const modifier = words.map((word) => (word === '' ? '' : `${word} `)).join('')
  return [
    printDoc(method.doc),
    printTask(task),
    modifier,
    generator ? '*' : '',
    name,
    printSignature(method),
    printBlock(body),
  ]
}

function printTask(task: Method['task']): Doc {
  if (!task) return ''
  const isOne = task.weight.k === 'num' && task.weight.value === 1
  if (isOne && task.tags.length === 0) return ['@task', hardline]
  const tags: Expr[] =
    task.tags.length === 0
      ? []
      : [object([{ key: 'tags', value: array(task.tags.map((tag): Expr => ({ k: 'str', value: tag }))) }])]
  return ['@', printExpr(call(id('task'), task.weight, ...tags)), hardline]
}
