import type { Expr, Param, Pattern } from '../code.ts'
import { type Doc, brokenGroup, group, hardline, ifBroken, indent, join, line, softline, unwrapped } from './doc.ts'
import { propertyKey } from './literals.ts'
import { binaryParts, within } from './operators.ts'
import { printBlock, printExpr } from './printer.ts'

export type Arrow = Extract<Expr, { k: 'arrow' }>

export function printArrow({ params, body, async }: Arrow, broken = false): Doc {
  const head: Doc = [async ? 'async ' : '', printParams(params), ' =>']
  if (isStatements(body)) return group(head, ' ', printBlock(body))
  if (broken && (body.k === 'object' || body.k === 'array')) {
    const opened = brokenGroup(unwrapped(printExpr(body)))
    return [head, ' ', body.k === 'object' ? ['(', opened, ')'] : opened]
  }
  if (broken && body.k === 'call') return [head, indent(hardline, printExpr(body)), ',', hardline]
  if (body.k === 'object') return group(head, ' (', printExpr(body), ')')
  const printed = body.k === 'binary' ? group(binaryParts(body)) : within(body, 2)
  if (['array', 'template', 'arrow'].includes(body.k)) return group(head, ' ', printed)
  return body.k === 'cond'
    ? group(head, group(indent(line, ifBroken('', '('), printed, ifBroken('', ')'))))
    : group(head, group(indent(line, printed)))
}

export function isStatements(body: Arrow['body']): body is Extract<Arrow['body'], readonly unknown[]> {
  return Array.isArray(body)
}

export function printParams(params: readonly Param[]): Doc {
  if (params.length === 0) return '()'
  const [only] = params
  if (only && params.length === 1 && typeof only.name === 'string' && !only.value) return ['(', printParam(only), ')']
  return group('(', indent(softline, join([',', line], params.map(printParam))), ifBroken(',', ''), softline, ')')
}

function printParam({ name, type, value, rest }: Param): Doc {
  return [
    rest ? '...' : '',
    printPattern(name),
    type === undefined ? '' : `: ${type}`,
    value ? [' = ', printExpr(value)] : '',
  ]
}

function printPattern(name: string | Pattern): Doc {
  if (typeof name === 'string') return name
  if ('object' in name) return ['{ ', join(', ', name.object.map(printMember)), ' }']
  const last = name.array.findLastIndex((one) => one !== null)
  const items = name.array.slice(0, last + 1).map((one, index): Doc => {
    if (one === null) return ''
    return [index > 0 ? ' ' : '', printPattern(one)]
  })
  return ['[', join(',', items), ']']
}

/** Prints the name or the pattern of a variable. A pattern inside another pattern breaks the outer pattern into lines, as in prettier. */
export function printDeclared(name: string | Pattern): Doc {
  if (typeof name === 'string' || !('object' in name)) return printPattern(name)
  const isNested = name.object.some(([, target]) => typeof target !== 'string')
  if (!isNested) return printPattern(name)
  const isRest = name.object.at(-1)?.[0] === ''
  const members = join([',', hardline], name.object.map(printMember))
  return brokenGroup('{', indent(hardline, members, isRest ? '' : ','), hardline, '}')
}

function printMember([key, target, value]: Extract<Pattern, { object: unknown }>['object'][number]): Doc {
  const isShort = key === target || key === ''
  return [isShort ? '' : [propertyKey(key), ': '], printPattern(target), value ? [' = ', printExpr(value)] : '']
}
